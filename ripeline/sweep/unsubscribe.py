"""Unsubscribing by a link in a mail: everything that follows from it, in one transaction, before anybody is answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Message, Purpose, SuppressionReason
from ripeline.sweep.deliver.pending import suppress_pending
from ripeline.sweep.ingest.consent import record_consent
from ripeline.sweep.ingest.naming import went_into
from ripeline.sweep.ingest.record import unsubscribe

SOURCE = "unsubscribe link"


@dataclass(frozen=True)
class Reader:
    """Whose link it is. `message` None: the link names the lead itself."""

    lead: Lead
    message: Message | None


def reader_of(session: Session, about: UUID | int) -> Reader | None:
    """Return whose link names this message or lead; None where there is no such one (any more)."""
    if isinstance(about, int):
        lead = session.get(Lead, went_into(session, [about]).get(about, about))
        return None if lead is None else Reader(lead, None)
    message = session.get(Message, about)
    if message is None:
        return None
    return Reader(session.get_one(Lead, message.lead_id), message)


def take_off(session: Session, reader: Reader, *, now: datetime, pepper: bytes) -> None:
    """Write the suppression, then the event, withdraw the consent to marketing, suppress what waits; commits. Again, it changes nothing."""
    lead, message = reader.lead, reader.message
    assert lead.id is not None, "a stored row"
    # Whoever is just sending to this lead holds the row: that mail left before, or sees what is written here.
    session.execute(select(col(Lead.id)).where(col(Lead.id) == lead.id).with_for_update())
    source_id = message.id.hex if message else f"lead {lead.id}"
    touch, message_id = (message.touch or None, message.id) if message else (None, None)
    unsubscribe(session, lead, at=now, now=now, source=SOURCE, source_id=source_id, pepper=pepper, touch=touch, message_id=message_id)
    _withdraw(session, lead.id, source_id, now, pepper)
    suppress_pending(session, lead.id, SuppressionReason.UNSUBSCRIBED.value)
    session.commit()


def _withdraw(session: Session, lead_id: int, source_id: str, now: datetime, pepper: bytes) -> None:
    newest = select(Consent).where(col(Consent.lead_id) == lead_id, col(Consent.purpose) == Purpose.MARKETING)
    consent = session.exec(newest.order_by(col(Consent.at).desc(), col(Consent.id).desc()).limit(1)).first()
    if consent is None or consent.state is ConsentState.WITHDRAWN:
        return
    record_consent(
        session, lead_id, Purpose.MARKETING, ConsentState.WITHDRAWN, basis=consent.basis, at=max(now, consent.at), now=now, source=SOURCE,
        pepper=pepper, proof=f"{SOURCE}: {source_id}",
    )  # fmt: skip
