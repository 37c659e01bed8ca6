"""Moving people in flight to the playbook that went live, by the plan: one transaction a batch.

Whoever was moved is bound to the live version, so a move that was killed goes on where it stopped. What waits is planned anew only where the plan
differs; what was tried, or is held by a worker, goes as it was written. Who leaves or enters a track by the edited conditions is told by the next
`segment`, and whoever had no touch waiting gets the next one by the next `schedule`, as ever.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Enrolment, Lead, Message
from ripeline.decide.lineage import Lineage, in_new_tracks
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.plan.flight import GONE
from ripeline.sweep.plan.rebinding import passed_before, rebound
from ripeline.sweep.plan.replanning import replan
from ripeline.sweep.plan.retelling import retell
from ripeline.sweep.ranges import id_ranges
from ripeline.sweep.schedule.days import read_days
from ripeline.sweep.schedule.due import is_on_its_way
from ripeline.sweep.schedule.gather import Found, Whose, gather
from ripeline.sweep.schedule.planning import Plan, planned
from ripeline.sweep.segment.record import end
from ripeline.values import Tally


@dataclass(frozen=True)
class Move:
    """Where people go. before: the playbook that was live until now; to: the one that is; lineage: what touches were ever called."""

    before: Playbook
    to: Playbook
    lineage: Lineage


def due_to_move(session: Session, to: Playbook, *, batch_size: int) -> list[range]:
    """Return half-open ranges of the ids of leads who are in a track of another version than `to`, `batch_size` of them each."""
    ranges = id_ranges(session, sa.select(col(Lead.id)).where(_is_bound_elsewhere(to)), batch_size)
    session.rollback()
    return ranges


def move_people(session: Session, ids: range, by: Move, *, now: datetime, settings: Settings, dry_run: bool = False) -> Tally:
    """Bind everybody in flight among `ids` to `by.to` and return the counts; commits once, or rolls back where `dry_run`.

    Counts: `moved` enrolments, `renamed` those of them whose track has another name now, `ended` ones whose track is gone, and of touches:
    `taken_out`, `planned_anew`, `passed_over`, and `expired` ones whose time was over before they could go.
    """
    tally = _moved(session, ids, by, now, settings) if _lock(session, ids, by.to) else Tally()
    if dry_run:
        session.rollback()
    else:
        session.commit()
    return tally


def _moved(session: Session, ids: range, by: Move, now: datetime, settings: Settings) -> Tally:
    old, new = (gather(session, ids, book, now, settings.key, Whose.bound(ids)) for book in (by.before, by.to))
    bound = rebound(new, by.to, by.lineage, passed_before(session, ids))
    days = read_days(session.get_bind().engine, ids, bound.found.tracks, by.to, bound.found.enrolments, now)
    elsewhere = old.enrolments.filter(pl.col("version") != by.to.hash)
    names = by.lineage.names_in(by.to.tracks)
    stale = in_new_tracks(elsewhere, names).filter(pl.col("track").is_in(list(by.to.tracks)))
    renamed = elsewhere.filter(pl.col("track").is_in(list(names.tracks))).height
    gone = elsewhere.join(stale, on="enrolment_id", how="anti")
    cancelled = end(session, GONE, gone, now) if gone.height else 0
    passed = retell(session, stale, bound.over, names, by.to, settings, now)
    held = _held(session, ids)
    was, will = _plan(old, held, by.before, now), _plan(replace(bound.found, days=days), held, by.to, now)
    tally = replan(session, stale, was, will, names, by.to, settings, now)
    _bind(session, stale, will, by.to)
    return tally + Tally.of(moved=stale.height, renamed=renamed, ended=gone.height, taken_out=cancelled, passed_over=passed)


def _is_bound_elsewhere(to: Playbook) -> sa.ColumnElement[bool]:
    """Return the condition on Lead."""
    those = sa.select(col(Enrolment.id)).where(col(Enrolment.lead_id) == col(Lead.id), col(Enrolment.ended_at).is_(None), col(Enrolment.version) != to.hash)
    return sa.and_(col(Lead.erased_at).is_(None), those.correlate(Lead).exists())


def _lock(session: Session, ids: range, to: Playbook) -> bool:
    """Hold the leads, and what waits for them, until the transaction ends: no sweep plans for them, no worker takes a touch up; tell if there are any."""
    within = sa.and_(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop, _is_bound_elsewhere(to))
    leads = sa.select(col(Lead.id)).where(within).order_by(col(Lead.id)).with_for_update(of=Lead, key_share=True)
    if session.execute(leads).first() is None:
        return False
    open_ones = sa.select(col(Enrolment.id)).where(col(Enrolment.ended_at).is_(None), col(Enrolment.lead_id).between(ids.start, ids.stop - 1))
    session.execute(sa.select(col(Message.id)).where(col(Message.enrolment_id).in_(open_ones)).order_by(col(Message.id)).with_for_update())
    return True


def _held(session: Session, ids: range) -> list[int]:
    """Return the enrolments with a touch that was tried, or that a worker holds: nothing else is planned for them now."""
    query: sa.Select[Any] = sa.select(col(Enrolment.id)).where(col(Enrolment.ended_at).is_(None), col(Enrolment.lead_id).between(ids.start, ids.stop - 1))
    return list(session.execute(query.where(is_on_its_way(Whose.bound(ids).absent))).scalars())


def _plan(found: Found, held: list[int], playbook: Playbook, now: datetime) -> Plan:
    return planned(replace(found, enrolments=found.enrolments.filter(~pl.col("enrolment_id").is_in(held))), playbook, now)


def _bind(session: Session, stale: pl.DataFrame, will: Plan, to: Playbook) -> None:
    """Bind the enrolments to the version; those who had all their touches, and have some again, are told so."""
    for (track,), part in stale.group_by("track"):
        _update(session, part["enrolment_id"].to_list(), _has_room(to.tracks[str(track)].group), group=to.tracks[str(track)].group)
        _update(session, part["enrolment_id"].to_list(), col(Enrolment.track) != track, track=track)
    ids = stale["enrolment_id"].to_list()
    _update(session, ids, version=to.hash)
    _update(session, sorted(set(ids) - set(will.exhausted)), exhausted_at=None)


def _has_room(group: str) -> sa.ColumnElement[bool]:
    """Return the condition on Enrolment that it is not of this group yet, and its lead is in no other track of it: then it keeps its own."""
    other = aliased(Enrolment)
    there = sa.select(col(other.id)).where(col(other.lead_id) == col(Enrolment.lead_id), col(other.group) == group, col(other.ended_at).is_(None))
    return sa.and_(col(Enrolment.group) != group, sa.not_(there.correlate(Enrolment).exists()))


def _update(session: Session, ids: list[int], *which: sa.ColumnElement[bool], **values: Any) -> None:
    if ids:
        those = sa.update(Enrolment).where(is_one_of(session, col(Enrolment.id), ids), *which)
        session.execute(those.values(**values).execution_options(synchronize_session=False))
