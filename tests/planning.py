"""What the tests of planning share: people in a track, the schedule sweep over everybody, and what became of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mailing import a_consent
from people import NOW
from shipped import in_english
from sqlmodel import Session, col, select

from models import ConsentState, Enrolment, Lead, Message, MessageState, Score
from ripeline.decide.limits import Caps
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.schedule import due, schedule
from ripeline.values import Tally


def utc(text: str) -> datetime:
    """Return an instant: utc("2026-03-05 09:30")."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def in_track(
    session: Session,
    lead: Lead,
    track: str = "consideration",
    entered_at: datetime = NOW,
    consent: ConsentState | None = ConsentState.GIVEN,
    group: str = "nurture",
) -> Enrolment:
    """Return the saved enrolment of a lead with a score and, unless None, a consent of a year ago."""
    if lead.id is None:
        session.add(lead)
        session.flush()
        session.add(Score(lead_id=lead.id or 0, fit=0, engagement=0, total=3000, grade="C3", market=None, version="card", as_of=NOW, scored_seq=1))
        if consent:
            session.add(a_consent(lead, state=consent, at=NOW - timedelta(days=365), received_at=NOW))
    enrolment = Enrolment(lead_id=lead.id or 0, track=track, group=group, version=in_english().hash, entered_at=entered_at)
    session.add(enrolment)
    session.commit()
    return enrolment


def swept(session: Session, playbook: Playbook, settings: Settings, now: datetime = NOW, **options: Any) -> Tally | None:
    """Run the sweep over everybody who is due, and return its counts; None: nobody was."""
    total = None
    for ids in due(session, playbook, now=now, batch_size=1000):
        tally = schedule(session, ids, playbook, now=now, settings=settings, **options)
        total = tally if total is None else total + tally
    session.expire_all()
    return total


def sent(session: Session, message: Message, at: datetime | None = None) -> None:
    """Store that a message went out, when it was due unless said otherwise."""
    message.state, message.accepted_at = MessageState.ACCEPTED, at or message.due_at
    session.add(message)
    session.commit()


def messages(session: Session) -> list[Message]:
    """Return every message, the next one first."""
    return list(session.exec(select(Message).order_by(col(Message.due_at), col(Message.key))))


def with_caps(playbook: Playbook, **caps: Any) -> Playbook:
    """Return the playbook with these frequency caps and no others."""
    return replace(playbook, limits=playbook.limits.model_copy(update={"caps": Caps(**{"per_day": None, "per_week": None} | caps)}))
