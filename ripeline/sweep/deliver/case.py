"""A message with all that decides, at this instant, whether it may go: gathered in the transaction that moves it on (RELIABILITY I7)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Consent, ConsentState, Enrolment, Handoff, Lead, Meeting, Message, MessageState, Purpose, Role, Score, Suppression, SuppressionReason
from ripeline.sweep.suppressing import hashes_of


@dataclass(frozen=True)
class Case:
    """Rows as they were at one instant, detached: nothing here reads the database again.

    `suppressed` None: nothing stands against the address; `consent` None: none to marketing was ever recorded.
    """

    message: Message
    lead: Lead
    enrolment: Enrolment | None
    handoff: Handoff | None
    meeting: Meeting | None
    suppressed: SuppressionReason | None
    consent_id: int | None
    consent: ConsentState | None
    is_handed_off: bool
    market: str | None

    @property
    def is_to_lead(self) -> bool:
        """Tell whether the lead reads it, and not a rep."""
        return self.message.recipient == "lead"


def gather(session: Session, message_id: UUID, token: str, *, pepper: bytes, state: MessageState) -> Case | None:
    """Return the case of a message that this lease still holds in `state`; None where it was taken away.

    Holds the lead's row until the transaction ends: an unsubscribe is either seen here, or stored after this message moved on.
    """
    held = (col(Message.id) == message_id, col(Message.lease_token) == token, col(Message.state) == state)
    return _gather(session, held, pepper=pepper, locks=True)


def look(session: Session, message_id: UUID, *, pepper: bytes) -> Case | None:
    """Return the case of a message without holding anything, for a rehearsal; None where it is gone."""
    return _gather(session, (col(Message.id) == message_id,), pepper=pepper, locks=False)


def _gather(session: Session, wanted: tuple[sa.ColumnElement[bool], ...], *, pepper: bytes, locks: bool) -> Case | None:
    whom = sa.select(col(Lead.address_key), col(Message.recipient), col(Message.recipient_key))
    whom = whom.join_from(Message, Lead, col(Message.lead_id) == col(Lead.id)).where(*wanted)
    # A statement of its own: on PostgreSQL what comes after the wait for this lock sees what the holder before us stored.
    found = session.execute(whom.with_for_update(of=Lead, key_share=True) if locks else whom).first()
    if found is None:
        return None
    keys = {found.recipient_key} | ({found.address_key} if found.recipient == "lead" else set())
    row = session.execute(_everything(wanted, {hashed for key in keys for hashed in hashes_of(key, pepper)})).one()
    for part in row[:5]:
        if part is not None:
            session.expunge(part)
    return Case(*row)


def _everything(wanted: tuple[sa.ColumnElement[bool], ...], hashes: set[str]) -> sa.Select[Any]:
    newest = aliased(Consent)
    rows: list[Any] = [Message, Lead, Enrolment, Handoff, Meeting]
    query: sa.Select[Any] = sa.select(*rows, _suppression(hashes), col(newest.id), col(newest.state), _is_handed_off(), col(Score.market))
    return (
        query.select_from(Message)
        .join(Lead, col(Lead.id) == col(Message.lead_id))
        .outerjoin(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
        .outerjoin(Handoff, col(Handoff.id) == col(Message.handoff_id))
        .outerjoin(Meeting, col(Meeting.id) == col(Message.meeting_id))
        .outerjoin(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE))
        .outerjoin(newest, col(newest.id) == _newest_consent())
        .where(*wanted)
        .execution_options(populate_existing=True)
    )


def _suppression(hashes: set[str]) -> sa.ScalarSelect[Any]:
    """Return why these addresses must not be written to. A rep is stopped by a bounce alone: a rep is not our lead."""
    return (
        sa.select(col(Suppression.reason))
        .where(
            sa.or_(col(Suppression.address_hash).in_(hashes), col(Suppression.address_hash_lower).in_(hashes)),
            sa.or_(col(Suppression.scope) == "all", col(Suppression.scope) == sa.literal("track:") + col(Enrolment.track)),
            sa.or_(col(Message.recipient) == "lead", col(Suppression.reason) == SuppressionReason.BOUNCED),
        )
        .order_by(col(Suppression.at), col(Suppression.id))
        .limit(1)
        .correlate(Enrolment, Message)
        .scalar_subquery()
    )


def _newest_consent() -> sa.ScalarSelect[Any]:
    return (
        sa.select(col(Consent.id))
        .where(col(Consent.lead_id) == col(Lead.id), col(Consent.purpose) == Purpose.MARKETING)
        .order_by(col(Consent.at).desc(), col(Consent.id).desc())
        .limit(1)
        .correlate(Lead)
        .scalar_subquery()
    )


def _is_handed_off() -> sa.Exists:
    other = aliased(Handoff)
    return sa.exists().where(col(other.lead_id) == col(Lead.id), col(other.closed_at).is_(None)).correlate(Lead)
