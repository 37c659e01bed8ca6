"""Why nobody may see a score: who objected to profiling has none, nor has who was erased. Said wherever a score would stand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Purpose
from ripeline.sweep.bulk import is_one_of


@dataclass(frozen=True)
class Withheld:
    """Why a lead has no score, as a sentence part, and since when."""

    because: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.because} on {self.since:%Y-%m-%d}"


def withheld_from(session: Session, lead_ids: Collection[int], now: datetime) -> dict[int, Withheld]:
    """Return of whom among these leads nobody may see a score at `now`, and why. The newest word on profiling counts (GDPR article 21)."""
    said = select(Consent.lead_id, Consent.state, Consent.at).where(
        is_one_of(session, col(Consent.lead_id), lead_ids), col(Consent.purpose) == Purpose.PROFILING, col(Consent.at) <= now
    )
    newest = {lead_id: (state, at) for lead_id, state, at in session.exec(said.order_by(col(Consent.at), col(Consent.id)))}
    objected = {lead_id: Withheld("objected to profiling", at) for lead_id, (state, at) in newest.items() if state is ConsentState.WITHDRAWN}
    erased = select(Lead.id, Lead.erased_at).where(is_one_of(session, col(Lead.id), lead_ids), col(Lead.erased_at).is_not(None))
    return objected | {lead_id: Withheld("was erased", at) for lead_id, at in session.exec(erased) if lead_id is not None and at is not None}
