"""The query for the events that are asked for: what it selects, what its rows are when they come, and which of them nobody asks for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Actor, Event
from ripeline.decide.condition import plain_sql
from ripeline.decide.facts import INSTANT, Needs
from ripeline.decide.fields import Field, Fields
from ripeline.sweep.bulk import table_of
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.kept_fields import column_of, has_own_column, type_kept, typed
from ripeline.sweep.packed import PACKED, packed, unpacked

STANDING: Mapping[str, pl.DataType] = {"lead_id": pl.Int64(), "id": pl.Int64(), "at": INSTANT, "kind": pl.String()}
"""What every row tells beside the properties."""


@dataclass(frozen=True)
class EventQuery:
    """A query for the events that are asked for, of whomever; the columns it gives, and the fields some of them are.

    `at` is when an event happened, or, where we hear of it later than `now`, when we do: so `at` tells both what is known and what is pending.
    """

    select: sa.Select[Any]
    schema: dict[str, pl.DataType]
    fields: tuple[Field, ...]
    is_known: sa.ColumnElement[bool]
    known_at: sa.ColumnElement[datetime]
    packed: tuple[str, ...]

    def read(self, engine: sa.Engine, among: Iterable[sa.ColumnElement[bool]], *, most: int | None = None, expected: int = 0) -> pl.DataFrame:
        """Return those `among` holds of, in whatever order; no more than `most`, where it is given."""
        return self._typed(read_bulk(engine, self.select.where(*among).limit(most), self.schema, expected=expected))

    def newest(self, engine: sa.Engine, lead_id: int, most: int) -> pl.DataFrame:
        """Return the newest of one lead that are known, and the one that comes to be known next."""
        theirs = self.select.where(col(Event.lead_id) == lead_id)
        known = theirs.where(self.is_known).order_by(col(Event.at).desc(), col(Event.id).desc()).limit(most)
        next_known = theirs.where(~self.is_known).order_by(self.known_at).limit(1)
        return pl.concat([self._typed(read_bulk(engine, query, self.schema)) for query in (known, next_known)])

    def _typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        return unpacked(frame, self.packed).select(*STANDING, *(typed(Event, field) for field in self.fields))


def event_query(engine: sa.Engine, needs: Needs, fields: Fields, now: datetime, *, hindsight: bool, also: Collection[int] = ()) -> EventQuery:
    """Return the query for what is asked of events as of `now`; `hindsight` and `also` as for `read_facts`."""
    known = {each.name: each for kind in fields.event.values() for each in kind.values()}
    wanted = {name: known[name] for name in sorted(needs.properties)}
    at, received_at = col(Event.at), col(Event.at if hindsight else Event.received_at)
    known_at = sa.case((sa.and_(received_at > now, received_at > at), received_at), else_=at)
    together = _packable(engine, wanted)
    columns: dict[str, sa.ColumnElement[Any]] = {name: column_of(Event, name).label(name) for name in wanted if name not in together}
    columns |= packed({name: column_of(Event, name) for name in together})
    counts = sa.or_(col(Event.actor) == Actor.HUMAN, col(Event.id).in_(sorted(also))) if also else col(Event.actor) == Actor.HUMAN
    query = sa.select(col(Event.lead_id), col(Event.id), known_at.label("at"), col(Event.kind), *columns.values()).where(counts)
    if not needs.is_every_kind:
        query = query.where(_is_asked_for(needs, engine.dialect.name))
    schema = {**STANDING} | {name: PACKED.get(name) or type_kept(Event, wanted[name]) for name in columns}
    return EventQuery(query, schema, tuple(wanted.values()), sa.and_(at <= now, received_at <= now), known_at, together)


def _packable(engine: sa.Engine, wanted: Mapping[str, Field]) -> tuple[str, ...]:
    """Return the properties that may travel as one, see `packed`: texts in columns of their own. To SQLite's driver a null costs little."""
    nullable = [column.name for column in table_of(Event).columns if column.nullable]
    texts = tuple(name for name, field in wanted.items() if name in nullable and type_kept(Event, field) == pl.String() and has_own_column(Event, name))
    return texts if engine.dialect.name == "postgresql" and len(texts) > 1 else ()


def _is_asked_for(needs: Needs, dialect: str) -> sa.ColumnElement[bool]:
    """Return the condition that somebody asks for an event, one look at its kind. Our own evaluation follows: this only saves reading."""
    every = table_of(Event).columns
    whole, parts = set(needs.kinds), dict[str, list[sa.ColumnElement[bool]]]()
    for kind, plain in sorted(needs.parts):
        names, sql = plain_sql(plain, dialect)
        if all(name in every for name in names):
            parts.setdefault(kind, []).append(sa.literal_column(f"({sql})", sa.Boolean))
        else:
            whole.add(kind)
    asked: dict[Any, Any] = {kind: sa.true() for kind in sorted(whole)} | {kind: sa.or_(*texts) for kind, texts in parts.items() if kind not in whole}
    return sa.case(asked, value=col(Event.kind), else_=sa.false()) if asked else sa.false()
