"""What two leads did and said as what one did and said: events, consents, and the reasons not to write."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Event, Lead, Purpose, SuppressionReason
from ripeline.sweep.bulk import table_of
from ripeline.sweep.handoff.rows import changed
from ripeline.sweep.ingest.consent import consent_row
from ripeline.sweep.suppressing import suppression_row, suppressions_of, write_suppressions

SOURCE = "merge"


def move_events(session: Session, keep: int, other: int, now: datetime) -> int:
    """Give the other lead's events to the kept one, in the caller's transaction; return how many. Of this lead they are known from now on."""
    return changed(session, sa.update(Event).where(col(Event.lead_id) == other).values(lead_id=keep, received_at=now))


def carry_suppressions(session: Session, kept: str, gone: str, now: datetime, pepper: bytes) -> int:
    """Let what stands against one address (key) stand against the other as well; return how many are new.

    Both ways, so that nobody is written to again should the two part. A mailbox that bounces is no person: that stays with its address.
    """
    standing = suppressions_of(session, {kept, gone}, pepper)
    rows = [
        suppression_row(to, row.reason, row.source, at=row.at, now=now, pepper=pepper, scope=row.scope)
        for of, to in ((kept, gone), (gone, kept))
        for row in standing.get(of, [])
        if row.reason is not SuppressionReason.BOUNCED
    ]
    return len(write_suppressions(session, rows))


def move_consents(session: Session, kept: Lead, gone: Lead, now: datetime, pepper: bytes) -> int:
    """Give the other lead's consents to the kept one, in the caller's transaction; return how many.

    What either took back is taken back. Else the kept lead's own word counts where it has one, since the proof is of its address, and the other's where
    it has none. Where the newest word says otherwise, that is said once more, with the consent that it follows from as its proof.
    """
    for purpose in Purpose:
        mine, theirs = (_newest(session, lead, purpose) for lead in (kept, gone))
        counts, newest = that_counts(mine, theirs), max((each for each in (mine, theirs) if each), key=lambda each: (each.at, each.id), default=None)
        if counts is not None and newest is not None and newest.state is not counts.state:
            session.connection().execute(sa.insert(table_of(Consent)), [_again(counts, newest, kept, now, pepper)])
    return changed(session, sa.update(Consent).where(col(Consent.lead_id) == gone.id).values(lead_id=kept.id))


def that_counts(mine: Consent | None, theirs: Consent | None) -> Consent | None:
    """Return which of the newest consents of the kept lead and of the other one counts, see `move_consents`."""
    taken_back = (each for each in (mine, theirs) if each is not None and each.state is ConsentState.WITHDRAWN)
    return next(taken_back, mine or theirs)


def _newest(session: Session, lead: Lead, purpose: Purpose) -> Consent | None:
    about = select(Consent).where(col(Consent.lead_id) == lead.id, col(Consent.purpose) == purpose)
    return session.exec(about.order_by(col(Consent.at).desc(), col(Consent.id).desc()).limit(1)).first()


def _again(consent: Consent, newest: Consent, kept: Lead, now: datetime, pepper: bytes) -> dict[str, object]:
    assert kept.id is not None, "a stored row"
    return consent_row(
        kept.id, kept.address_key, consent.purpose, consent.state, basis=consent.basis, at=max(now, newest.at), now=now, source=SOURCE, pepper=pepper,
        text=consent.text, locale=consent.locale, proof=f"{SOURCE}: consent {consent.id} of lead {consent.lead_id}",
    )  # fmt: skip
