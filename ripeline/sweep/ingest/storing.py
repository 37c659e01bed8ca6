"""Events into their table, by the hundred thousand: those that are there are left out."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Event
from models.columns import UtcDateTime
from ripeline.frames import INSTANT
from ripeline.sweep.bulk import is_one_of, is_sqlite

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
    known = _known(session, events)
    fresh = events if known.is_empty() else events.join(known, on=["source", "source_id"], how="anti", maintain_order="left")
    if fresh.is_empty():
        return fresh
    same = {name: fresh[name][0] for name in ("source", "actor", "kind") if (fresh[name] == fresh[name][0]).all()}
    given = [name for name in fresh.columns if name not in same and fresh[name].null_count() < fresh.height]
    values = [*("?" * len(given)), *(_quoted(value) for value in same.values()), str(UtcDateTime().process_bind_param(now, session.get_bind().dialect))]
    statement = f"INSERT INTO event ({', '.join([*given, *same, 'received_at'])}) VALUES ({', '.join(values)})"
    rows = fresh.select(pl.col(name).dt.epoch("us") if name == "at" else pl.col(name) for name in given)
    # The driver itself, since SQLAlchemy's way through its types costs more than the insert.
    cursor: Any = session.connection().connection.cursor()
    for some in rows.iter_slices(ROWS_A_STATEMENT):
        cursor.executemany(statement, zip(*(column.to_list() for column in some.iter_columns()), strict=True))
    return fresh


def _quoted(text: str) -> str:
    """Return a text as an SQL literal: what is the same in every row need not be bound half a million times."""
    return "'" + text.replace("'", "''") + "'"


def _known(session: Session, events: pl.DataFrame) -> pl.DataFrame:
    """Return (source, source_id) of those events that are stored already."""
    found = [(source, each) for source, ids in _ids_by_source(events) if _has_any(session, source, ids) for each in _stored(session, source, ids)]
    return pl.DataFrame(found, {"source": pl.String, "source_id": pl.String}, orient="row")


def _ids_by_source(events: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    return ((str(key[0]), group["source_id"].sort()) for key, group in events.group_by("source"))


def _has_any(session: Session, source: str, ids: pl.Series) -> bool:
    """Tell whether an id within the range of these is stored: where they begin with the time, most batches need no other look."""
    within = sa.select(col(Event.id)).where(col(Event.source) == source, col(Event.source_id).between(ids[0], ids[-1])).limit(1)
    return session.execute(within).first() is not None


def _stored(session: Session, source: str, ids: pl.Series) -> Iterator[str]:
    wanted = sa.select(col(Event.source_id)).where(col(Event.source) == source, is_one_of(session, Event.source_id, ids.to_list()))
    return iter(session.execute(wanted).scalars())


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
