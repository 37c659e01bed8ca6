"""What a letter asks about its one reader beyond attributes: conditions, the market's ways, and what to read next. Only what it asks is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from typing import Any

from sqlmodel import Session

from models import Lead, Role, Score
from ripeline.decide.answers import answers
from ripeline.decide.condition import Condition
from ripeline.decide.content import unread
from ripeline.decide.facts import Facts, Needs
from ripeline.decide.fields import STANDING, Fields
from ripeline.letter.data import AssetData
from ripeline.letter.version import Asks
from ripeline.playbook.playbook import Playbook
from ripeline.playbook.telling import asset_data, market_data
from ripeline.sweep.facts import read_facts

READ_FROM = frozenset({"asset", "path"})
"""The properties of events that tell which assets a lead has read, whatever it did."""

CARES = ("interest", "pain_point")
"""The attributes that name topics."""


@dataclass(frozen=True)
class Reader:
    """A lead as one letter's reader, at `now`. `site` is where links to our own pages begin."""

    session: Session
    playbook: Playbook
    lead: Lead
    market: str | None
    site: str
    now: datetime

    def parts(self, asks: Asks, locale: str) -> dict[str, Any]:
        """Return the keyword arguments of `letter_data` for a letter in this locale that asks so much about its reader."""
        market = market_data(self.playbook, self.market)
        if not asks.conditions and not asks.next_asset:
            return {"market": market, "answers": {}, "next_asset": None}
        conditions = [self.playbook.condition(text) for text in asks.conditions]
        facts = self._facts(conditions, asks)
        said = answers(conditions, facts, self._standing, self.now) if conditions else []
        next_asset = self._next_asset(facts, locale) if asks.next_asset else None
        return {"market": market, "answers": dict(zip(asks.conditions, said, strict=True)), "next_asset": next_asset}

    @cached_property
    def _standing(self) -> Mapping[str, Any]:
        score = self.session.get(Score, (self.lead.id, Role.LIVE))
        scored = {name: getattr(score, name) for name in ("total", "fit", "engagement", "grade", "market")} if score else {}
        return scored | {"stage": self.lead.stage.value, "is_on_hold": self.lead.is_on_hold}

    def _facts(self, conditions: list[Condition], asks: Asks) -> Facts:
        """Return all that a letter asks of what its reader did and is: a second look for few events takes as long as the first."""
        assert self.lead.id is not None, "a stored row"
        needs = Needs(properties=READ_FROM & _properties(self.playbook.fields), is_every_kind=True) if asks.next_asset else Needs()
        needs = reduce(lambda left, right: left | right, (condition.needs for condition in conditions), needs)
        asked = Needs(needs.attributes - STANDING.keys(), needs.properties, needs.kinds, needs.parts, needs.is_every_kind, needs.has_changes)
        return read_facts(self.session.get_bind().engine, range(self.lead.id, self.lead.id + 1), asked, self.playbook.fields, self.now).facts

    def _next_asset(self, facts: Facts, locale: str) -> AssetData | None:
        seen = {value for name in READ_FROM if name in facts.events.columns for value in facts.events[name].drop_nulls()}
        known = self.lead.model_dump() | self.lead.more
        cares = {str(known[name]) for name in CARES if known.get(name)}
        return asset_data(self.playbook, unread(self.playbook.content, self.lead.stage, seen, cares), locale, self.site)


def _properties(fields: Fields) -> frozenset[str]:
    return frozenset(name for kind in fields.event.values() for name in kind)
