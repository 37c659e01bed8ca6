"""Reading what tracks achieved from the database, a range of leads at a time.

What is agreed with those who plan and send is written here alone: a lead whose turn came either got its letter (accepted, rejected or in doubt),
or was held out, which is a cancelled message whose reason begins with HELD_OUT.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Actor, Enrolment, Event, Message, MessageKind, MessageState, Role, Score
from ripeline.decide.lineage import NewNames, in_new_names, in_new_tracks
from ripeline.decide.touch import HOLD_OUT
from ripeline.playbook.applied import applied_playbook, playbook_version
from ripeline.playbook.lineage import lineage_of
from ripeline.playbook.playbook import Playbook
from ripeline.report.results.judging import (
    CELL,
    CLICKS,
    ENROLMENTS,
    LINE,
    MESSAGES,
    Arms,
    contests,
    ratios,
    touch_counts,
    touch_lines,
    track_counts,
    track_lines,
)
from ripeline.report.results.numbers import Results
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.ranges import id_ranges
from ripeline.sweep.schedule.edited import is_never_planned
from ripeline.sweep.schedule.gather import HELD_OUT
from ripeline.values import Refusal

SLICE = 50_000
GOAL = "goal reached"  # how `segment` begins the reason of an enrolment that reached its goal
HANDED_OVER = (MessageState.ACCEPTED, MessageState.IN_DOUBT)

Tick = Callable[[int, int], None]


def read_results(
    session: Session, since: datetime, until: datetime, *, track: str | None = None, market: str | None = None, tick: Tick = lambda done, every: None
) -> Results:
    """Return the results of enrolments that entered in that time, of one track, or of leads that are in one market now, where they are named.

    Tracks and touches that were renamed count under the name of today, which is what `track` asks for. An unknown track or market raises Refusal.
    """
    live = applied_playbook(session)
    _refuse_unknown(live, track, market)
    names = lineage_of(session, live).names_in(live.tracks)
    entered = [col(Enrolment.entered_at) >= since, col(Enrolment.entered_at) < until, *([col(Enrolment.track).in_(names.of(track))] if track else [])]
    ids = sa.select(col(Enrolment.lead_id)).where(*entered).distinct()
    engine, lines, cells, reasons = session.get_bind().engine, [pl.DataFrame(schema=LINE)], [pl.DataFrame(schema=CELL)], [pl.DataFrame(schema=_REASON)]
    ranges = id_ranges(session, ids, SLICE)
    for number, span in enumerate(ranges, start=1):
        enrolments = read_bulk(engine, _enrolments(span, entered, market), ENROLMENTS)
        messages = read_bulk(engine, _messages(span, entered), MESSAGES)
        lines.append(track_counts(enrolments))
        cells.append(touch_counts(enrolments, messages, read_bulk(engine, _clicks(span), CLICKS)))
        reasons.append(_why_left(enrolments))
        tick(number, len(ranges))
    return _results(session, live, names, (since, until), pl.concat(lines), pl.concat(cells), pl.concat(reasons))


_REASON = {"track": pl.String(), "because": pl.String(), "leads": pl.Int64()}


def _results(
    session: Session, live: Playbook, names: NewNames, span: tuple[datetime, datetime], lines: pl.DataFrame, cells: pl.DataFrame, reasons: pl.DataFrame
) -> Results:
    arms = {(version, names.track(track), names.touch(track, touch)): some for (version, track, touch), some in _arms(session, cells).items()}
    lines, reasons, cells = in_new_tracks(lines, names), in_new_tracks(reasons, names), in_new_names(cells, names)
    order = {(name, touch.name): place for name, track in live.tracks.items() for place, touch in enumerate(track.touches)}
    touches = touch_lines(cells, order, by_market=False)
    why = reasons.group_by("track", "because").agg(pl.col("leads").sum()).sort(["track", "leads", "because"], descending=[False, True, False])
    why_left: dict[str, dict[str, int]] = {}
    for track, because, leads in why.iter_rows():
        why_left.setdefault(track, {})[because] = leads
    return Results(
        *span, tracks=track_lines(lines, by_market=False), markets=track_lines(lines, by_market=True), touches=touches,
        cells=touch_lines(cells, order, by_market=True), why_left=why_left, contests=contests(touches, arms), ratios=ratios(cells, arms),
    )  # fmt: skip


def _refuse_unknown(live: Playbook, track: str | None, market: str | None) -> None:
    for what, named, known in (("track", track, live.tracks), ("market", market, live.markets)):
        if named is not None and named not in known:
            raise Refusal(f"the live playbook has no {what} '{named}'; there are: {', '.join(sorted(known)) or 'none'}")


def _arms(session: Session, cells: pl.DataFrame) -> Arms:
    """Return the arms of every touch that was planned, by the version its enrolment is bound to."""
    asked = cells.select("version", "track", "touch").unique().sort("version", "track", "touch").iter_rows()
    found: dict[tuple[str, str, str], Sequence[Any]] = {}
    for version, track, touch in asked:
        known = playbook_version(session, version).tracks.get(track)
        step = next((each for each in known.touches if each.name == touch), None) if known else None
        if step is not None and step.arms:
            found[version, track, touch] = step.arms
    return found


def _within(column: Any, span: range) -> tuple[sa.ColumnElement[bool], ...]:
    return column >= span.start, column < span.stop


def _enrolments(span: range, entered: Sequence[sa.ColumnElement[bool]], market: str | None) -> sa.Select[Any]:
    """Select the columns of ENROLMENTS."""
    is_goal = sa.func.coalesce(col(Enrolment.ended_because), "").startswith(GOAL)
    columns: list[Any] = [
        col(Enrolment.id), col(Enrolment.lead_id), col(Enrolment.track), col(Enrolment.version), col(Score.market), col(Enrolment.ended_at),
        col(Enrolment.ended_because), is_goal, col(Enrolment.exhausted_at).is_not(None),
    ]  # fmt: skip
    labelled = (column.label(name) for column, name in zip(columns, ENROLMENTS, strict=True))
    live = sa.and_(col(Score.lead_id) == col(Enrolment.lead_id), col(Score.role) == Role.LIVE)
    query: sa.Select[Any] = sa.select(*labelled).outerjoin(Score, live).where(*_within(col(Enrolment.lead_id), span), *entered)
    return query if market is None else query.where(col(Score.market) == market)


def _messages(span: range, entered: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Select the columns of MESSAGES for every touch of those enrolments. One that was handed over had its turn then, the others when they were due."""
    had_turn = sa.or_(col(Message.state) == MessageState.REJECTED, sa.and_(col(Message.variant) == HOLD_OUT, col(Message.reason).startswith(HELD_OUT)))
    turned_at = sa.func.coalesce(col(Message.accepted_at), col(Message.in_doubt_at), sa.case((had_turn, col(Message.due_at))))
    is_sent = col(Message.state).in_(HANDED_OVER)
    columns: list[Any] = [sa.cast(col(Message.id), sa.String), col(Message.enrolment_id), col(Message.touch), col(Message.variant), is_sent, turned_at]
    labelled = (column.label(name) for column, name in zip(columns, MESSAGES, strict=True))
    query: sa.Select[Any] = sa.select(*labelled).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    return query.where(*_within(col(Enrolment.lead_id), span), *entered, col(Message.kind) == MessageKind.TOUCH, sa.not_(is_never_planned()))


def _clicks(span: range) -> sa.Select[Any]:
    """Select the columns of CLICKS: what people followed, never machines."""
    columns: list[Any] = [col(Event.lead_id), col(Event.touch), sa.cast(col(Event.message_id), sa.String), col(Event.at)]
    labelled = (column.label(name) for column, name in zip(columns, CLICKS, strict=True))
    query: sa.Select[Any] = sa.select(*labelled)
    return query.where(*_within(col(Event.lead_id), span), col(Event.kind) == "mail_clicked", col(Event.actor) == Actor.HUMAN)


def _why_left(enrolments: pl.DataFrame) -> pl.DataFrame:
    left = enrolments.filter(pl.col("ended_at").is_not_null(), ~pl.col("is_goal"))
    return left.group_by("track", pl.col("because").fill_null("no reason given")).agg(leads=pl.len().cast(pl.Int64))
