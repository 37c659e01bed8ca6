"""The hand-offs of two leads as those of one: at most one is open, and cycles are counted anew."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import Handoff, HandoffState, Lead, Meeting, Message
from ripeline.sweep.handoff.cancelling import WENT_OUT
from ripeline.sweep.handoff.closing import STANDING_MEETINGS, close
from ripeline.sweep.handoff.rows import changed
from ripeline.values import Refusal


def move_handoffs(session: Session, kept: Lead, gone: Lead, now: datetime) -> int:
    """Give the other lead's hand-offs and meetings to the kept one, in the caller's transaction; return how many hand-offs.

    Where both are with sales, the one that a rep has been offered goes on, else the kept lead's. Refusal where the other lead is invited to a
    meeting to come: whoever was asked under one address cannot be told of a change under another.
    """
    _refuse_invited(session, kept, gone, now)
    both = {handoff.lead_id: handoff for handoff in session.exec(select(Handoff).where(_of(kept, gone), col(Handoff.closed_at).is_(None)))}
    if len(both) > 1:
        mine, theirs = both[kept.id or 0], both[gone.id or 0]
        ends = mine if mine.state is HandoffState.WAITING and theirs.state is HandoffState.OFFERED else theirs
        close(session, ends, HandoffState.WITHDRAWN, f"lead {gone.id} was merged into lead {kept.id}", now)
        session.flush()
    changed(session, sa.update(Meeting).where(col(Meeting.lead_id) == gone.id).values(lead_id=kept.id))
    moved = changed(session, sa.update(Handoff).where(col(Handoff.lead_id) == gone.id).values(lead_id=kept.id))
    if moved:
        _count_anew(session, kept)
    return moved


def _of(*leads: Lead) -> sa.ColumnElement[bool]:
    return col(Handoff.lead_id).in_([lead.id for lead in leads])


def _refuse_invited(session: Session, kept: Lead, gone: Lead, now: datetime) -> None:
    query = select(Meeting).join(Message, col(Message.meeting_id) == col(Meeting.id)).where(col(Meeting.lead_id) == gone.id, col(Meeting.starts_at) > now)
    invited = query.where(col(Meeting.state).in_(STANDING_MEETINGS), col(Message.recipient) == "lead", col(Message.state).in_(WENT_OUT))
    if (meeting := session.exec(invited.limit(1)).first()) is not None:
        raise Refusal(
            f"lead {gone.id} is invited to meet {meeting.rep} on {meeting.starts_at:%Y-%m-%d %H:%M}Z under its own address: "
            f"keep that lead instead (ripeline merge {gone.id} {kept.id}), or settle the meeting first"
        )


def _count_anew(session: Session, kept: Lead) -> None:
    session.expire_all()
    ordered = session.exec(select(Handoff).where(_of(kept)).order_by(col(Handoff.opened_at), col(Handoff.id))).all()
    for cycle, handoff in enumerate(ordered, 1):
        handoff.cycle = cycle
    session.flush()
