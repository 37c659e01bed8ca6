"""Any flow run twice, at the same time or again, leaves what running it once leaves (RELIABILITY I11, B1)."""

import contextvars
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from people import NOW
from shipped import in_english, make_live
from world import populate, story, surroundings

from ripeline.database import engine_for, open_session
from ripeline.standing.environment import environment
from ripeline.sweep.run import ORDER, run_sweep

FLOWS = tuple(name for name in ORDER if name != "ingest")
LATER = NOW + timedelta(days=2)
"""By then every first touch is due."""

Story = dict[str, list[tuple[Any, ...]]]


def _flow(name: str) -> Any:
    return getattr(import_module(f"flows.{name}"), name)


def _now(name: str) -> datetime:
    return LATER if name == "deliver" else NOW


@pytest.fixture(scope="module")
def once(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, prefect_server: str) -> Iterator[dict[str, Story]]:
    """Give the story after each flow, in a world of its own in which every flow ran once, one after the other."""
    folder = tmp_path_factory.mktemp("once")
    url = f"sqlite:///{shutil.copy(empty_sqlite, folder / 'once.db')}"
    with open_session(url) as session:
        make_live(session, in_english())
    populate(url)
    stories = {}
    with environment(surroundings(url, folder)):
        for name in FLOWS:
            _flow(name)(now=_now(name))
            stories[name] = story(url)
    yield stories
    engine_for(url).dispose()


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_run_twice_at_once_and_again_leaves_what_running_it_once_leaves(name: str, once: dict[str, Story], at_work: str) -> None:
    populate(at_work)
    for earlier in FLOWS[: FLOWS.index(name)]:
        run_sweep(at_work, earlier, now=NOW)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(contextvars.copy_context().run, _flow(name), now=_now(name)) for _ in range(2)]
        done = [each.result() for each in both]
    again = _flow(name)(now=_now(name))

    assert any(any(tally.counts.values()) for tally in done)
    assert not any(again.counts.values())
    assert story(at_work) == once[name]
