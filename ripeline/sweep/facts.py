"""Facts out of the database: what was known of a range of leads at an instant, read in bulk, and only what is asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Actor, AttributeChange, Event, Lead
from ripeline.decide.condition import plain_sql
from ripeline.decide.facts import CHANGE_SCHEMA, INSTANT, Facts, Needs, column_type
from ripeline.decide.fields import Field, Fields, FieldType
from ripeline.sweep.bulk_read import read_bulk
from ripeline.values import Refusal

EMAIL_DOMAIN = "email_domain"
NOT_ATTRIBUTES = frozenset({"id", "more"})


EVENTS_A_LEAD = 5
"""A cautious guess, only to choose the quicker way of reading."""


@dataclass(frozen=True)
class Reading:
    """Facts as of an instant, and what hangs on the reading itself.

    seen: `lead_id` and the `facts_seq` these facts include at least. pending: `lead_id` and `pending_at`, when the next event that
    is stored already comes to be known (its time or its receipt lies ahead).
    """

    facts: Facts
    seen: pl.DataFrame
    pending: pl.DataFrame


def read_facts(engine: sa.Engine, ids: range, needs: Needs, fields: Fields, now: datetime, *, only: sa.Select[Any] | pl.Series | None = None) -> Reading:
    """Return what is known at `now` of the leads in `ids`, or of those among them that `only` names: ids, or a query for ids.

    Erased leads are left out. Attributes are as they stand in the table; `facts_then` tells those of the past. Reads outside any
    transaction: `facts_seq` comes with the attributes and before the events, so that whatever comes in between counts as news.
    """
    leads = _leads(engine, ids, needs, fields, _chosen(col(Lead.id), only, ids), len(only) if isinstance(only, pl.Series) else 0)
    if isinstance(only, pl.Series):
        leads = leads.filter(pl.col("id").is_in(only.implode()))
    seen = leads.select(pl.col("id").alias("lead_id"), "facts_seq")
    is_most = _is_most(leads.height, ids)
    events = _events(engine, ids, needs, fields, now, None if is_most else _chosen(col(Event.lead_id), only, ids), leads.height * EVENTS_A_LEAD)
    if only is not None:
        events = events.join(seen, on="lead_id", how="semi")
    pending = events.filter(pl.col("pending_at").is_not_null()).group_by("lead_id").agg(pl.col("pending_at").min())
    known = events.filter(pl.col("pending_at").is_null()).drop("pending_at")
    return Reading(Facts(leads.drop("facts_seq"), known, _changes(engine, ids, needs, now)), seen, pending)


def _chosen(column: Any, only: sa.Select[Any] | pl.Series | None, ids: range) -> sa.ColumnElement[bool] | None:
    """Return the condition that narrows the range down to those named; None where reading the whole range is quicker."""
    if only is None or (isinstance(only, pl.Series) and _is_most(len(only), ids)):
        return None
    chosen: sa.ColumnElement[bool] = column.in_(only.to_list() if isinstance(only, pl.Series) else only)
    return chosen


def _is_most(count: int, ids: range) -> bool:
    """One read of a whole range is quicker than many small ones, once a good part of it is asked for."""
    return count * 5 >= len(ids)


def _within(column: Any, ids: range) -> tuple[sa.ColumnElement[bool], ...]:
    return column >= ids.start, column < ids.stop


def _leads(engine: sa.Engine, ids: range, needs: Needs, fields: Fields, chosen: sa.ColumnElement[bool] | None, expected: int) -> pl.DataFrame:
    wanted = {name: fields.lead[name] for name in sorted(needs.attributes | {"created_at"})}
    columns = [_attribute(name).label(name) for name in wanted]
    query = sa.select(col(Lead.id), col(Lead.facts_seq), *columns).where(*_within(col(Lead.id), ids), col(Lead.erased_at).is_(None))
    schema = {"id": pl.Int64(), "facts_seq": pl.Int64()} | {name: _stored(Lead, field) for name, field in wanted.items()}
    frame = read_bulk(engine, query if chosen is None else query.where(chosen), schema, expected=expected)
    return frame.with_columns(_typed(Lead, field) for field in wanted.values())


def _attribute(name: str) -> sa.ColumnElement[Any]:
    return _column(Lead, "address_key" if name == EMAIL_DOMAIN else name)


def _events(engine: sa.Engine, ids: range, needs: Needs, fields: Fields, now: datetime, chosen: sa.ColumnElement[bool] | None, expected: int) -> pl.DataFrame:
    known = {each.name: each for kind in fields.event.values() for each in kind.values()}
    wanted = {name: known[name] for name in sorted(needs.properties)}
    at, received_at = col(Event.at), col(Event.received_at)
    pending = sa.case((sa.or_(at > now, received_at > now), sa.case((at > received_at, at), else_=received_at))).label("pending_at")
    columns = [_column(Event, name).label(name) for name in wanted]
    query = sa.select(col(Event.lead_id), col(Event.id), at, col(Event.kind), pending, *columns)
    query = query.where(*_within(col(Event.lead_id), ids), col(Event.actor) == Actor.HUMAN)
    if not needs.is_every_kind:
        query = query.where(_is_asked_for(needs, engine.dialect.name))
    if chosen is not None:
        query = query.where(chosen)
    schema = {"lead_id": pl.Int64(), "id": pl.Int64(), "at": INSTANT, "kind": pl.String(), "pending_at": INSTANT}
    frame = read_bulk(engine, query, schema | {name: _stored(Event, field) for name, field in wanted.items()}, expected=expected)
    return frame.with_columns(_typed(Event, field) for field in wanted.values())


def _is_asked_for(needs: Needs, dialect: str) -> sa.ColumnElement[bool]:
    """Return the condition that somebody asks for an event. Our own evaluation follows: this only saves reading."""
    every = sa.inspect(Event).columns
    whole, parts = set(needs.kinds), dict[str, list[sa.ColumnElement[bool]]]()
    for kind, plain in sorted(needs.parts):
        names, sql = plain_sql(plain, dialect)
        if all(name in every for name in names):
            parts.setdefault(kind, []).append(sa.literal_column(f"({sql})", sa.Boolean))
        else:
            whole.add(kind)
    some = [sa.and_(col(Event.kind) == kind, sa.or_(*texts)) for kind, texts in parts.items() if kind not in whole]
    return sa.or_(col(Event.kind).in_(sorted(whole)), *some)


def _changes(engine: sa.Engine, ids: range, needs: Needs, now: datetime) -> pl.DataFrame:
    if not needs.has_changes:
        return pl.DataFrame(schema=CHANGE_SCHEMA)
    columns = [col(getattr(AttributeChange, name)) for name in CHANGE_SCHEMA]
    known = (col(AttributeChange.at) <= now, col(AttributeChange.received_at) <= now)
    query = sa.select(*columns).where(*_within(col(AttributeChange.lead_id), ids), *known)
    return read_bulk(engine, query, CHANGE_SCHEMA)


def _column(table: type[Lead] | type[Event], name: str) -> sa.ColumnElement[Any]:
    """Return a field's own column, or its key in the JSON column, as text."""
    columns = sa.inspect(table).columns
    return columns[name] if _has_column(table, name) else sa.cast(columns["more"][name].as_string(), sa.String)


