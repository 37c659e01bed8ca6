"""Closing handoffs: what reps answered, what happened to the lead meanwhile, and taking back what was planned."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import Event, Handoff, HandoffState, Lead, Meeting, MeetingState, Message, MessageKind, MessageState, Role, Score
from ripeline.decide.eligible import Standing, taken_because, withdrawn_because
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.rows import changed
from ripeline.sweep.handoff.thresholds import leaves_at
from ripeline.sweep.news import is_unwanted
from ripeline.values import Tally

VERDICTS = {"handoff_accepted": HandoffState.ACCEPTED, "handoff_rejected": HandoffState.REJECTED}
STANDING_MEETINGS = (MeetingState.PROPOSED, MeetingState.CONFIRMED)
_RECALLABLE = (MessageState.SCHEDULED, MessageState.DEFERRED)


def answered(now: datetime) -> sa.Select[tuple[int | None, int, str, dict[str, Any] | None]]:
    """Return the reps' answers to offered handoffs, first come first: the handoff's id, its lead, the event's kind and what else it says."""
    return (
        sa.select(col(Handoff.id), col(Handoff.lead_id), col(Event.kind), col(Event.more))
        .join(Event, sa.and_(col(Event.lead_id) == col(Handoff.lead_id), col(Event.form) == sa.cast(col(Handoff.id), sa.String)))
        .where(col(Handoff.state) == HandoffState.OFFERED, col(Event.kind).in_(VERDICTS), col(Event.at) <= now, col(Event.received_at) <= now)
        .order_by(col(Event.at), col(Event.id))
    )


def close_answered(session: Session, ids: range, by: JudgedBy) -> Tally:
    """Close what reps accepted or rejected. Of two answers the earlier one counts."""
    tally = Tally()
    for handoff_id, _, kind, more in session.execute(answered(by.now).where(*among(ids))).all():
        handoff = session.get_one(Handoff, handoff_id)
        if handoff.state is HandoffState.OFFERED:
            close(session, handoff, VERDICTS[kind], str((more or {}).get("reason") or ""), by.now)
            tally += Tally.of(**{handoff.state.value: 1})
    return tally


def open_with_standing(now: datetime) -> sa.Select[tuple[Handoff, Lead, Score]]:
    """Return every open handoff with its lead and live score; none where nobody may see one at `now`, though `rescore` has not taken it away yet."""
    return (
        sa.select(Handoff, Lead, Score)
        .join(Lead, col(Lead.id) == col(Handoff.lead_id))
        .outerjoin(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE, ~is_unwanted(now)))
        .where(col(Handoff.closed_at).is_(None))
    )


def ending(handoff: Handoff, lead: Lead, score: Score | None, playbook: Playbook) -> tuple[HandoffState, str] | None:
    """Return how an open handoff ends though nobody answered it, and why; None if it goes on."""
    total, excluded, market = (score.total, score.excluded, score.market) if score else (None, None, None)
    standing = Standing(lead.stage, total, excluded, is_erased=lead.erased_at is not None)
    if withdrawn := withdrawn_because(handoff.state, standing, leaves_at(playbook, market)):
        return HandoffState.WITHDRAWN, withdrawn
    taken = taken_because(standing)
    return (HandoffState.ACCEPTED, taken) if taken else None


def close_overtaken(session: Session, ids: range, by: JudgedBy) -> Tally:
    """Close what nobody has to answer any more: the lead is out of question, or with sales already."""
    tally = Tally()
    for handoff, lead, score in session.execute(open_with_standing(by.now).where(*among(ids)).order_by(col(Handoff.id))).all():
        if ends := ending(handoff, lead, score, by.playbook):
            close(session, handoff, *ends, by.now)
            tally += Tally.of(**{handoff.state.value: 1})
    return tally


def close(session: Session, handoff: Handoff, state: HandoffState, verdict: str, now: datetime) -> None:
    """End a handoff. Accepted, it ends the lead's nurture: touches still planned are cancelled. Else what was planned for it is, its meeting too.

    While it was open, `deliver` only put touches off, so that a rejected lead goes on where it was. Striking out a meeting is a
    revision of it (RFC 5546 2.1.4): invites to it that are on their way lose their purpose, those that went out are taken back.
    """
    handoff.state, handoff.verdict, handoff.closed_at = state, verdict or None, now
    if state is HandoffState.ACCEPTED:
        recall(session, sa.and_(col(Message.lead_id) == handoff.lead_id, col(Message.kind) == MessageKind.TOUCH), "handed to sales")
        return
    recall(session, col(Message.handoff_id) == handoff.id, f"the handoff was {state.value}")
    for meeting in session.exec(select(Meeting).where(col(Meeting.handoff_id) == handoff.id, col(Meeting.state).in_(STANDING_MEETINGS))):
        meeting.state, meeting.sequence, meeting.stamped_at = MeetingState.CANCELLED, meeting.sequence + 1, max(now, meeting.stamped_at)


def recall(session: Session, which: sa.ColumnElement[bool], reason: str) -> int:
    """Cancel the messages among `which` that nobody has claimed; return how many."""
    recallable = sa.and_(which, col(Message.state).in_(_RECALLABLE))
    return changed(session, sa.update(Message).where(recallable).values(state=MessageState.CANCELLED, reason=reason, raw=None))


def among(ids: range) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a handoff is about one of these leads."""
    return col(Handoff.lead_id) >= ids.start, col(Handoff.lead_id) < ids.stop
