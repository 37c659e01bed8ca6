"""A Prefect server for the tests of flows, one for all of them; and a database with a playbook, where flows find it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shipped import in_english, make_live
from waiting import PATIENCE
from world import surroundings

from ripeline.database import open_session

IDLE = ("CANCELLATION_CLEANUP", "CLEANUP_RECONCILER", "FOREMAN", "LATE_RUNS", "PAUSE_EXPIRATIONS", "REPOSSESSOR", "SCHEDULER", "TRIGGERS")
"""Services of the server that no test asks anything of; they look round every few seconds."""


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the API URL of a Prefect server on loopback; flows called in this process run on it, without heartbeats."""
    import prefect.settings as prefect_settings
    from prefect.testing.utilities import prefect_test_harness

    apart = {
        prefect_settings.PREFECT_HOME: tmp_path_factory.mktemp("prefect"),
        prefect_settings.PREFECT_LOCAL_STORAGE_PATH: tmp_path_factory.mktemp("prefect-storage"),
        prefect_settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
    }
    monkeypatched = pytest.MonkeyPatch()
    for service in IDLE:
        monkeypatched.setenv(f"PREFECT_SERVER_SERVICES_{service}_ENABLED", "false")
    with prefect_settings.temporary_settings(apart), prefect_test_harness(server_startup_timeout=PATIENCE):
        yield str(prefect_settings.PREFECT_API_URL.value())
    monkeypatched.undo()


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Any]]]:
    """Give a function that returns the events of ours that were emitted so far; none of them reaches the server."""
    from prefect.events.clients import AssertingEventsClient
    from prefect.events.worker import EventsWorker

    worker = EventsWorker.instance(AssertingEventsClient)
    monkeypatch.setattr(EventsWorker, "instance", lambda *_: worker)

    def ours() -> list[Any]:
        worker.wait_until_empty()
        return [event for event in getattr(worker._client, "events", []) if event.event.startswith("ripeline.")]

    yield ours
    worker.drain()


@pytest.fixture
def at_work(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the URL of a database with the shipped playbook applied, which is also where this process's flows look."""
    for name, value in surroundings(url, tmp_path / "var").items():
        monkeypatch.setenv(name, value)
    with open_session(url) as session:
        make_live(session, in_english())
    return url
