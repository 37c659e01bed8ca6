"""Whether a lead may be written to: its consent to marketing, and what stands against its address."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Purpose
from ripeline.sweep.suppressing import EVERYTHING, suppressions_of


@dataclass(frozen=True)
class Permission:
    """The consent by which a lead may be written to (None: there is none), and the reason why it must not be (None: none stands)."""

    consent_id: int | None
    suppressed: str | None


def permission(session: Session, lead: Lead, pepper: bytes, now: datetime) -> Permission:
    """Return whether a lead may be written to outside any track, by what was said up to `now`."""
    newest = (
        select(Consent)
        .where(col(Consent.lead_id) == lead.id, col(Consent.purpose) == Purpose.MARKETING, col(Consent.at) <= now)
        .order_by(col(Consent.at).desc(), col(Consent.id).desc())
        .limit(1)
    )
    consent = session.exec(newest).first()
    given = consent.id if consent and consent.state is ConsentState.GIVEN else None
    standing = suppressions_of(session, [lead.address_key], pepper).get(lead.address_key, [])
    return Permission(given, next((each.reason.value for each in standing if each.scope == EVERYTHING), None))
