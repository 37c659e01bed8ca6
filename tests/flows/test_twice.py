"""Any flow run twice, at the same time or again, leaves what running it once leaves (RELIABILITY I11, B1)."""

import contextvars
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from people import NOW
from prefect import Flow
from world import copy_playbook, populate, story

from ripeline.database import engine_for
from ripeline.standing.environment import environment
from ripeline.values import Tally

BEFORE = {
    "rescore": (),
    "segment": ("rescore",),
    "handoff": ("rescore", "segment"),
    "schedule": ("rescore", "segment", "handoff"),
    "deliver": ("rescore", "segment", "handoff", "schedule"),
}
"""Which flows have to have run before a flow has anything to do."""

LATER = NOW + timedelta(days=2)
"""By then every first touch is due."""


def _flow(name: str) -> Flow[..., Tally]:
    from importlib import import_module

    flow: Flow[..., Tally] = getattr(import_module(f"flows.{name}"), name)
    return flow


@pytest.fixture
def once(empty_sqlite: Path, at_work: str, tmp_path: Path) -> Iterator[Callable[[str], dict[str, list[tuple[Any, ...]]]]]:
    """Give a function that tells the story of a world of its own in which every flow up to the named one ran once."""
    url = f"sqlite:///{shutil.copy(empty_sqlite, tmp_path / 'once.db')}"

    def play(name: str) -> dict[str, list[tuple[Any, ...]]]:
        copy_playbook(at_work, url)
        with environment({"RIPELINE_DATABASE_URL": url, "RIPELINE_MAILDIR_FOLDER": str(tmp_path / "mail-once")}):
            _prepare(url, name)
            _flow(name)(now=LATER if name == "deliver" else NOW)
        return story(url)

    yield play
    engine_for(url).dispose()


def _prepare(url: str, name: str) -> None:
    populate(url)
    for earlier in BEFORE[name]:
        _flow(earlier)(now=NOW)


@pytest.mark.parametrize("name", BEFORE)
def test_a_flow_run_twice_at_once_and_again_leaves_what_running_it_once_leaves(name: str, once: Any, at_work: str, prefect_server: str) -> None:
    now = LATER if name == "deliver" else NOW
    _prepare(at_work, name)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(contextvars.copy_context().run, _flow(name), now=now) for _ in range(2)]
        done = [each.result() for each in both]
    again = _flow(name)(now=now)

    assert any(any(tally.counts.values()) for tally in done)
    assert not any(again.counts.values())
    assert story(at_work) == once(name)
