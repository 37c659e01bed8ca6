"""What the tests of judging share: leads with a score, the segment sweep over everybody, and where they stand."""

from datetime import datetime
from typing import Any

from people import NOW, a_lead
from sqlmodel import Session, col, select

from models import Enrolment, Lead, Message, MessageKind, MessageState, Score
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.segment import due, segment
from ripeline.values import Tally, message_id


def a_scored(session: Session, total: float, lead: Lead | None = None, **changes: Any) -> Lead:
    """Return a saved lead with a live score in points."""
    lead = lead or a_lead()
    session.add(lead)
    session.flush()
    score = {"lead_id": lead.id, "fit": 0, "engagement": 0, "total": int(total * 100), "grade": "C3", "version": "card", "as_of": NOW, "scored_seq": 1}
    session.add(Score(**score | changes))
    session.commit()
    return lead


def rescored(session: Session, lead: Lead, total: float) -> None:
    """Store another score in points, as news would bring it."""
    score = session.get_one(Score, (lead.id, "live"))
    score.total, score.revision = int(total * 100), score.revision + 1
    session.commit()


def swept(session: Session, playbook: Playbook, now: datetime = NOW, **options: Any) -> Tally | None:
    """Run the sweep over everybody who is due, and return its counts; None: nobody was."""
    total = None
    for ids in due(session, playbook, now=now, batch_size=1000):
        tally = segment(session, ids, playbook, now=now, **options)
        total = tally if total is None else total + tally
    session.expire_all()
    return total


def track_of(session: Session, lead: Lead) -> str | None:
    """Return the track a lead is in."""
    return session.exec(select(Enrolment.track).where(Enrolment.lead_id == lead.id, col(Enrolment.ended_at).is_(None))).first()


def a_touch(enrolment: Enrolment, state: MessageState = MessageState.SCHEDULED, touch: str = "case-study") -> Message:
    """Return an unsaved touch of an enrolment."""
    key = f"touch:{enrolment.id}:{touch}"
    return Message(
        id=message_id(key), key=key, kind=MessageKind.TOUCH, lead_id=enrolment.lead_id, enrolment_id=enrolment.id, touch=touch,
        template=f"email/{touch}", version="v", local_at="2026-03-03T09:10:00", zone="UTC", due_at=NOW, state=state, mail_id=f"<{key}>", planned_at=NOW,
    )  # fmt: skip
