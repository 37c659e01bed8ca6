"""Merging what a row says into what is known of a lead: the newest value wins, a missing one never erases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ripeline.address import Address

Value = str | int | None

Rank = Callable[[Value], str | None]
"""Tells a seniority from a title."""


@dataclass(frozen=True, slots=True)
class Change:
    """An attribute that became another. None: no value."""

    attribute: str
    old: Value
    new: Value
    at: datetime


@dataclass(slots=True, eq=False)
class Known:
    """A lead as it stands while a file is taken in. `id` None: not stored yet. `facts` are its attributes by name, with columns or without.

    `changes`, in order, are to be recorded; a lead's first values are none. `has_news`: it must be written.
    """

    id: int | None
    external_id: str | None
    address: Address
    facts: dict[str, Value]
    updated_at: datetime
    created_at: datetime
    source: str
    is_erased: bool = False
    has_news: bool = False
    changes: list[Change] = field(default_factory=list)

    def learn(self, facts: Mapping[str, Value], at: datetime, rank: Rank) -> None:
        """Merge facts that were true at `at`. Those older than what the lead was last told only fill what is missing."""
        is_stale = at < self.updated_at
        for name, value in self._ranked(facts, rank).items():
            old = self.facts.get(name)
            if value is None or value == old or (is_stale and old is not None):
                continue
            self.facts[name] = value
            self._note(Change(name, old, value, at))

    def rename(self, external_id: str | None, address: Address | None, at: datetime) -> None:
        """Take on an id where there was none, and another address, unless the news is older than what the lead was last told."""
        if external_id and self.external_id is None:
            self.external_id, self.has_news = external_id, True
        if address is not None and address.key != self.address.key and at >= self.updated_at:
            self._note(Change("address", self.address.written, address.written, at))
            self.address = address

    def _note(self, change: Change) -> None:
        self.changes.append(change)
        self.updated_at = max(self.updated_at, change.at)
        self.has_news = True

    def _ranked(self, facts: Mapping[str, Value], rank: Rank) -> Mapping[str, Value]:
        """Return the facts with the seniority that a title tells, unless one was given: then no title changes it."""
        told = rank(facts.get("title"))
        before = self.facts.get("seniority")
        if facts.get("seniority") is not None or told is None or before not in (None, rank(self.facts.get("title"))):
            return facts
        return {**facts, "seniority": told}


def first_facts(facts: Mapping[str, Value], rank: Rank) -> dict[str, Value]:
    """Return the facts of a new lead, with the seniority that its title tells where none was given."""
    told = rank(facts.get("title"))
    return {"seniority": told, **facts} if told and facts.get("seniority") is None else dict(facts)
