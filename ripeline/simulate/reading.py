"""Reading what became of everybody out of the private file, after the days have passed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Event, Lead, Message, MessageKind, MessageState
from ripeline.decide.facts import INSTANT
from ripeline.decide.local_time import with_local_time
from ripeline.playbook.playbook import Playbook
from ripeline.simulate.desk import read_desk
from ripeline.simulate.figures import Figures, TouchLine
from ripeline.simulate.flows import read_flows
from ripeline.simulate.journal import put_off
from ripeline.simulate.machine import Course, Journey
from ripeline.simulate.visits import SOURCE
from ripeline.sweep.bulk_read import read_bulk

_MAILS = {
    "lead_id": pl.Int64(), "zone": pl.String(), "at": INSTANT, "touch": pl.String(), "track": pl.String(),
}  # fmt: skip
_ENDED = (MessageState.CANCELLED, MessageState.SUPPRESSED, MessageState.REJECTED)


def read_figures(session: Session, playbook: Playbook, journey: Journey, course: Course, *, name: str, track: str | None, stages: Mapping[str, int]) -> Figures:
    """Return the figures of a journey that has ended. `track` None: all of them; `stages` are counts by stage before it began."""
    engine = session.get_bind().engine
    mails = with_local_time(_of(read_bulk(engine, _mails(journey), _MAILS, expected=100_000), track), "at")
    later = with_local_time(_of(_put_off(session), track), "since")
    exhausted = with_local_time(_of(read_bulk(engine, _exhausted(journey), _EXHAUSTED), track), "at")
    after = stage_counts(session)
    return Figures(
        name=name,
        playbook=playbook.hash,
        since=journey.start,
        until=journey.end,
        leads=sum(after.values()),
        track=track,
        by_day=_by_date(mails),
        by_hour=_grouped(mails, pl.col("local").dt.hour()),
        by_weekday=_nested(mails, pl.col("local").dt.weekday() - 1),
        by_zone=_nested(mails, pl.col("zone")),
        readers=mails["lead_id"].n_unique(),
        touches=_touches(session, mails, journey),
        put_off=_grouped(later, "by", is_by_count=True),
        put_off_by_day=_by_date(later),
        not_sent=_not_sent(session, journey, track),
        exhausted=_grouped(exhausted, "track", is_by_count=True),
        exhausted_by_day=_by_date(exhausted),
        stages={stage: (stages.get(stage, 0), after.get(stage, 0)) for stage in {**stages, **after}},
        **read_flows(engine, journey),
        **read_desk(engine, playbook, journey),
        sales_mails=_sales_mails(session, journey),
        rates=course.rates.listed(),
        counts={sweep: dict(tally.counts) for sweep, tally in course.tallies.items()},
        stops=course.stops,
        seconds=dict(course.seconds),
    )


def stage_counts(session: Session) -> dict[str, int]:
    """Return how many leads stand in each stage now."""
    query = sa.select(col(Lead.stage), sa.func.count()).where(col(Lead.erased_at).is_(None)).group_by(col(Lead.stage))
    return {stage.value: count for stage, count in session.execute(query)}


def _of(frame: pl.DataFrame, track: str | None) -> pl.DataFrame:
    return frame if track is None else frame.filter(track=track)


def _within(column: Any, journey: Journey) -> tuple[sa.ColumnElement[bool], ...]:
    return column >= journey.start, column < journey.end


def _mails(journey: Journey) -> sa.Select[Any]:
    columns: list[Any] = [col(Message.lead_id), col(Message.zone), col(Message.accepted_at).label("at"), col(Message.touch), col(Enrolment.track)]
    joined = sa.select(*columns).outerjoin(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    return joined.where(col(Message.kind) == MessageKind.TOUCH, col(Message.state) == MessageState.ACCEPTED, *_within(col(Message.accepted_at), journey))


_EXHAUSTED = {"track": pl.String(), "at": INSTANT, "zone": pl.String()}


def _exhausted(journey: Journey) -> sa.Select[Any]:
    """Select enrolments that ran out of touches. Their days are UTC's."""
    columns: list[Any] = [col(Enrolment.track), col(Enrolment.exhausted_at).label("at"), sa.literal("UTC").label("zone")]
    return sa.select(*columns).where(*_within(col(Enrolment.exhausted_at), journey))


