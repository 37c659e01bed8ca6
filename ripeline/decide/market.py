"""Markets: what differs in one part of the world, as overlays on everything else. A lead has exactly one, or none."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from ripeline.decide.entry import Entry
from ripeline.decide.limits import Blackout, CapsChange
from ripeline.decide.overlay import ScoringChange
from ripeline.decide.window import Quiet, WindowChange

CURRENCY = "^[A-Z]{3}$"
"""An ISO 4217 code."""


class HandoffChange(Entry):
    """Other thresholds for the hand-off, in points; None: as in handoff.toml."""

    invite_at: float | None = Field(default=None, ge=0)
    offer_at: float | None = Field(default=None, ge=0)
    leave_at: float | None = Field(default=None, ge=0)


class Money(Entry):
    """In which currency prices are told. price: the list price there; None: the playbook's, by its rates."""

    currency: str = Field(pattern=CURRENCY)
    price: Annotated[Decimal, Field(gt=0, le=10**12)] | None = None


class Market(Entry):
    """One file of playbook/markets/. `approach` is how to write there: to the point, or building a relation first.

    `extends` is there to be refused with a sentence: a market lies over the scorecard, never over another market.
    """

    title: str
    when: str
    priority: int = 0
    extends: str | None = None
    because: str = ""
    approach: Literal["direct", "relationship"] = "direct"
    scoring: ScoringChange = ScoringChange()
    window: WindowChange | None = None
    quiet: Quiet | None = None
    blackout: tuple[Blackout, ...] = ()
    caps: CapsChange | None = None
    handoff: HandoffChange = HandoffChange()
    money: Money | None = None


def by_priority(markets: Mapping[str, Market]) -> list[tuple[str, Market]]:
    """Return the markets in the order in which they are asked: the higher priority first, ties by name. The first that matches is the lead's."""
    return sorted(markets.items(), key=lambda each: (-each[1].priority, each[0]))
