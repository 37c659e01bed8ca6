"""Events into their table, by the hundred thousand: those that are there are left out."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
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

IMPORT_CACHE_KIB = 262_144
ROWS_A_STATEMENT = 20_000


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
    """Give SQLite a page cache that holds the whole index over (source, source_id) of some million events, whose order is a hash's."""
    if not is_sqlite(session):
        yield
        return
    before = session.execute(sa.text("PRAGMA cache_size")).scalar_one()
    session.execute(sa.text(f"PRAGMA cache_size=-{IMPORT_CACHE_KIB}"))
    yield
    session.execute(sa.text(f"PRAGMA cache_size={int(before)}"))


def _into_sqlite(session: Session, events: pl.DataFrame, now: datetime) -> pl.DataFrame:
    same = {name: events[name][0] for name in ("source", "actor", "kind") if (events[name] == events[name][0]).all()}
    given = [name for name in events.columns if name not in same and events[name].null_count() < events.height]
    values = [*("?" * len(given)), *(_quoted(value) for value in same.values()), str(UtcDateTime().process_bind_param(now, session.get_bind().dialect))]
    statement = f"INSERT INTO event ({', '.join([*given, *same, 'received_at'])}) VALUES ({', '.join(values)}) ON CONFLICT DO NOTHING"
    rows = events.select(pl.col(name).dt.epoch("us") if name == "at" else pl.col(name) for name in given)
    return events.filter(_inserted(session, statement, rows))


def _inserted(session: Session, statement: str, rows: pl.DataFrame) -> pl.Series:
    """Insert the rows one by one and return which ones were not there: what the driver counts grows with each of them, and asking it costs least."""
    driver: Any = session.connection().connection.driver_connection  # past SQLAlchemy, whose way through its types costs more than the insert
    counted: list[int] = [driver.total_changes]

    def one_by_one() -> Iterator[tuple[Any, ...]]:
        for some in rows.iter_slices(ROWS_A_STATEMENT):
            for row in zip(*(column.to_list() for column in some.iter_columns()), strict=True):
                yield row
                counted.append(driver.total_changes)

    driver.executemany(statement, one_by_one())
    return pl.Series(counted).diff().tail(rows.height) > 0


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
