"""Taking back invites that went out to a meeting that is struck out: whoever was asked to come is told, once (RFC 5546 3.2.5).

Found by query, not planned beside the strike: an invite that was just leaving then is taken back by the next run, and no
cancellation ever precedes its invite. Who may not be written to gets nothing, by the rules of invites: the rep must call.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Handoff, Lead, Meeting, MeetingState, Message, MessageState, Role, Score
from ripeline.decide.window import NeverOpens
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.letters import rep_of
from ripeline.sweep.handoff.lives import invite_due_at, lead_workdays, rep_workdays
from ripeline.sweep.handoff.mail import CANCELLATION_OF, lead_reads, plan_cancellation, rep_reads
from ripeline.sweep.handoff.reach import permission
from ripeline.values import Tally

WENT_OUT = (MessageState.ACCEPTED, MessageState.IN_DOUBT)
"""In doubt counts: to be told that a call is off of which one never heard is the lesser harm."""


def not_taken_back(now: datetime) -> sa.Select[tuple[Meeting, Message]]:
    """Return struck-out meetings to come, each with every invite to it that went out and is not taken back yet; the newest first.

    Of a lead's invites only the last counts: an earlier time the lead has declined, and of the present one it never heard. Where the lead
    declined for good, its own calendar knows; the rep's does not.
    """
    cancellation = aliased(Message)
    same_reader = (col(cancellation.lead_id) == col(Message.lead_id), col(cancellation.recipient) == col(Message.recipient))
    is_taken_back = sa.exists().where(*same_reader, col(cancellation.meeting_id) == col(Meeting.id), col(cancellation.template).in_(CANCELLATION_OF.values()))
    last = sa.literal("invite:") + sa.cast(col(Meeting.id), sa.String) + ":" + sa.cast(col(Meeting.sequence) - 1, sa.String)
    return (
        sa.select(Meeting, Message)
        .join(Message, sa.and_(col(Message.lead_id) == col(Meeting.lead_id), col(Message.meeting_id) == col(Meeting.id)))
        .join(Lead, col(Lead.id) == col(Meeting.lead_id))
        .where(sa.or_(col(Meeting.state) == MeetingState.CANCELLED, sa.and_(col(Meeting.state) == MeetingState.DECLINED, col(Message.recipient) != "lead")))
        .where(col(Meeting.starts_at) > now, col(Lead.erased_at).is_(None))
        .where(col(Message.template).in_(CANCELLATION_OF), col(Message.state).in_(WENT_OUT), sa.not_(is_taken_back))
        .where(sa.or_(col(Message.recipient) != "lead", col(Message.key) == last))
        .order_by(col(Meeting.id), col(Message.planned_at).desc(), col(Message.key))
    )


def take_back_invites(session: Session, ids: range, by: JudgedBy) -> Tally:
    """Plan a cancellation for everybody who has an invite to a struck-out meeting of these leads.

    Words: cancellations (will go), to_call (leads who have an invite and whom no mail may tell in time).
    """
    tally = Tally()
    leads = (col(Meeting.lead_id) >= ids.start, col(Meeting.lead_id) < ids.stop)
    for meeting, invite in session.execute(not_taken_back(by.now).where(*leads)).all():
        take_back = _from_lead if invite.recipient == "lead" else _from_rep
        tally += take_back(session, meeting, invite, by)
    return tally


def _from_lead(session: Session, meeting: Meeting, invite: Message, by: JudgedBy) -> Tally:
    lead, handoff = session.get_one(Lead, meeting.lead_id), session.get_one(Handoff, meeting.handoff_id)
    score = session.get(Score, (lead.id, Role.LIVE))
    market = score.market if score else None
    try:
        due_at = invite_due_at(lead, market, by)
    except NeverOpens:
        due_at = meeting.starts_at
    allowed = permission(session, lead, by.settings.key, by.now)
    stopped: tuple[MessageState, str] | None = None
    if allowed.suppressed is not None or allowed.consent_id is None:
        stopped = MessageState.SUPPRESSED, allowed.suppressed or "no consent"
    elif due_at >= meeting.starts_at:
        stopped = MessageState.CANCELLED, "the lead's window does not open before the meeting"
    reader = lead_reads(lead, due_at, lead_workdays(lead, market, by).zone)
    planned = plan_cancellation(session, meeting, handoff, invite, reader, by, consent_id=allowed.consent_id, stopped=stopped)
    return Tally.of(to_call=planned) if stopped else Tally.of(cancellations=planned)


def _from_rep(session: Session, meeting: Meeting, invite: Message, by: JudgedBy) -> Tally:
    rep, handoff = rep_of(session, invite), session.get_one(Handoff, meeting.handoff_id)
    reader = rep_reads(rep, rep_workdays(rep, by), by.now)
    return Tally.of(cancellations=plan_cancellation(session, meeting, handoff, invite, reader, by))
