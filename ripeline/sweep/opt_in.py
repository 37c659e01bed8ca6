"""Double opt-in: who asked for our mail confirms it by a link in one letter, and is written to from then on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Message
from ripeline.sweep.ingest.consent import record_consent
from ripeline.sweep.ingest.record import NewEvent, record_events
from ripeline.values import message_id

SOURCE = "confirm link"
CONFIRMED = "opt_in_confirmed"
"""The kind of event that a confirmation is."""


class Answer(StrEnum):
    """What a link to confirm is worth now."""

    OPEN = "open"
    DONE = "done"
    LATE = "late"


@dataclass(frozen=True)
class Request:
    """Who asked for our mail, by which consent, and the letter that asks to confirm it; None: it is gone."""

    lead: Lead
    consent: Consent
    message: Message | None


def confirm_key(consent_id: int) -> str:
    """Return the key of the one letter that asks to confirm this consent."""
    return f"confirm:{consent_id}"


def request_of(session: Session, consent_id: int) -> Request | None:
    """Return what this consent asks for; None where there is no such one, or the lead was erased."""
    consent = session.get(Consent, consent_id)
    lead = None if consent is None else session.get_one(Lead, consent.lead_id)
    if consent is None or lead is None or lead.erased_at is not None:
        return None
    return Request(lead, consent, session.get(Message, message_id(confirm_key(consent_id))))


def answer_now(session: Session, request: Request, until: datetime, now: datetime) -> Answer:
    """Return whether the request may be confirmed still, was confirmed, or is overtaken: by time, a withdrawal or a newer request."""
    about = (col(Consent.lead_id) == request.lead.id, col(Consent.purpose) == request.consent.purpose)
    newest = session.exec(select(Consent).where(*about).order_by(col(Consent.at).desc(), col(Consent.id).desc()).limit(1)).one()
    if newest.state is ConsentState.GIVEN:
        return Answer.DONE
    return Answer.OPEN if newest.id == request.consent.id and newest.state is ConsentState.PENDING and now < until else Answer.LATE


def confirm(session: Session, request: Request, until: datetime, *, now: datetime, pepper: bytes) -> Answer:
    """Record the consent in the words that were asked for, and the event, where the request is open; commit; return what the link is worth then.

    Both steps stay recorded: the request with its own proof, and its confirmation, which names it. Again, it changes nothing.
    """
    lead, asked = request.lead, request.consent
    assert lead.id is not None, "a stored row"
    session.execute(select(col(Lead.id)).where(col(Lead.id) == lead.id).with_for_update())
    answer = answer_now(session, request, until, now)
    if answer is Answer.OPEN:
        proof = f"{SOURCE}: request {asked.id} of {asked.at.isoformat(timespec='seconds')}, {asked.source}"
        record_consent(
            session, lead.id, asked.purpose, ConsentState.GIVEN, basis=asked.basis, at=max(now, asked.at), now=now, source=SOURCE, pepper=pepper,
            text=asked.text, locale=asked.locale, proof=proof,
        )  # fmt: skip
        message = request.message.id if request.message else None
        record_events(session, [NewEvent(lead.id, CONFIRMED, now, SOURCE, f"request {asked.id}", message_id=message)], now)
        answer = Answer.DONE
    session.commit()
    return answer
