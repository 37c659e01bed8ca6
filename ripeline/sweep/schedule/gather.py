"""What the sweep asks the database: enrolments without a plan, what they did already, and when these leads heard from us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import LIVE_STATES, Consent, ConsentState, Enrolment, Lead, Message, MessageKind, Purpose, Role, Score
from models.columns import UtcDateTime
from ripeline.decide.facts import INSTANT
from ripeline.decide.schedule import OCCUPIED
from ripeline.decide.segment import Pin
from ripeline.decide.touch import HOLD_OUT
from ripeline.decide.track import Track
from ripeline.playbook.lineage import lineage_applied
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk import is_one_of_ids
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.schedule.days import read_days
from ripeline.sweep.schedule.due import Held, is_free, is_on_its_way, is_unplanned, is_untried
from ripeline.sweep.schedule.edited import is_taken_out
from ripeline.sweep.schedule.habits import read_habits
from ripeline.sweep.schedule.timings import pinned_track
from ripeline.sweep.suppressing import EVERYTHING, scope_of, suppressions_of
from ripeline.zones import Whereabouts

HELD_OUT = "held out"
"""How the reason begins of a touch that was due to somebody who is compared with those who got it."""

_ENROLMENTS = {
    "enrolment_id": pl.Int64(), "lead_id": pl.Int64(), "track": pl.String(), "version": pl.String(), "entered_at": INSTANT,
    **{name: pl.String() for name in Whereabouts._fields}, "address_key": pl.String(), "market": pl.String(), "consent_id": pl.Int64(),
    "consent": pl.String(),
}  # fmt: skip
_DONE = {"enrolment_id": pl.Int64(), "touch": pl.String(), "variant": pl.String(), "went_at": INSTANT}
FRESH = {"enrolment_id": pl.Int64(), "touch": pl.String()}
_SCOPES = {"address_key": pl.String(), "scope": pl.String()}


@dataclass(frozen=True)
class Found:
    """enrolments: those without a plan, with `barred` (no_consent, suppressed; null: may be written to). done: touches that are over.

    occupied: when these leads heard or will hear from us. tracks: what the enrolments are bound to. days: `lead_id` and a Date column for each
    attribute that a touch of theirs hangs on. habits: HABITS of those of whom enough is known, where send times are learned. fresh: FRESH, touches that an
    edit brings to them only now.
    """

    enrolments: pl.DataFrame
    done: pl.DataFrame
    occupied: pl.DataFrame
    tracks: Mapping[Pin, Track]
    days: pl.DataFrame
    habits: pl.DataFrame
    fresh: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FRESH))


@dataclass(frozen=True)
class Whose:
    """Whose next touch is asked for: conditions on Lead, on Enrolment beside Lead, and on Message for those taken as if they were not there."""

    leads: sa.ColumnElement[bool]
    enrolments: sa.ColumnElement[bool]
    absent: sa.ColumnElement[bool]

    @classmethod
    def due(cls, held: Held) -> "Whose":
        """Return those for whom the sweep must plan."""
        return cls(sa.and_(held.are(col(Lead.id)), col(Lead.erased_at).is_(None)), sa.and_(is_unplanned(), is_free()), sa.false())

    @classmethod
    def running(cls, ids: range) -> "Whose":
        """Return everybody in a track among `ids`, with the sales or on hold too, as if nothing were planned; what was tried or is held stays."""
        bound = cls.bound(ids)
        return cls(bound.leads, sa.and_(bound.enrolments, sa.not_(is_on_its_way(bound.absent))), bound.absent)

    @classmethod
    def bound(cls, ids: range) -> "Whose":
        """Return the same, with those too whose next touch was tried or is held."""
        in_track = sa.select(col(Enrolment.id)).where(col(Enrolment.lead_id) == col(Lead.id), col(Enrolment.ended_at).is_(None)).correlate(Lead).exists()
        return cls(sa.and_(_is_within(ids), col(Lead.erased_at).is_(None), in_track), col(Enrolment.ended_at).is_(None), is_untried())


def _is_within(ids: range) -> sa.ColumnElement[bool]:
    return sa.and_(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop)


def gather(
    session: Session, ids: range, playbook: Playbook, now: datetime, pepper: bytes, whose: Whose, expected: int = 0,
    inferred: pl.DataFrame | None = None,
) -> Found:  # fmt: skip
    """Return what there is to know of these leads among `ids`; the due ones are locked, nobody else plans for them.

    `expected` leads: only to read the quicker way. inferred: what this transaction already knows better than the bulk reads, by `lead_id`.
    """
    engine = session.get_bind().engine
    enrolments = read_enrolments(engine, whose, now, expected)
    if inferred is not None and inferred.height:
        enrolments = enrolments.update(inferred, on="lead_id", include_nulls=True)
    pins = enrolments.select("version", "track").unique().sort("version", "track").iter_rows()
    tracks = {(version, name): pinned_track(session, (version, name), playbook) for version, name in pins}
    theirs = enrolments["lead_id"].unique().sort()
    done, occupied = read_bulk(engine, _done(engine, theirs), _DONE), read_bulk(engine, _occupied(engine, theirs, whose, now, playbook.memory), OCCUPIED)
    days = read_days(engine, ids, tracks, playbook, enrolments, now)
    known = read_habits(engine, enrolments, playbook, now)
    return Found(enrolments.with_columns(barred=barred_by(session, enrolments, pepper)), done, occupied, tracks, days, known)


def read_enrolments(engine: sa.Engine, whose: Whose, now: datetime, expected: int = 0) -> pl.DataFrame:
    """Return the enrolments without a plan, and of their leads what a plan hangs on."""
    return read_bulk(engine, _enrolments(whose, now), _ENROLMENTS, expected=expected)


def read_lives(engine: sa.Engine, leads: sa.ColumnElement[bool], now: datetime) -> pl.DataFrame:
    """Return what `Found.enrolments` tells of leads alone, for those of whom a condition on Lead holds."""
    columns: list[Any] = [col(Lead.id).label("lead_id")]
    query = _with_lead(sa.select(*columns), now).where(leads)
    return read_bulk(engine, query, {name: _ENROLMENTS[name] for name in ("lead_id", *_OF_LEAD)})


_OF_LEAD = (*Whereabouts._fields, "address_key", "market", "consent_id", "consent")


def _enrolments(whose: Whose, now: datetime) -> sa.Select[Any]:
    of_enrolment: list[Any] = [getattr(Enrolment, name) for name in ("lead_id", "track", "version", "entered_at")]
    query: sa.Select[Any] = sa.select(col(Enrolment.id).label("enrolment_id"), *of_enrolment).join(Lead, col(Lead.id) == col(Enrolment.lead_id))
    return _with_lead(query, now).where(whose.enrolments, whose.leads).order_by(col(Enrolment.id))


def _with_lead(query: sa.Select[Any], now: datetime) -> sa.Select[Any]:
    """Return the query, which knows Lead, with the columns _OF_LEAD added."""
    consent, other = aliased(Consent), aliased(Consent)
    about = (col(other.lead_id) == col(Lead.id), col(other.purpose) == Purpose.MARKETING, col(other.at) <= now)
    newest = sa.select(col(other.id)).where(*about).order_by(col(other.at).desc(), col(other.id).desc()).limit(1).correlate(Lead).scalar_subquery()
    of_lead: list[Any] = [getattr(Lead, name) for name in (*Whereabouts._fields, "address_key")]
    of_consent: list[Any] = [col(consent.id).label("consent_id"), col(consent.state).label("consent")]
    live = sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE)
    told = query.add_columns(*of_lead, col(Score.market), *of_consent)
    return told.outerjoin(Score, live).outerjoin(consent, col(consent.id) == newest)


def _is_of(engine: sa.Engine, column: Any, lead_ids: pl.Series) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is one of these ids, in order; or lies among them, where they lie close: then a range is read quicker."""
    if len(lead_ids) and lead_ids[-1] - lead_ids[0] < len(lead_ids) * 5:
        within: sa.ColumnElement[bool] = column.between(lead_ids[0], lead_ids[-1])
        return within
    return is_one_of_ids(engine, column, lead_ids)


