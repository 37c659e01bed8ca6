"""The way to the database: engines, sessions, its clock, and what its refusals mean."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from ripeline.values import Refusal

BUSY_SECONDS = 30


@cache
def engine_for(url: str) -> sa.Engine:
    """Return the engine of a database URL, one a process.

    `sqlite:///path` and `postgresql://…` (psycopg 3) are understood; anything else raises Refusal.
    """
    parts = _parsed(re.sub(r"^postgres(ql)?(\+psycopg)?:", "postgresql+psycopg:", url))
    return _sqlite(parts) if parts.drivername == "sqlite" else sa.create_engine(parts, pool_pre_ping=True)


def _parsed(url: str) -> sa.URL:
    form = "give sqlite:///path or postgresql://user:password@host/name"
    try:
        parts = sa.engine.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:  # its own words would repeat the password
        raise Refusal(f"RIPELINE_DATABASE_URL is no database URL: {form}") from error
    if parts.drivername not in ("sqlite", "postgresql+psycopg"):
        raise Refusal(f"RIPELINE_DATABASE_URL starts with {parts.drivername!r}: {form}")
    if parts.drivername == "sqlite" and parts.database in (None, "", ":memory:"):
        raise Refusal("RIPELINE_DATABASE_URL names no file, and what lies in memory is lost: give sqlite:///path")
    return parts


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below is the only one
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later can meet SQLITE_BUSY that no timeout mends: sweeps ask for the write lock at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes", True) else "BEGIN")

    return engine


@contextmanager
def open_session(url: str, *, writes: bool = True) -> Iterator[Session]:
    """Give a session that commits nothing by itself; a database out of reach raises Refusal.

    With `writes` false it takes no write lock on SQLite, so that reading commands never wait for a sweep.
    """
    with reached(url), engine_for(url).execution_options(writes=writes).connect() as connection, Session(bind=connection) as session:
        yield session


@contextmanager
def reached(url: str) -> Iterator[None]:
    """Turn what the database's driver raises when it cannot work into a Refusal that says what to do; what is our own mistake stays as it is."""
    try:
        yield
    except _driver_errors() as error:
        said = _said(url, error)
        if said is None:
            raise
        raise Refusal(said, 3) from error


def _driver_errors() -> tuple[type[Exception], ...]:
    """Return what may come through: SQLAlchemy's own, SQLite's from inside a connect hook, and ADBC's, if a bulk read loaded it."""
    adbc = sys.modules.get("adbc_driver_manager")
    return (sa.exc.DBAPIError, sqlite3.Error, *([adbc.Error] if adbc else []))


_NOT_OURS = {"42P01", "42703", "3F000"}  # undefined table, column, schema
_IN_THE_WAY = {"40001", "40P01", "55P03"}  # serialisation, deadlock, lock not available
_FORBIDDEN = "42501"


def _said(url: str, error: Exception) -> str | None:
    """Return what a person can do about an error, None where it is a mistake of this program."""
    original = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    said, state = next(iter(str(original).strip().splitlines()), type(original).__name__), str(getattr(original, "sqlstate", None) or "")
    shown = sa.engine.make_url(url).render_as_string(hide_password=True)
    if state in _NOT_OURS or re.search("no such (table|column)|has no column named", said):
        return _behind(url, shown)
    if state in _IN_THE_WAY or "database is locked" in said or "database table is locked" in said:
        return f"the database {shown} was held by another process for too long: run it again when that one is done"
    if isinstance(original, sqlite3.IntegrityError) or state.startswith(("22", "23")) or 'near "' in said or (state.startswith("42") and state != _FORBIDDEN):
        return None
    if "is not a database" in said or "malformed" in said:
        return f"{shown} is no SQLite database, or a damaged one ({said}): check RIPELINE_DATABASE_URL, or put a backup in its place"
    remedy = "its folder exists, is writable and has room" if shown.startswith("sqlite") else "the server is up and lets you in"
    return f"the database {shown} cannot be used ({said}): check RIPELINE_DATABASE_URL, and that {remedy}"


def _behind(url: str, shown: str) -> str | None:
    from ripeline.migrations import current, newest

    have, want = current(engine_for(url)), newest()
    if have is None:
        return f"the database {shown} has no tables yet: run `ripeline db upgrade`"
    return f"the database {shown} is at revision {have} and this program wants {want}: run `ripeline db upgrade`" if have != want else None


def database_now(session: Session) -> datetime:
    """Return the database's clock, aware, UTC. Read it once, at the top, where nobody gave a `now`."""
    if session.get_bind().dialect.name == "sqlite":
        microseconds = session.execute(sa.text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000")).scalar_one()
        return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    moment: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)
