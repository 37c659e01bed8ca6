"""Thresholds by market, in whole hundredths: what a market says in its [handoff] table goes before handoff.toml."""

from collections.abc import Mapping
from typing import Literal

from ripeline.decide.points import to_hundredths
from ripeline.playbook.playbook import Playbook

Threshold = Literal["invite_at", "offer_at", "leave_at"]


def invites_at(playbook: Playbook, market: str | None) -> int:
    """Return the total from which a lead of a market (None: of none) is invited."""
    said = _said(playbook, market, "invite_at")
    return playbook.handoff.invite_at if said is None else said


def leaves_at(playbook: Playbook, market: str | None) -> int:
    """Return the total below which a lead that waits for a rep is let go."""
    said = _said(playbook, market, "leave_at")
    return playbook.handoff.leave_at if said is None else said


def begins_at(playbook: Playbook, market: str | None) -> int:
    """Return the total from which a lead goes to a rep at all."""
    said = _said(playbook, market, "offer_at")
    offer_at = playbook.handoff.offer_at if said is None else said
    invite_at = invites_at(playbook, market)
    return invite_at if offer_at is None else min(offer_at, invite_at)


def begins_at_by_market(playbook: Playbook) -> Mapping[str, int]:
    """Return where a handoff begins, by market."""
    return {market: begins_at(playbook, market) for market in playbook.markets}


def _said(playbook: Playbook, market: str | None, which: Threshold) -> int | None:
    overlay = playbook.markets.get(market) if market else None
    said = getattr(overlay.handoff, which) if overlay else None
    return None if said is None else to_hundredths(said)