def _went_at() -> sa.ColumnElement[datetime | None]:
    return sa.func.coalesce(col(Message.accepted_at), col(Message.in_doubt_at))


def _turned_at() -> sa.ColumnElement[datetime | None]:
    """Return when a touch had its turn: for the held-out too, so that they go on as those do with whom they are compared."""
    is_held_out = sa.and_(col(Message.variant) == HOLD_OUT, col(Message.reason).startswith(HELD_OUT))
    return sa.func.coalesce(_went_at(), sa.case((is_held_out, col(Message.due_at))))


def _done(engine: sa.Engine, lead_ids: pl.Series) -> sa.Select[Any]:
    """Touches of open enrolments that are over, however they ended. One in doubt counts as gone: it is never sent twice.

    One that an edit took out was never had: should its track have it again, it comes.
    """
    columns: list[Any] = [col(Message.enrolment_id), col(Message.touch), col(Message.variant), _turned_at().label("went_at")]
    query: sa.Select[Any] = sa.select(*columns).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    running = (col(Enrolment.ended_at).is_(None), col(Message.state).not_in(LIVE_STATES), sa.not_(is_taken_out()))
    return query.where(*running, col(Message.kind) == MessageKind.TOUCH, _is_of(engine, col(Enrolment.lead_id), lead_ids))


