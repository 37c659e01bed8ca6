"""The base: the real database, read in one read-only snapshot, copied into a private SQLite file, and hashed to prove that it is untouched."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

import models  # noqa: F401  (registers the tables)
from models.columns import UtcDateTime
from ripeline.database import BUSY_SECONDS, engine_for, reached

NOT_NEEDED = frozenset({"sweep_run", "parked_event"})
"""Tables that no simulated sweep reads. They are hashed like the others."""

ROWS_AT_ONCE, ROWS_LOOKED_AT = 20_000, 1_000

Row = tuple[Any, ...]
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Print:
    """The fingerprint of a table: how many rows, and a hash over all of them that does not hang on their order."""

    rows: int
    digest: str


Prints = Mapping[str, Print]
"""By table name."""


@dataclass(frozen=True)
class Reading:
    """One read-only snapshot of the base. Rows come as SQLite keeps them, whichever database they are read from: equal facts, equal prints."""

    rows: Callable[[sa.Table], Iterator[Row]]


@contextmanager
def snapshot(url: str) -> Iterator[Reading]:
    """Give one snapshot of the base, over a connection that cannot write."""
    with reached(url):
        engine = engine_for(url)
        with _from_sqlite(str(engine.url.database)) if engine.dialect.name == "sqlite" else _from_postgresql(engine) as reading:
            yield reading


@contextmanager
def _from_sqlite(file: str) -> Iterator[Reading]:
    with closing(sqlite3.connect(f"{Path(file).absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        yield Reading(lambda table: connection.execute(f"SELECT {_names(table)} FROM {_quoted(table.name)}"))


@contextmanager
def _from_postgresql(engine: sa.Engine) -> Iterator[Reading]:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:

        def rows(table: sa.Table) -> Iterator[Row]:
            columns = ", ".join(_as_sqlite_keeps(column) for column in table.columns)
            found = connection.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE).exec_driver_sql(f"SELECT {columns} FROM {_quoted(table.name)}")
            return (tuple(row) for row in found)

        yield Reading(rows)


def _as_sqlite_keeps(column: sa.Column[Any]) -> str:
    """Return the PostgreSQL expression for what SQLite would hold in a column."""
    name = _quoted(column.name)
    if isinstance(column.type, UtcDateTime):
        return f"(extract(epoch FROM {name}) * 1000000)::bigint"
    if isinstance(column.type, sa.Uuid):
        return f"replace({name}::text, '-', '')"
    if isinstance(column.type, sa.JSON):
        return f"{name}::text"
    if isinstance(column.type, sa.Boolean):
        return f"{name}::int"
    return name


def _names(table: sa.Table) -> str:
    return ", ".join(_quoted(column.name) for column in table.columns)


def _quoted(name: str) -> str:
    return f'"{name}"'


def tables() -> list[sa.Table]:
    """Return every table of the base, those that others point to first."""
    return list(SQLModel.metadata.sorted_tables)


def copied(url: str, into: Path, tick: Tick = lambda done, total: None) -> Prints:
    """Copy the base into a new SQLite file with the same tables and return the prints of the snapshot it was read from."""
    engine = engine_for(f"sqlite:///{into}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    found, every = {}, tables()
    with snapshot(url) as reading, closing(sqlite3.connect(into, isolation_level=None)) as private:
        private.execute("PRAGMA synchronous=OFF")
        private.execute("BEGIN")
        for number, table in enumerate(every, start=1):
            write = None if table.name in NOT_NEEDED else _writer(private, table)
            found[table.name] = _print(reading.rows(table), write)
            tick(number, len(every))
        private.execute("COMMIT")
        private.execute("ANALYZE")
    return found


def look_over(url: str) -> None:
    """Let SQLite look at a private file, a sample of each index, and choose by it from now on."""
    engine = engine_for(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()  # a connection reads what was found when it is opened


def prints(url: str) -> Prints:
    """Return the prints of the base as it stands now, read in one snapshot."""
    with snapshot(url) as reading:
        return {table.name: _print(reading.rows(table)) for table in tables()}


def _writer(private: sqlite3.Connection, table: sa.Table) -> Callable[[list[Row]], object]:
    statement = f"INSERT INTO {_quoted(table.name)} ({_names(table)}) VALUES ({', '.join('?' * len(table.columns))})"
    return lambda rows: private.executemany(statement, rows)


def _print(rows: Iterator[Row], write: Callable[[list[Row]], object] | None = None) -> Print:
    count, total = 0, 0
    while some := list(islice(rows, ROWS_AT_ONCE)):
        count += len(some)
        # A sum does not hang on the order, which PostgreSQL does not promise.
        total += sum(int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest(), "big") for row in some)
        if write:
            write(some)
    return Print(count, f"{total % 2**128:032x}")


def changed(before: Prints, after: Prints) -> dict[str, int]:
    """Return by table how many rows more the base has (0: as many, but others) where its prints differ; empty: it is untouched."""
    return {name: after[name].rows - each.rows for name, each in before.items() if after[name] != each}