def _has_column(table: type[Lead] | type[Event], name: str) -> bool:
    return name in sa.inspect(table).columns and name not in NOT_ATTRIBUTES


def _stored(table: type[Lead] | type[Event], field: Field) -> pl.DataType:
    return column_type(field) if _has_column(table, field.name) else pl.String()


def _typed(table: type[Lead] | type[Event], field: Field) -> pl.Expr:
    """Return a column with its field's type; what cannot be read as that is null, as if it had never come."""
    column = pl.col(field.name)
    if field.name == EMAIL_DOMAIN and table is Lead:
        return column.str.split("@").list.last()
    return column if _has_column(table, field.name) else from_text(column, field)


def from_text(column: pl.Expr, field: Field) -> pl.Expr:
    """Return text as a field's value; null where it is none."""
    match field.type:
        case FieldType.NUMBER:
            number = column.cast(pl.Float64, strict=False)
            return pl.when(number.is_finite()).then(number).alias(field.name)
        case FieldType.FLAG:
            return column.str.to_lowercase().replace_strict({"true": True, "1": True, "false": False, "0": False}, default=None, return_dtype=pl.Boolean)
        case FieldType.DATE:
            return column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        case FieldType.INSTANT:
            return column.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    return column


def facts_then(engine: sa.Engine, lead_id: int, needs: Needs, fields: Fields, at: datetime) -> Facts:
    """Return what was known of one lead at a past instant, its attributes as they were then; Refusal if nobody knew it yet."""
    reading = read_facts(engine, range(lead_id, lead_id + 1), needs, fields, at)
    leads = reading.facts.leads
    if leads.is_empty():
        raise Refusal(f"lead {lead_id} was erased: nothing is known of it any more")
    if leads["created_at"].item() > at:
        raise Refusal(f"lead {lead_id} came on {leads['created_at'].item():%Y-%m-%d %H:%M}Z: at {at:%Y-%m-%d %H:%M}Z nobody knew it")
    before = _attributes_before(engine, lead_id, at)
    restored = [from_text(pl.lit(old, pl.String), fields.lead[name]).alias(name) for name, old in before.items() if name in leads.columns]
    return Facts(leads.with_columns(restored), reading.facts.events, reading.facts.changes)


def _attributes_before(engine: sa.Engine, lead_id: int, at: datetime) -> dict[str, str | None]:
    """Return what the attributes that changed since, or of whose change we heard since, were at `at`."""
    later = sa.or_(col(AttributeChange.at) > at, col(AttributeChange.received_at) > at)
    schema = {"id": pl.Int64(), "attribute": pl.String(), "old": pl.String(), "at": INSTANT}
    query = sa.select(*(col(getattr(AttributeChange, name)) for name in schema)).where(col(AttributeChange.lead_id) == lead_id, later)
    frame = read_bulk(engine, query, schema)
    first = frame.sort("at", "id").unique("attribute", keep="first", maintain_order=True)
    return dict(first.select("attribute", "old").iter_rows())
