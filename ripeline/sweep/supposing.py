"""Counterfactuals of one lead out of the database: ways to a total, and when age alone takes its points below what anybody asks about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models import Role
from ripeline.decide.boundary import Boundary
from ripeline.decide.counterfactual.fall import Fall, falls
from ripeline.decide.counterfactual.reach import Reach, ways_to
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.boundaries import boundaries_of
from ripeline.sweep.explaining import ask
from ripeline.sweep.withholding import Withheld, withheld_from


@dataclass(frozen=True)
class Supposed:
    """Ways to a total, falls in the order of time, and where each boundary is asked about; what is known of the lead by attribute."""

    reach: Reach
    falls: tuple[Fall, ...]
    asked: Mapping[Boundary, tuple[str, ...]]
    known: Mapping[str, object]


def suppose(
    session: Session, lead_id: int, target: int, now: datetime, *, at: datetime | None = None, hindsight: bool = False, role: Role = Role.LIVE
) -> Supposed | Withheld:
    """Return what would take a lead to a total of `target` hundredths, and when it falls if nothing happens; or why nobody may see its score.

    Supposed from `now` on, or from the instant `at` on, by what `explain_lead` of the same words reads.
    """
    withheld = withheld_from(session, [lead_id], max(now, at or now)).get(lead_id)
    if withheld:
        return withheld
    asked = ask(session, lead_id, now, at=at, hindsight=hindsight, role=role)
    market = asked.market
    origins = _asked_in(asked.playbook, market)
    for field, start in asked.by.bound_in(market).card.bands.boundaries:
        origins.setdefault((field, start), ("bands of the card",))
    reach = ways_to(target, asked.facts, asked.by, asked.at)
    return Supposed(reach, tuple(falls(asked.facts, asked.by, asked.at, origins)), origins, asked.facts.leads.row(0, named=True))


def _asked_in(playbook: Playbook, market: str | None) -> dict[Boundary, tuple[str, ...]]:
    """Return where each boundary is asked about, other markets left out."""
    others = tuple(f"market {name} " for name in playbook.markets if name != market)
    kept = {boundary: tuple(place for place in places if not place.startswith(others)) for boundary, places in boundaries_of(playbook).items()}
    return {boundary: places for boundary, places in kept.items() if places}
