"""People in flight: the enrolments that run, as they are bound, or as an edited playbook would bind them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead
from ripeline.decide.lineage import Lineage, in_new_tracks
from ripeline.decide.segment import Pin
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.plan.rebinding import passed_before, rebound
from ripeline.sweep.schedule.days import read_days
from ripeline.sweep.schedule.gather import Found, Whose, barred_by, gather, read_lives
from ripeline.sweep.segment.gather import gather as gather_standing
from ripeline.sweep.segment.judge import Verdict, judge
from ripeline.sweep.segment.rules import rules_of

GONE = "the track is gone from the playbook"


@dataclass(frozen=True)
class Flight:
    """What runs for some leads under one playbook. found: as `schedule` wants it, with enrolments to come as negative ids.

    ended: `enrolment_id` and `because` of those that would end now. bound: the tracks as the enrolments are bound to them today.
    """

    found: Found
    ended: pl.DataFrame
    bound: Mapping[Pin, Track]


def flight(session: Session, ids: range, playbook: Playbook, now: datetime, pepper: bytes, *, moved_by: Lineage | None = None) -> Flight:
    """Return what runs for the leads in `ids` once `segment` has judged them by `playbook`; `moved_by`: everybody is bound to it before, by these names.

    Nothing is written. Whoever is on hold or with sales gets nothing, as in the sweep.
    """
    found = gather(session, ids, playbook, now, pepper, Whose.running(ids))
    bound = found.tracks
    if moved_by is not None:
        found = rebound(found, playbook, moved_by, passed_before(session, ids)).found
    verdict = _judged(session, ids, playbook, now, moved_by)
    quiet = verdict.leads.filter(pl.col("is_on_hold") | pl.col("is_handed_off")).select(lead_id="id")
    stays = found.enrolments.join(verdict.ended, on="enrolment_id", how="anti")
    fresh = _entering(session, ids, verdict, playbook, now, pepper)
    enrolments = pl.concat([stays, fresh.select(stays.columns)]).join(quiet, on="lead_id", how="anti")
    tracks = dict(found.tracks) | {(playbook.hash, name): playbook.tracks[name] for name in fresh["track"].unique()}
    days = read_days(session.get_bind().engine, ids, tracks, playbook, enrolments, now)
    return Flight(replace(found, enrolments=enrolments, tracks=tracks, days=days), verdict.ended.select("enrolment_id", "because"), bound)


def _judged(session: Session, ids: range, playbook: Playbook, now: datetime, moved_by: Lineage | None) -> Verdict:
    """Return what `segment` would make of everybody in `ids`."""
    rules = rules_of(playbook)
    everybody = sa.and_(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop, col(Lead.erased_at).is_(None))
    found = gather_standing(session, ids, rules, now, everybody)
    if moved_by is None:
        return judge(found, rules, now)
    tracked = in_new_tracks(found.running, moved_by.names_in(playbook.tracks))
    here = pl.col("track").is_in(list(rules.tracks))
    gone = tracked.filter(~here).select("enrolment_id", "lead_id", "group", because=pl.lit(GONE))
    groups = {name: book.track.group for name, book in rules.tracks.items()}
    running = tracked.filter(here).with_columns(called="track", version=pl.lit(playbook.hash), group=pl.col("track").replace(groups))
    pinned = {(playbook.hash, name): rules.tracks[name] for name in running["track"].unique().sort()}
    verdict = judge(replace(found, running=running, pinned=pinned), rules, now)
    return replace(verdict, ended=pl.concat([verdict.ended, gone]))


def _entering(session: Session, ids: range, verdict: Verdict, playbook: Playbook, now: datetime, pepper: bytes) -> pl.DataFrame:
    """Return the enrolments to come, with the columns of `Found.enrolments` and negative ids."""
    within = sa.and_(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop, col(Lead.erased_at).is_(None))
    lives = read_lives(session.get_bind().engine, within, now)
    fresh = verdict.entered.select("lead_id", "track").join(lives, on="lead_id", how="inner").sort("lead_id", "track").with_row_index("number")
    told = fresh.with_columns(
        enrolment_id=-pl.col("number").cast(pl.Int64) - 1, version=pl.lit(playbook.hash), entered_at=pl.lit(now, pl.Datetime("us", "UTC"))
    )
    return told.with_columns(barred=barred_by(session, told, pepper))
