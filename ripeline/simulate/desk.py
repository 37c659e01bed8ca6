"""Sales in a simulation: hand-offs by rep and day, on the rep's own clock, against what each can hold."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Handoff
from ripeline.decide.facts import INSTANT
from ripeline.decide.handoff import Rep
from ripeline.decide.timing import midnight
from ripeline.playbook.playbook import Playbook
from ripeline.simulate.figures import RepDay, RepLine
from ripeline.simulate.machine import Journey
from ripeline.sweep.bulk_read import read_bulk

_HANDOFFS = {"rep": pl.String(), "opened_at": INSTANT, "offered_at": INSTANT, "closed_at": INSTANT}
_DAY = timedelta(days=1)


def read_desk(engine: sa.Engine, playbook: Playbook, journey: Journey) -> dict[str, Any]:
    """Return `rep_days` (days on which a rep had something), `reps` (a line each, as in handoff.toml) and `waiting` (hand-offs without a rep, by date)."""
    handoffs = read_bulk(engine, sa.select(*(getattr(Handoff, name) for name in _HANDOFFS)).order_by(col(Handoff.id)), _HANDOFFS)
    days = [journey.start.date() + number * _DAY for number in range(-1, journey.days + 1)]
    rep_days = [each for rep in playbook.handoff.reps for each in _days_of(rep, handoffs.filter(rep=rep.name), days, journey.start)]
    lines = [_line(rep, [each for each in rep_days if each.rep == rep.name]) for rep in playbook.handoff.reps]
    waiting = {day: count for day in days if (count := _open_at_end(handoffs, "opened_at", "offered_at", day, "UTC"))}
    return {"rep_days": rep_days, "reps": lines, "waiting": waiting}


def _days_of(rep: Rep, handoffs: pl.DataFrame, days: list[date], since: datetime) -> list[RepDay]:
    found = []
    for day in days:
        begins, ends = midnight(day, rep.zone), midnight(day + _DAY, rep.zone)
        offered = handoffs.filter(pl.col("offered_at") >= max(begins, since), pl.col("offered_at") < ends).height
        still_open = _open_at_end(handoffs, "offered_at", "closed_at", day, rep.zone)
        if offered or still_open:
            found.append(RepDay(rep.name, day, offered, still_open))
    return found


def _open_at_end(handoffs: pl.DataFrame, begins: str, ends: str, day: date, zone: str) -> int:
    """Return how many hand-offs were between two of their instants when a local date ended."""
    at = midnight(day + _DAY, zone)
    return handoffs.filter(pl.col(begins) < at, pl.col(ends).is_null() | (pl.col(ends) >= at)).height


def _line(rep: Rep, days: list[RepDay]) -> RepLine:
    return RepLine(
        rep.name,
        rep.capacity,
        sum(each.offered for each in days),
        max((each.offered for each in days), default=0),
        max((each.open for each in days), default=0),
        sum(each.open >= rep.capacity for each in days),
    )
