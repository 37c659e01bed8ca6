"""A Prefect server for the tests of flows, one for all of them; and a database with a playbook, where flows find it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from people import NOW
from waiting import PATIENCE

from models import PlaybookApplication, PlaybookVersion
from ripeline.database import open_session
from ripeline.playbook.files import content_hash, read_folder
from ripeline.settings import CLONE

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
    for name, value in {
        "DATABASE_URL": url,
        "VAR": str(tmp_path / "var"),
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "CHANNEL": "maildir",
        "SENDER_NAME": "Nora at Tidewerk",
        "SENDER_ADDRESS": "nora@tidewerk.example",
        "COMPANY": "Tidewerk BV",
        "POSTAL_ADDRESS": "Keizersgracht 1, 1015 CN Amsterdam, Netherlands",
    }.items():
        monkeypatch.setenv(f"RIPELINE_{name}", value)
    files = read_folder(CLONE)
    version = content_hash(files)
    with open_session(url) as session:  # as `apply` would, without checking the shipped playbook before each test
        session.add(PlaybookVersion(hash=version, files=files, created_at=NOW, created_by="a test"))
        session.flush()
        session.add(PlaybookApplication(hash=version, applied_at=NOW, applied_by="a test"))
        session.commit()
    return url
