"""Facts out of the database: what was known of a range of leads at an instant, read in bulk, and only what is asked for."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import AttributeChange, Event, Lead
from ripeline.decide.facts import Facts, Needs, moment
from ripeline.decide.fields import Fields
from ripeline.sweep import crowd
from ripeline.sweep.bulk import is_most, is_one_of_ids
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.event_query import EventQuery, event_query
from ripeline.sweep.history import PENDING, read_history
from ripeline.sweep.kept_fields import attribute, type_kept, typed
from ripeline.values import Refusal

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
    are_most = is_most(leads.height, len(ids))

    def among(column: Any) -> list[sa.ColumnElement[bool]]:
        return list(_within(column, ids) if are_most else _chosen(engine, column, only, ids))

    history = read_history(engine, among(col(AttributeChange.lead_id)), needs, now, hindsight=hindsight)
    query = event_query(engine, needs, fields, now, hindsight=hindsight, also=also)
    events = _events(engine, query, among(col(Event.lead_id)), seen["lead_id"], bounded=bounded)
    if only is not None and seen.height < len(ids):
        events = events.join(seen, on="lead_id", how="semi")
    happened, pending = _divided(events, now)
    known = crowd.newest_of_each(happened, crowd.MOST_EVENTS)
    asked = [fields.lead[name] for name in sorted(needs.attributes)]
    facts = Facts(history.turned_back(leads.drop("facts_seq"), asked), known, history.known)
    first_pending = pl.concat([pending, history.pending]).group_by("lead_id").agg(pl.col("pending_at").min())
    return Reading(facts, seen, first_pending)


def _divided(events: pl.DataFrame, now: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events that are known, and `lead_id` and `pending_at` of the others, which mostly there are none of."""
    is_pending = events.select(pl.col("at") > moment(now)).to_series()
    if not is_pending.any():
        return events, pl.DataFrame(schema=PENDING)
    return events.filter(~is_pending), events.filter(is_pending).select("lead_id", pl.col("at").alias("pending_at"))


def _chosen(engine: sa.Engine, column: Any, only: sa.Select[Any] | pl.Series | None, ids: range) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions on those named; on the whole range where reading that is quicker.

    Beside a list of ids nothing is said of the range: SQLite would walk through all of it.
    """
    if isinstance(only, pl.Series) and not is_most(len(only), len(ids)):
        yield is_one_of_ids(engine, column, only)
        return
    yield from _within(column, ids)
    if isinstance(only, sa.Select):
        yield column.in_(only)


def _within(column: Any, ids: range) -> tuple[sa.ColumnElement[bool], ...]:
    return column >= ids.start, column < ids.stop


def _leads(engine: sa.Engine, needs: Needs, fields: Fields, among: Iterable[sa.ColumnElement[bool]], expected: int) -> pl.DataFrame:
    wanted = {name: fields.lead[name] for name in sorted(needs.attributes | {"created_at"})}
    columns = [attribute(name).label(name) for name in wanted]
    query = sa.select(col(Lead.id), col(Lead.facts_seq), *columns).where(*among, col(Lead.erased_at).is_(None))
    schema = {"id": pl.Int64(), "facts_seq": pl.Int64()} | {name: type_kept(Lead, field) for name, field in wanted.items()}
    frame = read_bulk(engine, query, schema, expected=expected)
    return frame.with_columns(typed(Lead, field) for field in wanted.values())


def _events(engine: sa.Engine, query: EventQuery, among: list[sa.ColumnElement[bool]], lead_ids: pl.Series, *, bounded: bool) -> pl.DataFrame:
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


def _portion(engine: sa.Engine, query: EventQuery, lead_ids: pl.Series) -> pl.DataFrame:
    if len(lead_ids) == 1:
        crowd.told_of(lead_ids, crowd.MOST_EVENTS)
        return query.newest(engine, lead_ids[0], crowd.MOST_EVENTS)
    return query.read(engine, [is_one_of_ids(engine, col(Event.lead_id), lead_ids)], expected=crowd.MOST_ROWS)


def left_out(engine: sa.Engine, lead_id: int, needs: Needs, fields: Fields, at: datetime, facts: Facts, *, hindsight: bool = False) -> int:
    """Return how many events of one lead, whose `facts` these are, are asked for and do not count, because only its newest `crowd.MOST_EVENTS` do."""
    if facts.events.height < crowd.MOST_EVENTS:
        return 0
    query = event_query(engine, needs, fields, at, hindsight=hindsight)
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
