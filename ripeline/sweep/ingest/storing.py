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
    fresh = events.join(_known(session, events), on=["source", "source_id"], how="anti", maintain_order="left")
    given = [name for name in fresh.columns if fresh[name].null_count() < fresh.height]
    if not given:
        return fresh
    received_at = UtcDateTime().process_bind_param(now, session.get_bind().dialect)
    statement = f"INSERT INTO event ({', '.join(given)}, received_at) VALUES ({', '.join('?' * len(given))}, {received_at:d})"
    rows = fresh.select(pl.col(name).dt.epoch("us") if name == "at" else pl.col(name) for name in given)
    # The driver itself, since SQLAlchemy's way through its types costs more than the insert.
    cursor: Any = session.connection().connection.cursor()
    cursor.executemany(statement, rows.iter_rows())
    return fresh


def _known(session: Session, events: pl.DataFrame) -> pl.DataFrame:
    found = [
        (source, source_id)
        for source, those in ((str(key[0]), group) for key, group in events.group_by("source"))
        for source_id in session.scalars(
            sa.select(col(Event.source_id)).where(col(Event.source) == source, is_one_of(session, Event.source_id, those["source_id"].to_list()))
        )
    ]
    return pl.DataFrame(found, {"source": pl.String, "source_id": pl.String}, orient="row")


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