def _occupied(engine: sa.Engine, lead_ids: pl.Series, whose: Whose, now: datetime, memory: timedelta) -> sa.Select[Any]:
    """Return when these leads heard from us within `memory`, or will; what is overdue will at `now`, and what is held out by lot never."""
    live = col(Message.state).in_(LIVE_STATES)
    planned_at = sa.case((col(Message.due_at) > now, col(Message.due_at)), else_=sa.literal(now, UtcDateTime()))
    at = sa.case((live, planned_at), else_=_went_at()).label("at")
    counts = sa.or_(sa.and_(live, col(Message.variant) != HOLD_OUT), _went_at() > now - memory)
    query: sa.Select[Any] = sa.select(col(Message.lead_id), at)
    return query.where(col(Message.kind) == MessageKind.TOUCH, counts, sa.not_(whose.absent), _is_of(engine, col(Message.lead_id), lead_ids))


def barred_by(session: Session, enrolments: pl.DataFrame, pepper: bytes) -> pl.Series:
    """Return why nothing may be planned for an enrolment; null: it may."""
    agreed = enrolments.filter(pl.col("consent") == ConsentState.GIVEN.value)["address_key"].unique()
    standing = suppressions_of(session, agreed.to_list(), pepper) if len(agreed) else {}
    said = [(key, row.scope) for key, rows in standing.items() for row in rows]
    scopes = pl.DataFrame([*said, *_by_other_names(session, said)], schema=_SCOPES, orient="row")
    stops = (pl.col("scope") == EVERYTHING) | (pl.col("scope") == pl.concat_str(pl.lit(scope_of("")), "track"))
    stopped = enrolments.select("enrolment_id", "address_key", "track").join(scopes, on="address_key").filter(stops)["enrolment_id"]
    is_given = pl.col("consent").eq_missing(ConsentState.GIVEN.value)
    barred = pl.when(~is_given).then(pl.lit("no_consent")).when(pl.col("enrolment_id").is_in(stopped.implode())).then(pl.lit("suppressed"))
    return enrolments.select(barred.alias("barred")).to_series()


def _by_other_names(session: Session, said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what stops one track again by every other name that the track has or had."""
    if all(scope == EVERYTHING for _, scope in said):
        return []
    return [(key, scope_of(other)) for one, other in lineage_applied(session).same_tracks for key, scope in said if scope == scope_of(one)]
