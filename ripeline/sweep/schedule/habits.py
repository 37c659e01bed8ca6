"""What the sweep asks of people's hours: when the due leads were active on their own clocks, and when their markets are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Actor, Event, Lead, Role, Score
from ripeline.decide.facts import INSTANT
from ripeline.decide.local_time import with_local_time
from ripeline.decide.send_time import DEEDS, HABITS, SendTime, habits
from ripeline.playbook.playbook import Playbook
from ripeline.sweep import crowd
from ripeline.sweep.bulk import is_one_of_ids
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.living import zones_of
from ripeline.zones import Whereabouts

SAMPLED_LEADS = 2_000
"""So many leads of all stand for the habits of their markets: always the same ones."""

MOST_DEEDS = 1_000
"""Of one lead so many of its newest deeds count: more tell nothing new of its hours, and nobody's weigh more than those of others."""

_SAID = {"lead_id": pl.Int64(), "at": INSTANT, "market": pl.String(), **{name: pl.String() for name in Whereabouts._fields}}
_market_deeds: dict[tuple[str, str, datetime], pl.DataFrame] = {}


def read_habits(engine: sa.Engine, enrolments: pl.DataFrame, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Return HABITS of the leads of these enrolments; none where the playbook does not learn send times."""
    rules = playbook.limits.send_time
    if rules is None or enrolments.is_empty():
        return pl.DataFrame(schema=HABITS)
    leads, others = enrolments["lead_id"].unique().sort(), _of_markets(engine, playbook, rules, now)
    portions = _portions(engine, rules, now, col(Event.lead_id).between(leads[0], leads[-1]), leads)
    return pl.concat([habits(_deeds(said, playbook), others, rules) for said in portions])


def _of_markets(engine: sa.Engine, playbook: Playbook, rules: SendTime, now: datetime) -> pl.DataFrame:
    """Return the deeds of the sampled leads, read once a day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    key = (str(engine.url), playbook.hash, today)
    if key not in _market_deeds:
        _market_deeds.clear()
        _market_deeds[key] = pl.concat([_deeds(said, playbook) for said in _portions(engine, rules, today, sampled_leads(engine))])
    return _market_deeds[key]


def sampled_leads(engine: sa.Engine) -> sa.ColumnElement[bool]:
    """Return the condition on Event: of one of the leads that stand for all of a base, always the same ones."""
    highest = read_bulk(engine, sa.select(sa.func.coalesce(sa.func.max(col(Lead.id)), 0).label("id")), {"id": pl.Int64()})
    sampled: sa.ColumnElement[bool] = col(Event.lead_id) % max(1, int(highest["id"].item()) // SAMPLED_LEADS) == 0
    return sampled


def _portions(engine: sa.Engine, rules: SendTime, now: datetime, among: sa.ColumnElement[bool], leads: pl.Series | None = None) -> Iterator[pl.DataFrame]:
    """Yield what people did of late, _SAID, at once where that is little, else of some leads after others: those of these ids, or all `among`."""
    whole = read_bulk(engine, _said(rules, now, among).limit(crowd.MOST_ROWS + 1), _SAID)
    if whole.height <= crowd.MOST_ROWS:
        yield _newest(whole if leads is None else whole.join(leads.to_frame(), on="lead_id", how="semi"))
        return
    del whole
    counted = sa.select(col(Event.lead_id), sa.func.count().label("events")).where(*_lately(rules, now), among).group_by(col(Event.lead_id))
    counts = read_bulk(engine, counted, {"lead_id": pl.Int64(), "events": pl.Int64()})
    for part in crowd.parts_by_events(counts["lead_id"] if leads is None else leads, counts, crowd.MOST_ROWS):
        query = _said(rules, now, is_one_of_ids(engine, col(Event.lead_id), part))
        alone = query.order_by(col(Event.at).desc()).limit(MOST_DEEDS)
        yield _newest(read_bulk(engine, alone if len(part) == 1 else query, _SAID))


def _newest(said: pl.DataFrame) -> pl.DataFrame:
    """Return the newest MOST_DEEDS of each lead; of nearly everybody that is all."""
    if said.height <= MOST_DEEDS or (said.group_by("lead_id").len()["len"] <= MOST_DEEDS).all():
        return said
    return said.filter(pl.col("at").rank("ordinal", descending=True).over("lead_id") <= MOST_DEEDS)


def _deeds(said: pl.DataFrame, playbook: Playbook) -> pl.DataFrame:
    """Return DEEDS, on people's own clocks."""
    zoned = said.select("lead_id", "market", "at", zone=zones_of(said, playbook))
    return with_local_time(zoned, "at").select("lead_id", "market", hour=pl.col("local").dt.hour().cast(pl.Int64)).cast(DEEDS)  # type: ignore[arg-type]


def _said(rules: SendTime, now: datetime, among: sa.ColumnElement[bool]) -> sa.Select[Any]:
    of_lead: list[Any] = [getattr(Lead, name) for name in Whereabouts._fields]
    columns: list[Any] = [col(Event.lead_id), col(Event.at), col(Score.market), *of_lead]
    joined = sa.select(*columns).select_from(Event).join(Lead, col(Lead.id) == col(Event.lead_id))
    joined = joined.outerjoin(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE))
    return joined.where(*_lately(rules, now), among)


def _lately(rules: SendTime, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Event.actor) == Actor.HUMAN, col(Event.at) > now - rules.within.span, col(Event.at) <= now, col(Event.received_at) <= now
