"""The way to the database: engines, sessions, its clock, and frames read in bulk."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from ripeline.values import Refusal

if TYPE_CHECKING:
    import polars as pl

BUSY_SECONDS = 30


@lru_cache(maxsize=8)
def engine_for(url: str) -> sa.Engine:
    """Return the engine of a database URL, one a process.

    `sqlite:///path` and `postgresql://…` (psycopg 3) are understood; anything else raises Refusal.
    """
    dialect = url.split(":", 1)[0]
    if dialect in ("sqlite",):
        return _sqlite(url)
    if dialect in ("postgresql", "postgresql+psycopg", "postgres"):
        return sa.create_engine(re.sub(r"^postgres(ql)?(\+psycopg)?:", "postgresql+psycopg:", url), pool_pre_ping=True)
    raise Refusal(f"RIPELINE_DATABASE_URL starts with {dialect!r}: give sqlite:///path or postgresql://user:password@host/name")


def _sqlite(url: str) -> sa.Engine:
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
    """Turn what the database's driver raises when it cannot work into a Refusal that says what to do."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        raise Refusal(_out_of_reach(url, error), 3) from error


def _out_of_reach(url: str, error: sa.exc.DBAPIError) -> str:
    shown = sa.engine.make_url(url).render_as_string(hide_password=True)
    said = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    if "no such table" in said or "does not exist" in said and "relation" in said:
        return f"the database {shown} has no tables yet: run `ripeline db upgrade`"
    if "locked" in said:
        return f"the database {shown} was locked by another process for {BUSY_SECONDS} s: try again when it is done"
    return f"the database {shown} cannot be used ({said}): check RIPELINE_DATABASE_URL and that the server is up and the disk writable"


def database_now(session: Session) -> datetime:
    """Return the database's clock, aware, UTC. Read it once, at the top, where nobody gave a `now`."""
    if session.get_bind().dialect.name == "sqlite":
        microseconds = session.execute(sa.text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000")).scalar_one()
        return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    moment: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


def read_frame(engine: sa.Engine, query: sa.Select[Any], schema: Mapping[str, "pl.DataType | type[pl.DataType]"]) -> "pl.DataFrame":
    """Return what `query` selects as a frame with the columns and types of `schema`, read by ADBC outside any transaction.

    Instants come as Datetime("us", "UTC"). Bound values are written into the SQL by the column types, never by us.
    """
    from ripeline.frames import fetch

    sql = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    return fetch(engine, sql, schema)
