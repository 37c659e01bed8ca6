"""What the base shows of people's ways: how they answered mails, how often they visit, and what a visit holds. Read from the private copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Actor, Event, Handoff, HandoffState, Lead, Meeting, MeetingState, Message, MessageKind, MessageState
from ripeline.decide.facts import INSTANT
from ripeline.decide.local_time import with_local_time
from ripeline.playbook.playbook import Playbook
from ripeline.simulate.rates import ASSUMED_ANSWERS, VISIT_DAYS, Counts
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.living import zones_of
from ripeline.zones import Whereabouts

SAMPLE_EVENTS = 20_000
"""About so many recorded events stand for what a visit holds."""

HOLDS = {"kind": pl.String(), "path": pl.String(), "form": pl.String(), "asset": pl.String(), "seconds": pl.Int64(), "amount": pl.Float64()}

_PLACES = {"lead_id": pl.Int64(), **{name: pl.String() for name in Whereabouts._fields}}
_NOT_A_VISIT = ("unsubscribed", "stage_set")
_SAMPLED = {"lead_id": pl.Int64(), "at": INSTANT, **HOLDS}


@dataclass(frozen=True)
class Observed:
    """counts: see there. leads: `lead_id`, `zone`, `seen` (days with a visit in the last 90 days) of every lead.

    visits: `visit` (numbered from 0), `second` (of the visitor's local day), and what it held, HOLDS; `step` numbers all of it in order.
    """

    counts: Counts
    leads: pl.DataFrame
    visits: pl.DataFrame


def observed(session: Session, playbook: Playbook, now: datetime) -> Observed:
    """Return what the base shows at `now`."""
    engine = session.get_bind().engine
    places = read_bulk(engine, sa.select(*_whereabouts()).where(col(Lead.erased_at).is_(None)), _PLACES)
    seen = read_bulk(engine, _visit_days(now), {"lead_id": pl.Int64(), "seen": pl.Int64()})
    leads = places.select("lead_id", zone=zones_of(places, playbook)).join(seen, on="lead_id", how="left").with_columns(pl.col("seen").fill_null(0))
    visits = int(leads["seen"].sum())
    sampled = read_bulk(engine, _some_visits(session, now), _SAMPLED)
    return Observed(_counts(session, visits, leads.height * VISIT_DAYS), leads.sort("lead_id"), _as_visits(sampled, leads))


def _whereabouts() -> list[Any]:
    return [col(Lead.id).label("lead_id"), *(getattr(Lead, name) for name in Whereabouts._fields)]


def _visited(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    own = sa.not_(sa.or_(*(col(Event.kind).startswith(start) for start in ("mail_", "handoff_", "meeting_")), col(Event.kind).in_(_NOT_A_VISIT)))
    return col(Event.actor) == Actor.HUMAN, own, col(Event.at) > now - timedelta(days=VISIT_DAYS), col(Event.at) <= now


def _visit_days(now: datetime) -> sa.Select[Any]:
    day = sa.type_coerce(col(Event.at), sa.BigInteger()) / 86_400_000_000
    whole = sa.cast(day, sa.Integer())
    return sa.select(col(Event.lead_id), sa.func.count(sa.distinct(whole)).label("seen")).where(*_visited(now)).group_by(col(Event.lead_id))


def _some_visits(session: Session, now: datetime) -> sa.Select[Any]:
    """Select the recorded visits of every so-manieth lead, which are about SAMPLE_EVENTS events."""
    count = session.execute(sa.select(sa.func.count()).select_from(Event).where(*_visited(now))).scalar_one()
    every = max(1, -(-count // SAMPLE_EVENTS))
    columns: list[Any] = [getattr(Event, name) for name in _SAMPLED]
    return sa.select(*columns).where(*_visited(now), col(Event.lead_id) % every == 0).order_by(col(Event.lead_id), col(Event.at), col(Event.id))


def _as_visits(sampled: pl.DataFrame, leads: pl.DataFrame) -> pl.DataFrame:
    """Return events as numbered visits on the clock of who visited: all that one lead did on one of its days."""
    zones = sampled.join(leads.select("lead_id", "zone"), on="lead_id", how="inner")
    local = with_local_time(zones, "at")
    second = (pl.col("local") - pl.col("local").dt.truncate("1d")).dt.total_seconds()
    visit = (pl.struct("lead_id", pl.col("local").dt.date()).rle_id()).cast(pl.Int64)
    return local.select(*HOLDS, visit=visit, second=second).with_row_index("step")


def _counts(session: Session, visits: int, lead_days: int) -> Counts:
    touches = (col(Message.kind) == MessageKind.TOUCH, col(Message.state) == MessageState.ACCEPTED)
    sent = _grouped(session, sa.select(col(Message.touch), sa.func.count()).where(*touches).group_by(col(Message.touch)))
    kinds = (col(Event.kind).in_(ASSUMED_ANSWERS), col(Event.actor) == Actor.HUMAN, col(Event.touch).is_not(None))
    answered: sa.Select[Any] = sa.select(col(Event.touch), col(Event.kind), sa.func.count(sa.distinct(col(Event.lead_id))))
    answers = {(touch, kind): count for touch, kind, count in session.execute(answered.where(*kinds).group_by(col(Event.touch), col(Event.kind)))}
    closed = _grouped(session, sa.select(col(Handoff.state), sa.func.count()).where(col(Handoff.closed_at).is_not(None)).group_by(col(Handoff.state)))
    verdicts = {"handoff_accepted": closed.get(HandoffState.ACCEPTED, 0), "handoff_rejected": closed.get(HandoffState.REJECTED, 0)}
    booked = session.execute(sa.select(sa.func.count()).select_from(Meeting).where(col(Meeting.state) == MeetingState.CONFIRMED)).scalar_one()
    return Counts(sent, answers, verdicts, sum(closed.values()), booked, verdicts["handoff_accepted"], visits, lead_days)


def _grouped(session: Session, query: sa.Select[Any]) -> Mapping[Any, int]:
    return {key: count for key, count in session.execute(query)}  # noqa: C416  (rows are no pairs to mypy)
