"""A message with all that decides, at this instant, whether it may go: gathered in the transaction that moves it on (RELIABILITY I7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models import ConsentState, Enrolment, Handoff, Lead, Meeting, Message, MessageState, SuppressionReason
from ripeline.sweep.deliver.asking import addresses, addresses_of_all, everything, everything_of_all, standing
from ripeline.sweep.suppressing import hashes_of, suppressions_of
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
    """Which message is asked about, and as of when. `token` is the lease that must hold it in `state`; None: nobody's, in a rehearsal.

    renamed: pairs of a suppression's scope and another name of the track that it stops.
    """

    message_id: UUID
    now: datetime
    pepper: bytes
    token: str | None = None
    state: MessageState = MessageState.CLAIMED
    renamed: tuple[tuple[str, str], ...] = ()


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
    given = {"message_id": question.message_id, "hashes": hashes, "now": question.now, "renamed": question.renamed}
    return Standing(*session.execute(standing(), given).one())


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


def gather_all(
    session: Session, message_ids: Sequence[UUID], now: datetime, pepper: bytes, token: str, renamed: tuple[tuple[str, str], ...] = ()
) -> Mapping[UUID, Case]:
    """Return what `gather` does of each of these messages that the lease holds, in their order, with a few questions for all of them.

    An address against which anything stands is asked about by itself, so that what a suppression means is said in one place.
    """
    held = {row.id: {row.address_key, row.recipient_key} for row in session.execute(addresses_of_all(), {"message_ids": message_ids, "token": token})}
    against = suppressions_of(session, {key for keys in held.values() for key in keys}, pepper)
    free = [message_id for message_id, keys in held.items() if keys.isdisjoint(against)]
    found = _gathered(session, free, now) if free else {}
    for message_id in held.keys() - found.keys():
        case = gather(session, Question(message_id, now, pepper, token, renamed=renamed))
        found |= {message_id: case} if case else {}
    return {message_id: found[message_id] for message_id in message_ids if message_id in found}


def _gathered(session: Session, message_ids: Sequence[UUID], now: datetime) -> dict[UUID, Case]:
    """Return the cases of messages to addresses against which nothing stands."""
    rows = session.execute(everything_of_all(), {"message_ids": message_ids, "now": now}).all()
    session.expunge_all()
    withheld = withheld_from(session, {message.lead_id for message, _, _, handoff, *_ in rows if handoff}, now)
    found = {}
    for message, lead, enrolment, handoff, meeting, is_handed_off, market, consent_id, consent in rows:
        stands = Standing(lead.erased_at is not None, None, consent_id, consent)
        because = withheld.get(message.lead_id) if handoff else None
        found[message.id] = Case(message, lead, enrolment, handoff, meeting, is_handed_off, market, stands, because)
    return found
