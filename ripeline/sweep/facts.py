"""Facts out of the database: what was known of a range of leads at an instant, read in bulk, and only what is asked for."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Actor, AttributeChange, Event, Lead
from ripeline.decide.condition import plain_sql
from ripeline.decide.facts import INSTANT, Facts, Needs, column_type
from ripeline.decide.fields import Field, Fields
from ripeline.sweep import crowd
from ripeline.sweep.bulk import is_one_of_ids, table_of
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.history import read_history
from ripeline.sweep.kept_text import EMAIL_DOMAIN, domain_of, from_text
from ripeline.values import Refusal

NOT_ATTRIBUTES = frozenset({"id", "more"})


EVENTS_A_LEAD = 5
"""A cautious guess, only to choose the quicker way of reading."""


@dataclass(frozen=True)
class Reading:
    """Facts as of an instant, and what hangs on the reading itself.

    seen: `lead_id` and the `facts_seq` these facts include at least. pending: `lead_id` and `pending_at`, when the next event or change
    that is stored already comes to be known (its time or its receipt lies ahead).
    """

    facts: Facts
    seen: pl.DataFrame
    pending: pl.DataFrame


def read_facts(
    engine: sa.Engine,
    ids: range,
    needs: Needs,
    fields: Fields,
    now: datetime,
    *,
    only: sa.Select[Any] | pl.Series | None = None,
    hindsight: bool = False,
    bounded: bool = False,
    also: Collection[int] = (),
) -> Reading:
    """Return what was known at `now` of the leads in `ids`, or of those among them that `only` names: ids, or a query for ids.

    That is what had happened by then, and had been heard of by then; with `hindsight`, all that had happened by then, as far as we know
    by today. Erased leads are left out; of one lead at most `crowd.MOST_EVENTS` events count, the newest. Reads outside any transaction:
    `facts_seq` comes with the attributes and before the events, so that whatever comes in between counts as news. Where these leads have
    more than `crowd.MOST_ROWS` events, they are read in portions; with `bounded`, TooManyEvents names the portions instead.
    `also`: the ids of events that count whoever did them, as if nobody had told since that it was a machine.
    """
    leads = _leads(engine, needs, fields, _chosen(engine, col(Lead.id), only, ids), len(only) if isinstance(only, pl.Series) else 0)
    if isinstance(only, pl.Series):
        leads = leads.filter(pl.col("id").is_in(only.implode()))
    seen = leads.select(pl.col("id").alias("lead_id"), "facts_seq")
    is_most = _is_most(leads.height, ids)

    def among(column: Any) -> list[sa.ColumnElement[bool]]:
        return list(_within(column, ids) if is_most else _chosen(engine, column, only, ids))

    history = read_history(engine, among(col(AttributeChange.lead_id)), needs, now, hindsight=hindsight)
    query = _event_query(engine, needs, fields, now, hindsight=hindsight, also=also)
    events = _events(engine, query, among(col(Event.lead_id)), seen["lead_id"], bounded=bounded)
    if only is not None and seen.height < len(ids):
        events = events.join(seen, on="lead_id", how="semi")
    happened, pending = _divided(events)
    known = crowd.newest_of_each(happened, crowd.MOST_EVENTS)
    asked = [fields.lead[name] for name in sorted(needs.attributes)]
    facts = Facts(history.turned_back(leads.drop("facts_seq"), asked), known, history.known)
    first_pending = pl.concat([pending, history.pending]).group_by("lead_id").agg(pl.col("pending_at").min())
    return Reading(facts, seen, first_pending)


def _divided(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events that are known, and `lead_id` and `pending_at` of the others, which mostly there are none of."""
    is_pending = events["pending_at"].is_not_null()
    known = events.drop("pending_at")
    return known.filter(~is_pending) if is_pending.any() else known, events.filter(is_pending).select("lead_id", "pending_at")


