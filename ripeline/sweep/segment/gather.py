"""What the sweep asks the database: the due leads with their standing and facts, their enrolments, and what people said of their stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Actor, Enrolment, Event, Handoff, Lead, Role, Score
from ripeline.decide.condition import with_features
from ripeline.decide.facts import INSTANT
from ripeline.decide.segment import Pin, TrackBook
from ripeline.decide.staging import STAGE_SET
from ripeline.playbook.lineage import lineage_of
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.crowd import in_portions
from ripeline.sweep.facts import read_facts
from ripeline.sweep.segment.rules import Rules, features_of, needs_of, pinned_track

_STANDING = {
    "id": pl.Int64(), "stage": pl.String(), "stage_at": INSTANT, "is_on_hold": pl.Boolean(), "segmented_revision": pl.Int64(), "is_handed_off": pl.Boolean(),
}  # fmt: skip
_SCORE = {
    "total": pl.Int64(), "fit": pl.Int64(), "engagement": pl.Int64(), "grade": pl.String(), "market": pl.String(), "excluded": pl.String(),
    "revision": pl.Int64(), "version": pl.String(), "reasons": pl.String(),
}  # fmt: skip
_RUNNING = {
    "enrolment_id": pl.Int64(), "lead_id": pl.Int64(), "track": pl.String(), "group": pl.String(), "version": pl.String(), "is_exhausted": pl.Boolean(),
}  # fmt: skip
_LEFT = {"lead_id": pl.Int64(), "track": pl.String(), "ended_at": INSTANT}
_TOLD = {
    "lead_id": pl.Int64(), "id": pl.Int64(), "at": INSTANT, "received_at": INSTANT, "kind": pl.String(), "form": pl.String(), "reason": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The due leads. leads: standing, attributes and features by `id`. running, left: enrolments as `decide.segment` wants them; `track` of those
    running is as they are bound, `called` what that track is called today, which is how `left` names those they left.

    told: events that move a stage, of which nobody has heard before. pinned: the tracks that running enrolments are bound to.
    """

    leads: pl.DataFrame
    running: pl.DataFrame
    left: pl.DataFrame
    told: pl.DataFrame
    pinned: Mapping[Pin, TrackBook]


def gather(session: Session, ids: range, rules: Rules, now: datetime, whose: pl.Series | sa.ColumnElement[bool]) -> Found:
    """Return what there is to know of leads among `ids`: those of these ids, in order, or those of whom a condition on Lead holds.

    Who is to be judged is locked: nobody else changes what is read here.
    """
    engine, read = session.get_bind().engine, _Reading.of(session, ids, whose)
    running = read.of_leads(_running(read.among), _RUNNING)
    pins = running.select("version", "track").unique().sort("version", "track").iter_rows()
    pinned = {(version, track): pinned_track(session, version, track, rules) for version, track in pins}
    conditions = [*rules.stages.conditions, *(each for book in (*rules.tracks.values(), *pinned.values()) for each in book.conditions)]
    standing, needs = read.leads(), needs_of(conditions)
    today = pl.col("track").replace(lineage_of(session, rules.playbook).names_in(rules.playbook.tracks).tracks)
    left = read.of_leads(_left(read.among), _LEFT).with_columns(today)

    def known(lead_ids: pl.Series) -> pl.DataFrame:
        facts = read_facts(engine, ids, needs, rules.playbook.fields, now, only=lead_ids, bounded=True).facts
        return with_features(standing.join(facts.leads, on="id", how="inner"), facts, features_of(conditions), now)

    told = read.of_leads(_told(read.among, rules, now), _TOLD)
    return Found(in_portions(known, standing["id"]), running.with_columns(called=today), left, told, pinned)


