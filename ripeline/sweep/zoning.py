"""Where leads are taken to live, and how we know: for whoever asks how sure the local hours of mails are."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead
from ripeline.decide.certainty import Certainty, certainty_of
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.living import zone_for
from ripeline.zones import Whereabouts


@dataclass(frozen=True)
class Lives:
    """Where one lead is taken to live. `source` as in `zones.zone_of`; `percent`: how likely its clock is by its hours, None: that was not asked."""

    lead: int
    country: str | None
    zone: str
    source: str
    certainty: Certainty
    percent: int | None = None


def zones_of_leads(session: Session, playbook: Playbook) -> list[Lives]:
    """Return where every lead is taken to live by this playbook, by id; erased ones are left out."""
    query = (
        sa.select(col(Lead.id), col(Lead.inferred_percent), *(getattr(Lead, name) for name in Whereabouts._fields))
        .where(col(Lead.erased_at).is_(None))
        .order_by(col(Lead.id))
    )
    return [_lives(lead_id, percent, Whereabouts(*facts), playbook) for lead_id, percent, *facts in session.execute(query)]


def _lives(lead_id: int, percent: int | None, facts: Whereabouts, playbook: Playbook) -> Lives:
    zone = zone_for(facts, playbook)
    certainty = certainty_of(zone.source)
    return Lives(lead_id, facts.country, zone.name, zone.source, certainty, percent if certainty is Certainty.LIKELY else None)
