"""What leads answer to a proposed meeting: a yes confirms it, a no brings another time, as often as the playbook offers one."""

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Event, Handoff, Lead, Meeting, MeetingState, Message, Role, Score
from ripeline.decide.meeting import Proposal
from ripeline.sweep.handoff.closing import STANDING_MEETINGS, recall
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.proposing import find_time, invite
from ripeline.sweep.handoff.reach import permission
from ripeline.sweep.handoff.sales_desk import SalesDesk
from ripeline.values import Tally
from ripeline.zones import first_instant, to_local, zone_named

BOOKED, DECLINED = "meeting_booked", "meeting_declined"


def meeting_answers(now: datetime) -> sa.Select[tuple[int | None, int, str]]:
    """Return answers to the present revision of meetings to come: the meeting's id, its lead, the event's kind; first come first.

    An event that names no meeting (`form`) answers the lead's proposed one.
    """
    names_it = sa.or_(col(Event.form).is_(None), col(Event.form) == sa.cast(col(Meeting.id), sa.String))
    says_yes = sa.and_(col(Event.kind) == BOOKED, col(Meeting.state) == MeetingState.PROPOSED)
    says_no = sa.and_(col(Event.kind) == DECLINED, col(Meeting.state).in_(STANDING_MEETINGS))
    return (
        sa.select(col(Meeting.id), col(Meeting.lead_id), col(Event.kind))
        .join(Event, sa.and_(col(Event.lead_id) == col(Meeting.lead_id), names_it))
        .where(sa.or_(says_yes, says_no), col(Event.at) > col(Meeting.stamped_at), col(Event.at) <= now, col(Event.received_at) <= now)
        .where(col(Meeting.ends_at) > now)
        .order_by(col(Event.at), col(Event.id))
    )


def take_answers(session: Session, ids: range, by: JudgedBy) -> Tally:
    """Confirm what leads accepted, offer another time for what they declined. The last answer to a revision counts."""
    found = session.execute(meeting_answers(by.now).where(col(Meeting.lead_id) >= ids.start, col(Meeting.lead_id) < ids.stop)).all()
    last = {meeting_id: kind for meeting_id, _, kind in found}
    desk, tally = SalesDesk(session, by), Tally()
    for meeting_id, kind in last.items():
        meeting = session.get_one(Meeting, meeting_id)
        if kind == BOOKED:
            meeting.state = MeetingState.CONFIRMED
            tally += Tally.of(confirmed=1)
        else:
            tally += _offer_another(session, meeting, desk, by)
    return tally


def _offer_another(session: Session, meeting: Meeting, desk: SalesDesk, by: JudgedBy) -> Tally:
    handoff, lead = session.get_one(Handoff, meeting.handoff_id), session.get_one(Lead, meeting.lead_id)
    score = session.get(Score, (lead.id, Role.LIVE))
    market = score.market if score else None
    recall(session, col(Message.meeting_id) == meeting.id, "the lead declined the time")
    found = _another_time(session, meeting, handoff, lead, market, desk, by)
    if not isinstance(found, Proposal):
        meeting.state, handoff.meeting_because = MeetingState.DECLINED, found
        meeting.sequence, meeting.stamped_at = meeting.sequence + 1, max(by.now, meeting.stamped_at)  # RFC 5546 2.1.4: a cancellation is a revision
        return Tally.of(declined=1)
    rep = by.playbook.handoff.rep_named(meeting.rep)
    assert rep is not None, "a time was found for them"
    meeting.starts_at, meeting.ends_at, handoff.meeting_because = found.starts_at, found.ends_at, found.because
    meeting.sequence, meeting.stamped_at, meeting.state = meeting.sequence + 1, max(by.now, meeting.stamped_at), MeetingState.PROPOSED
    session.flush()
    invite(session, meeting, handoff, lead, market, rep, desk, permission(session, lead, by.settings.key, by.now), by)
    return Tally.of(offered_another_time=1)


def _another_time(session: Session, meeting: Meeting, handoff: Handoff, lead: Lead, market: str | None, desk: SalesDesk, by: JudgedBy) -> Proposal | str:
    """Return a time on a later day of the lead's calendar, or why no other is offered."""
    offers = by.playbook.handoff.meeting.offers
    if meeting.sequence + 1 >= offers:
        return f"the lead declined {meeting.sequence + 1} times: agree on one directly"
    rep = by.playbook.handoff.rep_named(meeting.rep)
    if rep is None:
        return f"the lead declined, and {meeting.rep} is no longer in handoff.toml: agree on a time directly"
    zone = zone_named(meeting.lead_zone)
    next_day = datetime.combine(to_local(meeting.starts_at, zone).date() + timedelta(days=1), time())
    allowed = permission(session, lead, by.settings.key, by.now)
    return find_time(handoff, lead, market, rep, desk, allowed, by, not_before=first_instant(next_day, zone))
