"""Facts: what is known about leads at an instant, as frames; and which part of it a judgement needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

import polars as pl

from ripeline.decide.fields import Field, Fields, FieldType

INSTANT = pl.Datetime("us", "UTC")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CHANGE_SCHEMA: Mapping[str, pl.DataType] = {"lead_id": pl.Int64(), "attribute": pl.String(), "old": pl.String(), "new": pl.String(), "at": INSTANT}
"""Columns of `Facts.changes`."""

_TYPES: Mapping[FieldType, pl.DataType] = {
    FieldType.TEXT: pl.String(),
    FieldType.CHOICE: pl.String(),
    FieldType.NUMBER: pl.Float64(),
    FieldType.FLAG: pl.Boolean(),
    FieldType.DATE: pl.Date(),
    FieldType.INSTANT: INSTANT,
    FieldType.POINTS: pl.Int64(),
}


def column_type(of: Field) -> pl.DataType:
    """Return the type of a field's column in a frame. POINTS are whole hundredths."""
    return _TYPES[of.type]


@dataclass(frozen=True)
class Needs:
    """What a judgement asks of the facts, so that nothing else is read. They add up with `|`.

    `kinds` are event kinds asked for as a whole; `parts` are (kind, plain SQL) where only events are asked for of which the SQL holds:
    reading more of them is allowed, reading less is not.
    """

    attributes: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    parts: frozenset[tuple[str, str]] = frozenset()
    is_every_kind: bool = False
    has_changes: bool = False

    def __or__(self, other: "Needs") -> "Needs":
        return Needs(
            self.attributes | other.attributes,
            self.properties | other.properties,
            self.kinds | other.kinds,
            self.parts | other.parts,
            self.is_every_kind or other.is_every_kind,
            self.has_changes or other.has_changes,
        )


@dataclass(frozen=True)
class Facts:
    """What is known of some leads at an instant.

    leads: `id` Int64, `created_at`, and the attributes asked for. events: what humans did and we had heard of by then: `lead_id` Int64,
    `id` Int64, `at` Datetime(us, UTC), `kind` String, and the properties asked for. changes: `CHANGE_SCHEMA`. Order means nothing.
    """

    leads: pl.DataFrame
    events: pl.DataFrame
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGE_SCHEMA))

    def of_kind(self, kind: str) -> pl.DataFrame:
        """Return the events of one kind, lead by lead, the oldest first; of two at one instant, the lesser id first."""
        return self._by_kind.get((kind,), self.events.clear())

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of what happened."""
        return frozenset(self.events["kind"].unique())

    @cached_property
    def attributes_changed(self) -> frozenset[str]:
        """Return the attributes that are known to have changed."""
        return frozenset(self.changes["attribute"].unique())

    @cached_property
    def _by_kind(self) -> dict[tuple[object, ...], pl.DataFrame]:
        """Divide the events once: rules ask for one kind each, and few events are of it."""
        return _in_order(self.events).partition_by("kind", as_dict=True)


def _in_order(events: pl.DataFrame) -> pl.DataFrame:
    """Return events by lead, instant and id. They mostly come so, and to see that costs little beside sorting."""
    lead, at, number = (pl.col(name) for name in ("lead_id", "at", "id"))
    follows = (at > at.shift()) | ((at == at.shift()) & (number >= number.shift()))
    is_ordered = events.select(((lead > lead.shift()) | ((lead == lead.shift()) & follows)).all()).item()
    return events if is_ordered else events.sort("lead_id", "at", "id")


@lru_cache(maxsize=256)
def moment(at: datetime | None) -> pl.Expr:
    """Return an instant as an expression, None as null. Polars takes a millisecond to make one out of a datetime, and rules need dozens."""
    micros = None if at is None else (at - EPOCH) // timedelta(microseconds=1)
    return pl.lit(micros, pl.Int64).cast(INSTANT)


def known(facts: Facts, at: datetime) -> Facts:
    """Return what of the facts had happened by `at`: the same object where all had."""
    events, changes = (frame.filter(pl.col("at") <= moment(at)) for frame in (facts.events, facts.changes))
    is_all = events.height == facts.events.height and changes.height == facts.changes.height
    return facts if is_all else replace(facts, events=events, changes=changes)


def event_schema(fields: Fields, properties: frozenset[str]) -> dict[str, pl.DataType]:
    """Return the columns of `Facts.events` with these properties. A property means the same in every kind that has it."""
    known = {each.name: each for kind in fields.event.values() for each in kind.values()}
    standing: dict[str, pl.DataType] = {"lead_id": pl.Int64(), "id": pl.Int64(), "at": INSTANT, "kind": pl.String()}
    return standing | {name: column_type(known[name]) for name in sorted(properties)}


def whole_days(span: pl.Expr) -> pl.Expr:
    """Return whole elapsed days of 24 hours, rounded down, as Int64."""
    return span.dt.total_microseconds() // (timedelta(days=1) // timedelta(microseconds=1))
