"""Moving what is planned: a lead who changed its zone, or the date a touch hangs on, and a zone database that changed its mind.

What a worker holds stays as it is.
"""

from datetime import date, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import LIVE_STATES, Enrolment, Lead, Message, MessageKind, MessageState, Role, Score
from ripeline.decide.schedule import plan_one
from ripeline.decide.timing import Timing, midnight
from ripeline.decide.touch import Touch
from ripeline.decide.turn import turn_of
from ripeline.decide.window import NeverOpens
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.living import whereabouts_of, zone_for
from ripeline.sweep.schedule.due import Held, may_move
from ripeline.sweep.schedule.gather import read_days
from ripeline.sweep.schedule.timings import Lives, Timings
from ripeline.values import Tally
from ripeline.zones import Zone, database_version, to_local, to_utc


def move(session: Session, held: Held, playbook: Playbook, now: datetime) -> Tally:
    """Move the touches of these leads that hang on a zone or a date that changed; return how many moved and how many were resolved anew."""
    tally = Tally()
    for message, lead, track, entered_by, market in session.execute(stale(held)).all():
        zone = zone_for(whereabouts_of(lead), playbook)
        timings = Timings.of_pin(session, playbook, now, (entered_by, track))
        lives = Lives(*whereabouts_of(lead), market, entered_by, track, message.touch)
        touch = timings.touch(lives)
        _confirm(session, message, now)
        if touch is not None and touch.on is not None and message.due_at > now:
            tally += _to_other_day(session, message, touch, zone, timings.timing(lives), playbook, now)
        elif zone.name != message.zone:
            tally += _to_other_zone(session, message, zone, timings.timing(lives), now)
        elif message.zone_database != database_version():
            tally += _by_new_database(session, message, zone)
    return tally


def stale(held: Held) -> sa.Select[Any]:
    """Select the touches of these leads that may move, each with its lead, its track and version, and the market."""
    live = sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE)
    columns: list[Any] = [Message, Lead, col(Enrolment.track), col(Enrolment.version), col(Score.market)]
    query: sa.Select[Any] = sa.select(*columns)
    joined = query.join(Lead, col(Lead.id) == col(Message.lead_id)).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id)).outerjoin(Score, live)
    return joined.where(may_move(), held.are(col(Message.lead_id)), col(Lead.erased_at).is_(None), col(Enrolment.ended_at).is_(None)).order_by(col(Message.id))


def _to_other_zone(session: Session, message: Message, zone: Zone, timing: Timing, now: datetime) -> Tally:
    """Plan the touch for the same local date in the new zone or, where that is past, for the next opening there."""
    date = datetime.fromisoformat(message.local_at).date()
    try:
        due_at = plan_one(message.lead_id, max(midnight(date, zone.name), now), timing, _heard_at(session, message))
    except NeverOpens:
        return Tally.of(never_opens=1)
    rule = f"{message.rule}; moved with the lead from {message.zone}"
    return Tally.of(moved=_write(session, message, zone, due_at, rule=rule, zone_source=zone.source))


def _to_other_day(session: Session, message: Message, touch: Touch, zone: Zone, timing: Timing, playbook: Playbook, now: datetime) -> Tally:
    """Plan a touch for the day it hangs on, as it is known now; where there is none any more, call it off."""
    ids = pl.Series([message.lead_id])
    days = read_days(session.get_bind().engine, range(message.lead_id, message.lead_id + 1), [touch], playbook, ids, now)
    anchor: date | None = touch.on if isinstance(touch.on, date) else days.item(0, str(touch.on)) if touch.on in days.columns else None
    turn, lapse = turn_of(timing, touch, anchor, to_local(now, zone).date())
    if turn is None:
        return Tally.of(expired=_write(session, message, zone, message.due_at, state=MessageState.CANCELLED, reason=lapse))
    if f"({anchor})" in message.rule and zone.name == message.zone:
        return Tally()
    try:
        due_at = plan_one(message.lead_id, max(turn, now), timing, _heard_at(session, message))
    except NeverOpens:
        return Tally.of(never_opens=1)
    rule = f"{touch.day_text} ({anchor}), then {timing.window}"
    return Tally.of(moved=_write(session, message, zone, due_at, rule=rule, zone_source=zone.source))


def _heard_at(session: Session, message: Message) -> list[datetime]:
    """Return when the lead heard from us by other touches, and when it will."""
    others = (col(Message.lead_id) == message.lead_id, col(Message.id) != message.id, col(Message.kind) == MessageKind.TOUCH)
    went_at = sa.func.coalesce(col(Message.accepted_at), col(Message.in_doubt_at))
    at = sa.case((col(Message.state).in_(LIVE_STATES), col(Message.due_at)), else_=went_at)
    return list(session.execute(sa.select(at).where(*others, at.is_not(None))).scalars())


def _confirm(session: Session, message: Message, now: datetime) -> None:
    """Remember that the plan was looked at by what is known of the lead now."""
    session.execute(sa.update(Message).where(col(Message.id) == message.id).values(planned_at=now).execution_options(synchronize_session=False))


def _by_new_database(session: Session, message: Message, zone: Zone) -> Tally:
    """Resolve the wall time again. A touch that was put off keeps the instant it waits for."""
    resolved = to_utc(datetime.fromisoformat(message.local_at), zone)
    due_at = resolved.at if message.state is MessageState.SCHEDULED else message.due_at
    return Tally.of(resolved_anew=_write(session, message, zone, due_at))


def _write(session: Session, message: Message, zone: Zone, due_at: datetime, **values: Any) -> int:
    local_at = to_local(due_at, zone)
    held = sa.update(Message).where(col(Message.id) == message.id, _is_untouched(message))
    told = {
        "due_at": due_at, "local_at": local_at.isoformat(timespec="seconds"), "zone": zone.name, "resolution": to_utc(local_at, zone).resolution,
        "zone_database": database_version(),
    }  # fmt: skip
    return int(session.execute(held.values(told | values).execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _is_untouched(message: Message) -> sa.ColumnElement[bool]:
    """Return the condition that nobody took the message up since it was read."""
    return sa.and_(col(Message.state) == message.state, col(Message.due_at) == message.due_at)
