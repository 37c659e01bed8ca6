"""The messages of two leads as those of one. What went out stays as it was sent; what waits goes to the kept lead, or not at all."""

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead, Message, MessageKind
from ripeline.sweep.handoff.closing import recall
from ripeline.sweep.handoff.rows import changed
from ripeline.sweep.schedule.due import WAITING


def move_messages(session: Session, kept: Lead, gone: Lead) -> int:
    """Give the other lead's messages to the kept one, in the caller's transaction; return how many.

    A letter that a server has seen is written to the old address, word for word: it is called off. A request to confirm is asked anew, where it
    still counts.
    """
    theirs = sa.and_(col(Message.lead_id) == gone.id, col(Message.recipient) == "lead")
    unseen = sa.and_(theirs, col(Message.state).in_(WAITING), col(Message.mail_at).is_(None))
    session.execute(sa.delete(Message).where(unseen, col(Message.kind) == MessageKind.CONFIRM).execution_options(synchronize_session=False))
    recall(session, sa.and_(theirs, col(Message.mail_at).is_not(None)), f"lead {gone.id} was merged into lead {kept.id}")
    changed(session, sa.update(Message).where(unseen).values(recipient_key=kept.address_key))
    return changed(session, sa.update(Message).where(col(Message.lead_id) == gone.id).values(lead_id=kept.id))
