"""A Prefect server of our own on loopback: its environment, its start, and waiting until it answers. Sends no telemetry."""

import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from ripeline.standing.child import Child
from ripeline.standing.environment import environment
from ripeline.values import Refusal

HOST = "127.0.0.1"
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
}
IN_MEMORY = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true&check_same_thread=false"}
"""For a server whose records end with it. Prefect then has one connection, for which requests queue: on a file two that write get in each other's way,
and SQLite lets the second one sleep."""

START_SECONDS = 300.0


def free_port(wanted: int = 0) -> int:
    """Return `wanted` if nobody listens there, else the next free one above it; 0: one the system chooses."""
    for port in range(wanted, wanted + 50) if wanted else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Refusal(f"no free port from {wanted} to {wanted + 49} on {HOST}: stop something that listens there", 3)


def prefect_environment(home: Path, port: int) -> dict[str, str]:
    """Return this process's environment with Prefect's part replaced: our server, our folder, nothing sent away."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return inherited | QUIET | {"PREFECT_HOME": str(home), "PREFECT_API_URL": f"http://{HOST}:{port}/api"}


@contextmanager
def flows_run_on(home: Path, port: int) -> Iterator[None]:
    """Make flows called in this process run on our server: without heartbeats, which cost a second a run, and silent on the terminal."""
    ours = {name: value for name, value in prefect_environment(home, port).items() if name.startswith("PREFECT_") or name in QUIET}
    with environment(ours | {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}):
        from prefect import settings

        apart = {settings.PREFECT_API_URL: ours["PREFECT_API_URL"], settings.PREFECT_HOME: home, settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
        apart |= {settings.PREFECT_API_SSL_CERT_FILE: str(_one_authority(home)), settings.PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False}
        with settings.temporary_settings(apart), settings.temporary_settings({settings.PREFECT_DEFAULT_RESULT_STORAGE_BLOCK: _own_storage(home)}):
            try:
                yield
            finally:
                _tell_the_rest()


def _own_storage(folder: Path) -> str:
    """Name a place for results on the server and return its name: unnamed, each run would ask twice for one it never uses."""
    from prefect.filesystems import LocalFileSystem

    LocalFileSystem(basepath=str(folder / "storage")).save("ripeline", overwrite=True)
    return "local-file-system/ripeline"


def _one_authority(folder: Path) -> Path:
    """Return a file with one certificate: on loopback nobody looks at any, and to read all that there are costs each run 25 ms."""
    import certifi

    end = "-----END CERTIFICATE-----"
    file = folder / "one-authority.pem"
    file.write_text(Path(certifi.where()).read_text(encoding="utf-8").partition(end)[0] + end + "\n", encoding="utf-8")
    return file


def _tell_the_rest() -> None:
    """Send what Prefect has not told its server yet: at the end of the process, when it would, our server is gone."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=10)


def start_prefect_server(home: Path, port: int, log: Path, more: Mapping[str, str] | None = None, *, has_services: bool = True) -> Child:
    """Start a server whose database and settings lie in `home`; it answers some seconds later, see `wait_until_healthy`.

    Without its services it keeps runs and logs, but schedules nothing and nudges nobody: enough for flows that one process calls.
    """
    home.mkdir(parents=True, exist_ok=True)
    environment = prefect_environment(home, port) | dict(more or {})
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port), "--analytics-off"]
    command += [] if has_services else ["--no-services"]
    return Child("Prefect server", command, log, environment)


def wait_until_healthy(server: Child, port: int, path: str = "/api/health", meanwhile: Iterator[object] = iter(())) -> None:
    """Return when the server answers; a server that ends or stays silent raises Refusal with its last words.

    `meanwhile` is work in small steps, done while we wait; what is left of it when the server answers stays undone.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.has_ended():
            raise Refusal(f"the {server.name} ended at its start; the end of {server.log}:\n{server.last_words()}", 3)
        if answers(port, path):
            return
        if next(meanwhile, None) is None:
            time.sleep(0.1)
    raise Refusal(f"the {server.name} did not answer within {START_SECONDS:.0f} s: see {server.log}", 3)


def answers(port: int, path: str) -> bool:
    """Return whether a GET on loopback gives 200."""
    try:
        with urlopen(f"http://{HOST}:{port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, HTTPException, OSError):
        return False
