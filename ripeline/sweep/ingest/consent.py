"""Consent, given or taken back: append-only, with its proof."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Purpose
from ripeline.sweep.bulk import is_one_of, raise_facts
from ripeline.values import keyed_hash


def record_consent(
    session: Session, lead_id: int, purpose: Purpose, state: ConsentState, *, basis: str, at: datetime, now: datetime, source: str, pepper: bytes,
    text: str = "", locale: str | None = None, proof: str = "",
) -> bool:  # fmt: skip
    """Add a consent, or its withdrawal, in the caller's transaction; return whether it is new. The same one again adds nothing.

    `at` is when the person said so. The newest by `at` counts, so a late arrival from before does not undo what came after.
    """
    key = session.exec(select(Lead.address_key).where(col(Lead.id) == lead_id)).one()
    row = consent_row(lead_id, key, purpose, state, basis=basis, at=at, now=now, source=source, pepper=pepper, text=text, locale=locale, proof=proof)
    is_new = bool(add_consents(session, [row]))
    raise_facts(session, {lead_id} if is_new else ())
    return is_new


def consent_row(
    lead_id: int, address_key: str, purpose: Purpose, state: ConsentState, *, basis: str, at: datetime, now: datetime, source: str, pepper: bytes,
    text: str = "", locale: str | None = None, proof: str = "",
) -> Consent:  # fmt: skip
    """Return an unsaved consent, its proof keyed to the address."""
    return Consent(
        lead_id=lead_id, subject_hash=keyed_hash(pepper, address_key), purpose=purpose, state=state, basis=basis, text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest() if text else "", locale=locale, at=at, received_at=now, source=source, proof=proof,
    )  # fmt: skip


def add_consents(session: Session, consents: Iterable[Consent]) -> list[Consent]:
    """Add those consents that are not recorded yet and return them; raising the facts of their leads is left to the caller.

    Where the proof lies does not make a consent another one.
    """
    wanted = list(consents)
    leads = {each.lead_id for each in wanted}
    standing = {_identity(known) for known in session.exec(select(Consent).where(is_one_of(session, Consent.lead_id, leads)))}
    fresh: dict[tuple[object, ...], Consent] = {}
    for each in wanted:
        if _identity(each) not in standing:
            fresh.setdefault(_identity(each), each)
    session.add_all(fresh.values())
    session.flush()
    return list(fresh.values())


def _identity(consent: Consent) -> tuple[object, ...]:
    return consent.lead_id, consent.purpose, consent.state, consent.basis, consent.text_sha256, consent.at
