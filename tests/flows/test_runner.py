"""The same batches on threads and on Dask: one setting, equal results."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from people import NOW
from sqlmodel import col, select
from world import copy_playbook, populate, story

from flows.rescore import rescore
from flows.runner import task_runner
from flows.schedule import schedule
from flows.segment import segment
from models import SweepRun
from ripeline.database import engine_for, open_session
from ripeline.standing.environment import environment
from ripeline.values import Refusal


@pytest.fixture
def dask_scheduler() -> Iterator[str]:
    """Give the address of a Dask scheduler on loopback with two workers, all in this process."""
    from distributed import LocalCluster

    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_dask_takes_the_same_batches_as_threads_do_and_leaves_the_same_on_either_database(
    at_work: str, empty_sqlite: Path, tmp_path: Path, prefect_server: str, emitted: Any, dask_scheduler: str
) -> None:
    first, second = (f"sqlite:///{shutil.copy(empty_sqlite, tmp_path / name)}" for name in ("threads.db", "dask.db"))
    for file in (first, second):
        copy_playbook(at_work, file)

    by_threads = _played(first, "thread")
    by_dask = {name: _played(url, dask_scheduler) for name, url in (("SQLite", second), ("PostgreSQL", at_work))}

    for file in (first, second):
        engine_for(file).dispose()
    assert len(by_threads["scores"]) == 24
    assert any(by_threads["messages"])
    assert by_dask == {"SQLite": by_threads, "PostgreSQL": by_threads}


def _played(url: str, runner: str) -> dict[str, list[tuple[Any, ...]]]:
    populate(url)
    with environment({"RIPELINE_DATABASE_URL": url, "RIPELINE_TASK_RUNNER": runner}):
        for flow in (rescore, segment, schedule):
            flow(now=NOW, batch_size=12)
    with open_session(url, writes=False) as session:
        runs = [(run.sweep, sorted(run.counts.items())) for run in session.exec(select(SweepRun).order_by(col(SweepRun.started_at)))]
    return {**story(url), "runs": runs}


def test_dask_that_is_not_installed_is_asked_for_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect_dask.task_runners", None)

    with pytest.raises(Refusal, match=r"pip install 'ripeline\[dask\]', or set it to thread"):
        task_runner("dask")