def _chosen(engine: sa.Engine, column: Any, only: sa.Select[Any] | pl.Series | None, ids: range) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions on those named; on the whole range where reading that is quicker.

    Beside a list of ids nothing is said of the range: SQLite would walk through all of it.
    """
    if isinstance(only, pl.Series) and not _is_most(len(only), ids):
        yield is_one_of_ids(engine, column, only)
        return
    yield from _within(column, ids)
    if isinstance(only, sa.Select):
        yield column.in_(only)


def _is_most(count: int, ids: range) -> bool:
    """One read of a whole range is quicker than many small ones, once a good part of it is asked for."""
    return count * 5 >= len(ids)


def _within(column: Any, ids: range) -> tuple[sa.ColumnElement[bool], ...]:
    return column >= ids.start, column < ids.stop


def _leads(engine: sa.Engine, needs: Needs, fields: Fields, among: Iterable[sa.ColumnElement[bool]], expected: int) -> pl.DataFrame:
    wanted = {name: fields.lead[name] for name in sorted(needs.attributes | {"created_at"})}
    columns = [attribute(name).label(name) for name in wanted]
    query = sa.select(col(Lead.id), col(Lead.facts_seq), *columns).where(*among, col(Lead.erased_at).is_(None))
    schema = {"id": pl.Int64(), "facts_seq": pl.Int64()} | {name: _stored(Lead, field) for name, field in wanted.items()}
    frame = read_bulk(engine, query, schema, expected=expected)
    return frame.with_columns(_typed(Lead, field) for field in wanted.values())


def attribute(name: str) -> sa.ColumnElement[Any]:
    """Return a lead's attribute as it is stored: its own column, or a key of the JSON column as text."""
    return _column(Lead, "address_key" if name == EMAIL_DOMAIN else name)


@dataclass(frozen=True)
class _EventQuery:
    """A query for the events that are asked for, of whomever; the columns it gives, and the fields some of them are."""

    select: sa.Select[Any]
    schema: dict[str, pl.DataType]
    fields: tuple[Field, ...]
    is_known: sa.ColumnElement[bool]

    def read(self, engine: sa.Engine, among: Iterable[sa.ColumnElement[bool]], *, most: int | None = None, expected: int = 0) -> pl.DataFrame:
        """Return those `among` holds of, in whatever order; no more than `most`, where it is given."""
        return self._typed(read_bulk(engine, self.select.where(*among).limit(most), self.schema, expected=expected))

    def newest(self, engine: sa.Engine, lead_id: int, most: int) -> pl.DataFrame:
        """Return the newest of one lead that are known, and the one that comes to be known next."""
        theirs = self.select.where(col(Event.lead_id) == lead_id)
        known = theirs.where(self.is_known).order_by(col(Event.at).desc(), col(Event.id).desc()).limit(most)
        next_known = theirs.where(~self.is_known).order_by(sa.literal_column("pending_at")).limit(1)
        return pl.concat([self._typed(read_bulk(engine, query, self.schema)) for query in (known, next_known)])

    def _typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(_typed(Event, field) for field in self.fields)


def _event_query(engine: sa.Engine, needs: Needs, fields: Fields, now: datetime, *, hindsight: bool, also: Collection[int] = ()) -> _EventQuery:
    known = {each.name: each for kind in fields.event.values() for each in kind.values()}
    wanted = {name: known[name] for name in sorted(needs.properties)}
    at, received_at = col(Event.at), col(Event.at if hindsight else Event.received_at)
    pending = sa.case((sa.or_(at > now, received_at > now), sa.case((at > received_at, at), else_=received_at))).label("pending_at")
    columns = [_column(Event, name).label(name) for name in wanted]
    counts = sa.or_(col(Event.actor) == Actor.HUMAN, col(Event.id).in_(sorted(also))) if also else col(Event.actor) == Actor.HUMAN
    query = sa.select(col(Event.lead_id), col(Event.id), at, col(Event.kind), pending, *columns).where(counts)
    if not needs.is_every_kind:
        query = query.where(_is_asked_for(needs, engine.dialect.name))
    schema = {"lead_id": pl.Int64(), "id": pl.Int64(), "at": INSTANT, "kind": pl.String(), "pending_at": INSTANT}
    stored = {name: _stored(Event, field) for name, field in wanted.items()}
    return _EventQuery(query, schema | stored, tuple(wanted.values()), sa.and_(at <= now, received_at <= now))


