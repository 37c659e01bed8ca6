"""Events into their table, by the hundred thousand: those that are there are left out."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session

from models.columns import UtcDateTime
from ripeline.frames import INSTANT
from ripeline.sweep.bulk import is_sqlite

PROPERTY_TYPES: dict[str, pl.DataType] = {
    "path": pl.String(), "form": pl.String(), "asset": pl.String(), "touch": pl.String(), "seconds": pl.Int64(), "amount": pl.Float64(),
}  # fmt: skip
"""The properties of an event that have a column of their own."""

EVENT_SCHEMA: dict[str, pl.DataType] = {
    "lead_id": pl.Int64(), "at": INSTANT, "id": pl.Int64(), "kind": pl.String(), "actor": pl.String(), **PROPERTY_TYPES,
    "more": pl.String(), "message_id": pl.String(), "source": pl.String(), "source_id": pl.String(),
}  # fmt: skip
"""Events as a frame. `more` is the JSON text of an object or null, `message_id` 32 hex digits or null."""

IMPORT_CACHE_KIB = 131_072
MOST_VALUES = 32_000
"""So many values does every SQLite take in one statement, since 3.32."""


def store_events(session: Session, events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Store events of EVENT_SCHEMA and return those that were new; raising the facts of their leads is left to the caller.

    An event is known by (source, source_id); of two in `events` the first counts. `now` becomes `received_at`.
    """
    once = events.select(EVENT_SCHEMA.keys()).unique(["source", "source_id"], keep="first", maintain_order=True).sort("lead_id", "at", "id")
    if once.is_empty():
        return once
    return _into_sqlite(session, once, now) if is_sqlite(session) else _into_postgresql(session, once, now)


@contextmanager
def room_for_many(session: Session) -> Iterator[None]:
    """Give SQLite a page cache that holds the part of the index over (source, source_id) into which a transaction's events go, in the order of a hash."""
    if not is_sqlite(session):
        yield
        return
    before = session.execute(sa.text("PRAGMA cache_size")).scalar_one()
    session.execute(sa.text(f"PRAGMA cache_size=-{IMPORT_CACHE_KIB}"))
    yield
    session.execute(sa.text(f"PRAGMA cache_size={int(before)}"))


@contextmanager
def without_foreign_keys(session: Session) -> Iterator[None]:
    """Let SQLite look up no foreign key for the length of the block, which ends without an open transaction: what was not committed is rolled back.

    For who stores nothing but events of leads it has looked up: no lead is ever deleted. It costs a look for each event, and a copy of each page that
    a statement changes, kept in case its last row has no lead. It cannot be done within a transaction; where one is open, keys are looked up.
    """
    bind = session.get_bind()
    driver: Any = bind.connection.driver_connection if isinstance(bind, sa.Connection) and is_sqlite(session) else None
    if driver is None or driver.in_transaction:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        session.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def _into_sqlite(session: Session, events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    driver: Any = session.connection().connection.driver_connection  # past SQLAlchemy, whose way through its types costs more than the insert
    there = _there(driver, events)
    fresh = events if there.is_empty() else events.join(there, on=["source", "source_id"], how="anti", maintain_order="left")
    if not fresh.is_empty():
        _insert(driver, fresh, str(UtcDateTime().process_bind_param(now, session.get_bind().dialect)))
    return fresh


def _there(driver: Any, events: pl.DataFrame) -> pl.DataFrame:
    """Return `source` and `source_id` of events that are there already; where nothing lies between the first and the last of a source, none is."""
    found: list[tuple[str, str]] = []
    for (source,), told in events.group_by("source"):
        ids = told["source_id"].sort()  # as the index has them
        between = "SELECT EXISTS (SELECT 1 FROM event WHERE source = ? AND source_id BETWEEN ? AND ?)"
        if driver.execute(between, (source, ids[0], ids[-1])).fetchone()[0]:
            among = "SELECT source, source_id FROM event WHERE source = ? AND source_id IN (SELECT value FROM json_each(?))"
            found += driver.execute(among, (source, json.dumps(ids.to_list(), ensure_ascii=False))).fetchall()
    return pl.DataFrame(found, {"source": pl.String, "source_id": pl.String}, orient="row")


def _insert(driver: Any, events: pl.DataFrame, received_at: str) -> None:
    """Insert events, thousands in a statement: while it works it needs no Python, and others may.

    OR FAIL: what no table takes ends the transaction anyway, so SQLite need keep no copy of the pages to undo the statement alone; a function
    among the values would make it. A conflict is left that two events of a lead and an instant have one id, which is a hash.
    """
    same = {name: events[name][0] for name in ("source", "actor", "kind") if (events[name] == events[name][0]).all()}
    given = [name for name in events.columns if name not in same and events[name].null_count() < events.height]
    rows = events.select(pl.col(name).dt.epoch("us") if name == "at" else pl.col(name) for name in given)
    row = ", ".join([*("?" * len(given)), *map(_quoted, same.values()), received_at])
    into = f"INSERT OR FAIL INTO event ({', '.join([*given, *same, 'received_at'])}) VALUES"
    for some in rows.iter_slices(MOST_VALUES // len(given)):
        driver.execute(f"{into} {', '.join([f'({row})'] * some.height)} ON CONFLICT DO NOTHING", list(chain.from_iterable(_tuples(some))))


def _tuples(rows: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_list() for column in rows.iter_columns()), strict=True)


def _quoted(text: str) -> str:
    """Return a text as an SQL literal: what is the same in every row need not be bound half a million times."""
    return "'" + text.replace("'", "''") + "'"


def _into_postgresql(session: Session, events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    session.execute(sa.text("CREATE TEMPORARY TABLE IF NOT EXISTS incoming_event (LIKE event)"))
    session.execute(sa.text("TRUNCATE incoming_event"))
    given = events.with_columns(pl.lit(now, INSTANT).alias("received_at"))
    columns = ", ".join(given.columns)
    text = io.BytesIO()
    given.write_csv(text, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f+00")
    cursor: Any = session.connection().connection.cursor()
    with cursor.copy(f"COPY incoming_event ({columns}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(text.getbuffer())
    insert = f"INSERT INTO event ({columns}) SELECT {columns} FROM incoming_event ORDER BY lead_id, at, id ON CONFLICT DO NOTHING RETURNING source, source_id"
    written = session.execute(sa.text(insert)).all()
    fresh = pl.DataFrame([tuple(row) for row in written], {"source": pl.String, "source_id": pl.String}, orient="row")
    return events.join(fresh, on=["source", "source_id"], how="semi", maintain_order="left")