def _put_off(session: Session) -> pl.DataFrame:
    """Return what was put off with `track`, `zone` (UTC: the sweeps' own days) and `by`, the cap or window that did it."""
    engine = session.get_bind().engine
    tracks = read_bulk(engine, sa.select(col(Enrolment.id).label("enrolment_id"), col(Enrolment.track)), {"enrolment_id": pl.Int64(), "track": pl.String()})
    told = pl.col("reason").str.replace(r"^put off from .* by the ", "")
    return put_off(engine).join(tracks, on="enrolment_id", how="left").with_columns(zone=pl.lit("UTC"), by=told)


def _by_date(frame: pl.DataFrame) -> dict[date, int]:
    return _grouped(frame, pl.col("local").dt.date())


def _grouped(frame: pl.DataFrame, key: pl.Expr | str, *, is_by_count: bool = False) -> dict[Any, int]:
    counted = frame.group_by(pl.col(key).alias("key") if isinstance(key, str) else key.alias("key")).agg(count=pl.len())
    ordered = counted.sort(pl.col("count"), "key", descending=[True, False]) if is_by_count else counted.sort("key")
    return dict(ordered.select("key", "count").iter_rows())


def _nested(frame: pl.DataFrame, key: pl.Expr) -> dict[Any, dict[int, int]]:
    """Return counts by `key` and then by hour, the key with most mails first."""
    counted = frame.group_by(key=key, hour=pl.col("local").dt.hour().cast(pl.Int64)).agg(count=pl.len())
    order = counted.group_by("key").agg(pl.col("count").sum()).sort("count", "key", descending=[True, False])["key"]
    return {value: dict(counted.filter(key=value).sort("hour").select("hour", "count").iter_rows()) for value in order}


def _touches(session: Session, mails: pl.DataFrame, journey: Journey) -> list[TouchLine]:
    """Return a line a touch, in order of track and first mail."""
    answered = _answers(session, journey)
    lines = mails.group_by("track", "touch").agg(sent=pl.len(), first=pl.col("at").min()).sort("track", "first", "touch")
    return [
        TouchLine(track or "", touch, sent, answered.get((track, touch, "mail_clicked"), 0), answered.get((track, touch, "unsubscribed"), 0))
        for track, touch, sent, _ in lines.iter_rows()
    ]


def _answers(session: Session, journey: Journey) -> dict[tuple[str | None, str, str], int]:
    """Return how many mails of a track and touch got an answer of a kind. An unsubscribe is written by the door that takes it, hence by any source."""
    of_mails = (
        col(Event.message_id).is_not(None),
        col(Event.received_at) >= journey.start,
        sa.or_(col(Event.source) == SOURCE, col(Event.kind) == "unsubscribed"),
    )
    query = (
        sa.select(col(Enrolment.track), col(Message.touch), col(Event.kind), sa.func.count())
        .select_from(Event)
        .join(Message, col(Message.id) == col(Event.message_id))
        .outerjoin(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
        .where(*of_mails)
        .group_by(col(Enrolment.track), col(Message.touch), col(Event.kind))
    )
    return {(track, touch, kind): count for track, touch, kind, count in session.execute(query)}


def _not_sent(session: Session, journey: Journey, track: str | None) -> dict[str, int]:
    """Return why touches that were due within the time did not go, by reason, most frequent first."""
    reason = sa.func.coalesce(sa.func.nullif(col(Message.reason), ""), sa.cast(col(Message.state), sa.String))
    query = sa.select(reason, sa.func.count()).outerjoin(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    chosen = [col(Message.kind) == MessageKind.TOUCH, col(Message.state).in_(_ENDED), col(Message.planned_at) >= journey.start]
    chosen += [] if track is None else [col(Enrolment.track) == track]
    found = session.execute(query.where(*chosen).group_by(reason)).all()
    return dict(sorted(((text, count) for text, count in found), key=lambda each: (-each[1], each[0])))


def _sales_mails(session: Session, journey: Journey) -> int:
    chosen = (col(Message.kind) != MessageKind.TOUCH, col(Message.state) == MessageState.ACCEPTED, *_within(col(Message.accepted_at), journey))
    return int(session.execute(sa.select(sa.func.count()).select_from(Message).where(*chosen)).scalar_one())
