"""What the sweep asks of people's hours: when the due leads were active on their own clocks, and when their markets are."""

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
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.living import zones_of
from ripeline.zones import Whereabouts

SAMPLED_LEADS = 2_000
"""So many leads of all stand for the habits of their markets: always the same ones."""

_SAID = {"lead_id": pl.Int64(), "at": INSTANT, "market": pl.String(), **{name: pl.String() for name in Whereabouts._fields}}
_market_deeds: dict[tuple[str, str, datetime], pl.DataFrame] = {}


def read_habits(engine: sa.Engine, enrolments: pl.DataFrame, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Return HABITS of the leads of these enrolments; none where the playbook does not learn send times."""
    rules = playbook.limits.send_time
    if rules is None or enrolments.is_empty():
        return pl.DataFrame(schema=HABITS)
    leads = enrolments["lead_id"].unique()
    between = (col(Event.lead_id) >= leads.min(), col(Event.lead_id) <= leads.max())
    own = _deeds(engine, playbook, rules, now, *between).join(leads.to_frame(), on="lead_id", how="semi")
    return habits(own, _of_markets(engine, playbook, rules, now), rules)


def _of_markets(engine: sa.Engine, playbook: Playbook, rules: SendTime, now: datetime) -> pl.DataFrame:
    """Return the deeds of the sampled leads, read once a day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    key = (str(engine.url), playbook.hash, today)
    if key not in _market_deeds:
        _market_deeds.clear()
        _market_deeds[key] = _deeds(engine, playbook, rules, today, sampled_leads(engine))
    return _market_deeds[key]


def sampled_leads(engine: sa.Engine) -> sa.ColumnElement[bool]:
    """Return the condition on Event: of one of the leads that stand for all of a base, always the same ones."""
    highest = read_bulk(engine, sa.select(sa.func.coalesce(sa.func.max(col(Lead.id)), 0).label("id")), {"id": pl.Int64()})
    sampled: sa.ColumnElement[bool] = col(Event.lead_id) % max(1, int(highest["id"].item()) // SAMPLED_LEADS) == 0
    return sampled


def _deeds(engine: sa.Engine, playbook: Playbook, rules: SendTime, now: datetime, *whose: sa.ColumnElement[bool]) -> pl.DataFrame:
    """Return what people did of late, DEEDS, on their own clocks."""
    said = read_bulk(engine, _said(rules, now, whose), _SAID)
    zoned = said.select("lead_id", "market", "at", zone=zones_of(said, playbook))
    return with_local_time(zoned, "at").select("lead_id", "market", hour=pl.col("local").dt.hour().cast(pl.Int64)).cast(DEEDS)  # type: ignore[arg-type]


def _said(rules: SendTime, now: datetime, whose: tuple[sa.ColumnElement[bool], ...]) -> sa.Select[Any]:
    of_lead: list[Any] = [getattr(Lead, name) for name in Whereabouts._fields]
    columns: list[Any] = [col(Event.lead_id), col(Event.at), col(Score.market), *of_lead]
    joined = sa.select(*columns).select_from(Event).join(Lead, col(Lead.id) == col(Event.lead_id))
    joined = joined.outerjoin(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE))
    lately = (col(Event.at) > now - rules.within.span, col(Event.at) <= now, col(Event.received_at) <= now)
    return joined.where(col(Event.actor) == Actor.HUMAN, *lately, *whose)
