"""A message with all that decides, at this instant, whether it may go: gathered in the transaction that moves it on (RELIABILITY I7)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models import ConsentState, Enrolment, Handoff, Lead, Meeting, Message, MessageState, SuppressionReason
from ripeline.sweep.deliver.asking import addresses, everything, standing
from ripeline.sweep.suppressing import hashes_of
from ripeline.sweep.withholding import Withheld, withheld_from


@dataclass(frozen=True)
class Standing:
    """Whether this person may be written to at all. `suppressed` None: nothing stands against it; `consent` None: none was ever recorded."""

    is_erased: bool
    suppressed: SuppressionReason | None
    consent_id: int | None
    consent: ConsentState | None


@dataclass(frozen=True)
class Case:
    """Rows as they were at one instant, detached: nothing here reads the database again. `market` None: the lead has none.

    `withheld`: why nobody may see its score, where sales planned the message; None: they may, or it is not about a hand-off.
    """

    message: Message
    lead: Lead
    enrolment: Enrolment | None
    handoff: Handoff | None
    meeting: Meeting | None
    is_handed_off: bool
    market: str | None
    standing: Standing
    withheld: Withheld | None = None

    @property
    def is_to_lead(self) -> bool:
        """Tell whether the lead reads it, and not a rep."""
        return self.message.recipient == "lead"


@dataclass(frozen=True)
class Question:
    """Which message is asked about, and as of when. `token` is the lease that must hold it in `state`; None: nobody's, in a rehearsal."""

    message_id: UUID
    now: datetime
    pepper: bytes
    token: str | None = None
    state: MessageState = MessageState.CLAIMED


def standing_of(session: Session, question: Question) -> Standing | None:
    """Return whether the recipient may be written to; None where the lease holds the message no more.

    Under a lease it holds the lead's row until the transaction ends: an unsubscribe is either seen here, or stored after this
    message moved on.
    """
    is_held = question.token is not None
    asked = {"message_id": question.message_id} | ({"token": question.token, "state": question.state} if is_held else {})
    # A statement of its own: on PostgreSQL what comes after the wait for this lock sees what the holder before us stored.
    found = session.execute(addresses(is_held), asked).first()
    if found is None:
        return None
    keys = {found.recipient_key} | ({found.address_key} if found.recipient == "lead" else set())
    hashes = sorted({hashed for key in keys for hashed in hashes_of(key, question.pepper)})
    return Standing(*session.execute(standing(), {"message_id": question.message_id, "hashes": hashes, "now": question.now}).one())


def gather(session: Session, question: Question) -> Case | None:
    """Return the whole case; None where the lease holds the message no more. It locks as `standing_of` does."""
    stands = standing_of(session, question)
    if stands is None:
        return None
    *parts, is_handed_off, market = session.execute(everything(), {"message_id": question.message_id}).one()
    for part in parts:
        if part is not None:
            session.expunge(part)
    message, lead, enrolment, handoff, meeting = parts
    withheld = withheld_from(session, [message.lead_id], question.now).get(message.lead_id) if handoff else None
    return Case(message, lead, enrolment, handoff, meeting, is_handed_off, market, stands, withheld)