@dataclass(frozen=True)
class _Reading:
    """Reading some leads' rows by a condition that costs little: where most of a range are wanted, all of it, and the others are left out here."""

    engine: sa.Engine
    among: sa.ColumnElement[bool]
    only: pl.Series | None = None

    @classmethod
    def of(cls, session: Session, ids: range, whose: pl.Series | sa.ColumnElement[bool]) -> "_Reading":
        if not isinstance(whose, pl.Series):
            return cls(session.get_bind().engine, whose)
        is_most = len(whose) * 5 >= len(ids)
        among = sa.and_(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop) if is_most else is_one_of(session, col(Lead.id), whose.to_list())
        return cls(session.get_bind().engine, among, whose)

    def leads(self) -> pl.DataFrame:
        return self._kept(read_standing(self.engine, self.among, self._expected), "id")

    def of_leads(self, query: sa.Select[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        return self._kept(read_bulk(self.engine, query, schema), "lead_id")

    def _kept(self, frame: pl.DataFrame, key: str) -> pl.DataFrame:
        return frame if self.only is None else frame.join(self.only.to_frame("chosen"), left_on=key, right_on="chosen", how="semi", maintain_order="left")

    @property
    def _expected(self) -> int:
        return 0 if self.only is None else len(self.only)


def read_standing(engine: sa.Engine, among: sa.ColumnElement[bool], expected: int = 0) -> pl.DataFrame:
    """Return how the leads stand of whom `among` holds, a condition on Lead: stage, hold, whether sales has them, and their live score."""
    return read_bulk(engine, _standing(among), _STANDING | _SCORE, expected=expected)


def _ids(among: sa.ColumnElement[bool]) -> sa.Select[Any]:
    query: sa.Select[Any] = sa.select(col(Lead.id)).where(among)
    return query


def _standing(among: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Select the columns of _STANDING and, null where there is no live score, of _SCORE."""
    handed_off = sa.select(col(Handoff.id)).where(col(Handoff.lead_id) == col(Lead.id), col(Handoff.closed_at).is_(None)).correlate(Lead).exists()
    of_lead: list[Any] = [getattr(Lead, name) for name in list(_STANDING)[:-1]]
    of_score: list[Any] = [getattr(Score, name) for name in _SCORE]
    live = sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE)
    query: sa.Select[Any] = sa.select(*of_lead, handed_off.label("is_handed_off"), *of_score)
    return query.select_from(Lead).outerjoin(Score, live).where(among).order_by(col(Lead.id))


def _running(among: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns: list[Any] = [col(Enrolment.id).label("enrolment_id"), col(Enrolment.lead_id), col(Enrolment.track), col(Enrolment.group), col(Enrolment.version)]
    columns.append(col(Enrolment.exhausted_at).is_not(None).label("is_exhausted"))
    query: sa.Select[Any] = sa.select(*columns)
    return query.where(col(Enrolment.ended_at).is_(None), col(Enrolment.lead_id).in_(_ids(among))).order_by(col(Enrolment.id))


def _left(among: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns: list[Any] = [col(Enrolment.lead_id), col(Enrolment.track), sa.func.max(col(Enrolment.ended_at)).label("ended_at")]
    query: sa.Select[Any] = sa.select(*columns)
    ended = query.where(col(Enrolment.ended_at).is_not(None), col(Enrolment.lead_id).in_(_ids(among)))
    return ended.group_by(col(Enrolment.lead_id), col(Enrolment.track))


def _told(among: sa.ColumnElement[bool], rules: Rules, now: datetime) -> sa.Select[Any]:
    """Events that came after the lead's stage last changed; to a lead never judged before, every one is news."""
    kinds = sorted({STAGE_SET, *rules.stages.moving_kinds, *rules.stages.returning_kinds})
    is_news = sa.or_(col(Event.received_at) > col(Lead.stage_at), col(Lead.segmented_version) == "")
    known = (col(Event.kind).in_(kinds), col(Event.actor) == Actor.HUMAN, col(Event.at) <= now, col(Event.received_at) <= now)
    reason = sa.cast(col(Event.more)["reason"].as_string(), sa.String()).label("reason")
    columns: list[Any] = [col(Event.lead_id), col(Event.id), col(Event.at), col(Event.received_at), col(Event.kind), col(Event.form), reason]
    return (
        sa.select(*columns)
        .join(Lead, col(Lead.id) == col(Event.lead_id))
        .where(*known, is_news, among)
        .order_by(col(Event.lead_id), col(Event.at), col(Event.id))
    )