def _events(engine: sa.Engine, query: _EventQuery, among: list[sa.ColumnElement[bool]], lead_ids: pl.Series, *, bounded: bool) -> pl.DataFrame:
    """Return the events of these leads, and perhaps of others `among` holds of: at once where that can be, else portion by portion."""
    events = query.read(engine, among, most=crowd.MOST_ROWS + 1, expected=len(lead_ids) * EVENTS_A_LEAD)
    if events.height <= crowd.MOST_ROWS:
        return events
    counted = sa.select(col(Event.lead_id), sa.func.count().label("events")).where(*among).group_by(col(Event.lead_id))
    counts = read_bulk(engine, counted, {"lead_id": pl.Int64(), "events": pl.Int64()})
    parts = crowd.parts_by_events(lead_ids, counts, crowd.MOST_ROWS)
    if bounded and len(parts) > 1:
        raise crowd.TooManyEvents(parts)
    return pl.concat([_portion(engine, query, part) for part in parts])


def _portion(engine: sa.Engine, query: _EventQuery, lead_ids: pl.Series) -> pl.DataFrame:
    if len(lead_ids) == 1:
        crowd.told_of(lead_ids, crowd.MOST_EVENTS)
        return query.newest(engine, lead_ids[0], crowd.MOST_EVENTS)
    return query.read(engine, [is_one_of_ids(engine, col(Event.lead_id), lead_ids)], expected=crowd.MOST_ROWS)


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


def _column(table: type[Lead] | type[Event], name: str) -> sa.ColumnElement[Any]:
    """Return a field's own column, or its key in the JSON column, as text."""
    columns = table_of(table).columns
    return columns[name] if _has_column(table, name) else sa.cast(columns["more"][name].as_string(), sa.String)


def _has_column(table: type[Lead] | type[Event], name: str) -> bool:
    return name in table_of(table).columns and name not in NOT_ATTRIBUTES


def _stored(table: type[Lead] | type[Event], field: Field) -> pl.DataType:
    return column_type(field) if _has_column(table, field.name) else pl.String()


def _typed(table: type[Lead] | type[Event], field: Field) -> pl.Expr:
    """Return a column with its field's type; what cannot be read as that is null, as if it had never come."""
    column = pl.col(field.name)
    if field.name == EMAIL_DOMAIN and table is Lead:
        return domain_of(column)
    return column if _has_column(table, field.name) else from_text(column, field).alias(field.name)


def left_out(engine: sa.Engine, lead_id: int, needs: Needs, fields: Fields, at: datetime, facts: Facts, *, hindsight: bool = False) -> int:
    """Return how many events of one lead, whose `facts` these are, are asked for and do not count, because only its newest `crowd.MOST_EVENTS` do."""
    if facts.events.height < crowd.MOST_EVENTS:
        return 0
    query = _event_query(engine, needs, fields, at, hindsight=hindsight)
    asked = query.select.where(col(Event.lead_id) == lead_id, query.is_known).subquery()
    counted = read_bulk(engine, sa.select(sa.func.count().label("events")).select_from(asked), {"events": pl.Int64()})
    return int(counted["events"].item()) - facts.events.height


def facts_then(engine: sa.Engine, lead_id: int, needs: Needs, fields: Fields, at: datetime, *, hindsight: bool = False) -> Facts:
    """Return what was known of one lead at an instant, see `read_facts`; Refusal if nobody knew it yet, or it was erased."""
    facts = read_facts(engine, range(lead_id, lead_id + 1), needs, fields, at, hindsight=hindsight).facts
    if facts.leads.is_empty():
        raise Refusal(f"lead {lead_id} was erased: nothing is known of it any more")
    came = facts.leads["created_at"].item()
    if came > at and not hindsight:
        raise Refusal(f"lead {lead_id} came on {came:%Y-%m-%d %H:%M}Z: at {at:%Y-%m-%d %H:%M}Z nobody knew it; --hindsight tells what we know since")
    return facts
