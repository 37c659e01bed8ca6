"""What the tests of delivery share: people who may be written to, messages that are due, and a channel that does as it is told."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from people import JOINED, NOW, a_lead
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Message, MessageKind, MessageState, Purpose
from ripeline.connect.channels import Accepted, Channel, Mail, Outcome, Withdrawn
from ripeline.values import message_id

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_numbers = count(1)


def a_consent(lead: Lead, **changes: Any) -> Consent:
    """Return an unsaved consent of a saved lead to marketing."""
    given = {"subject_hash": "-", "purpose": Purpose.MARKETING, "state": ConsentState.GIVEN, "basis": "consent", "source": "test", "proof": "form"}
    return Consent(**given | {"lead_id": lead.id, "at": JOINED, "received_at": JOINED} | changes)


def a_message(lead: Lead, **changes: Any) -> Message:
    """Return an unsaved touch for a saved lead, due now."""
    key = changes.pop("key", f"touch:{next(_numbers)}:case-study")
    identity = message_id(key)
    given = {
        "id": identity, "key": key, "kind": MessageKind.TOUCH, "lead_id": lead.id, "recipient_key": lead.address_key, "touch": "case-study",
        "template": "email/case-study", "version": "0", "local_at": "2026-03-02T11:00:00", "zone": lead.zone or "UTC", "due_at": NOW,
        "mail_id": f"<{identity.hex}@tidewerk.example>", "planned_at": JOINED,
    }  # fmt: skip
    return Message(**given | changes)


def saved(session: Session, *rows: Any) -> Any:
    """Save rows, commit, and return the first."""
    session.add_all(rows)
    session.commit()
    return rows[0]


def willing(session: Session, lead: Lead) -> Lead:
    """Save a lead who agreed to be written to, and return it."""
    saved(session, lead)
    saved(session, a_consent(lead))
    return lead


def due_messages(session: Session, count: int) -> list[Message]:
    """Save so many leads in Berlin with one due message each; return the messages, detached, in the order in which they will go."""
    leads = [a_lead(country="DE", zone="Europe/Berlin", locale="de", first_name="Ada", company="Spreewerk") for _ in range(count)]
    saved(session, *leads)
    saved(session, *[a_consent(lead) for lead in leads])
    messages = [a_message(lead) for lead in leads]
    saved(session, *messages)
    for message in messages:
        session.refresh(message)
        session.expunge(message)
    session.rollback()  # on SQLite an open transaction would keep every worker out
    return sorted(messages, key=lambda message: message.id)


def states(session: Session) -> dict[str, int]:
    """Return how many messages there are in each state."""
    session.rollback()
    rows = session.execute(sa.select(col(Message.state), sa.func.count()).group_by(col(Message.state))).all()
    session.rollback()
    return {state.value: number for state, number in rows}


def again(session: Session, message: Message) -> Message:
    """Return a message as it stands in the database now."""
    session.rollback()
    session.expire_all()
    found = session.exec(select(Message).where(col(Message.id) == message.id)).one()
    session.refresh(found)
    session.expunge(found)
    session.rollback()
    return found


def expire_leases(session: Session) -> None:
    """Let every lease run out, as if its worker had been silent for long."""
    held = (MessageState.CLAIMED, MessageState.SUBMITTING)
    session.execute(sa.update(Message).where(col(Message.state).in_(held)).values(lease_until=LONG_AGO))
    session.commit()


def everybody() -> range:
    """Return a range that holds every lead."""
    return range(2**31)


class Hand(Channel):
    """A channel that keeps what it takes, and answers what it was given, then Accepted."""

    is_sink = True
    place = "a hand"

    def __init__(self, answers: Sequence[Outcome] = (), before_dot: Callable[[], None] = lambda: None) -> None:
        self.answers, self.before_dot = list(answers), before_dot
        self.mails: list[Mail] = []

    def open(self) -> None:
        """Be there."""

    def submit(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        self.before_dot()
        if not on_dot():
            return Withdrawn()
        self.mails.append(mail)
        return self.answers.pop(0) if self.answers else Accepted(250, "taken")

    def close(self) -> None:
        """Be gone."""
