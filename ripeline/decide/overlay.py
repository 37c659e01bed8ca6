"""Overlays: what one market changes in the scorecard, laid over it one level deep. What it does not name stays as everywhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from ripeline.decide.entry import Entry
from ripeline.decide.rules import Rule
from ripeline.decide.rules.rule import Section
from ripeline.decide.scorecard import Exclusion, Scorecard


class BoundsChange(Entry):
    """Another floor or cap; what is not named stays."""

    floor: float | None = None
    cap: float | None = None


class BandsChange(Entry):
    """Other beginnings of bands, band by band."""

    fit: Mapping[str, float] = Field(default_factory=dict)
    engagement: Mapping[str, float] = Field(default_factory=dict)


class ScoringChange(Entry):
    """What a market changes in the scorecard.

    `change`: other values for keys of a rule, by the rule's name. `switch_off`: rules that do not count there. `fit`, `engagement` and
    `exclude`: what counts only there. `total`, `group` and `bands`: other bounds and thresholds.
    """

    change: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    switch_off: tuple[str, ...] = ()
    fit: tuple[Rule, ...] = ()
    engagement: tuple[Rule, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    total: BoundsChange = BoundsChange()
    group: Mapping[str, BoundsChange] = Field(default_factory=dict)
    bands: BandsChange = BandsChange()

    @property
    def has_demands(self) -> bool:
        """Return whether any rule here asks how many leads have what it needs."""
        return any(rule.needs_coverage for rule in (*self.fit, *self.engagement)) or any("needs_coverage" in keys for keys in self.change.values())


class MarketCard(Scorecard):
    """A card with what one market adds. Added rules come after all others, so that a rule has one number in every market."""

    fit_here: tuple[Rule, ...] = ()
    engagement_here: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return (*super().rules, *self.fit_here, *self.engagement_here)

    def placed(self) -> Iterator[tuple[Section, int, Rule]]:
        yield from super().placed()
        yield from (("fit", len(self.fit) + position, rule) for position, rule in enumerate(self.fit_here))
        yield from (("engagement", len(self.engagement) + position, rule) for position, rule in enumerate(self.engagement_here))


def laid_over(card: Scorecard, change: ScoringChange) -> MarketCard:
    """Return the card as it counts in a market, whatever is switched off still in it; ValidationError where the change does not fit the card.

    `changed` tells more about a rule that does not fit, `overlaid` more about bounds.
    """
    rules = {section: tuple(_changed(rule, change) for rule in getattr(card, section)) for section in ("fit", "engagement")}
    added = {"fit_here": change.fit, "engagement_here": change.engagement, "exclude": (*card.exclude, *change.exclude)}
    return MarketCard.model_validate(_written(card, exclude={*rules, "exclude"}) | rules | added | overlaid(card, change))


def _changed(rule: Rule, change: ScoringChange) -> Rule:
    return changed(rule, change.change[rule.name]) if rule.name in change.change else rule


def changed(rule: Rule, keys: Mapping[str, Any]) -> Rule:
    """Return a rule with other values for some keys; ValidationError where they do not suit its kind."""
    return type(rule).model_validate(_written(rule) | dict(keys))


def overlaid(card: Scorecard, change: ScoringChange) -> dict[str, Any]:
    """Return the tables `total`, `group` and `bands` as a market has them, in the words of the card's file."""
    groups = {name: _written(card.group[name]) if name in card.group else {} for name in (*card.group, *change.group)}
    group = {name: bounds | (_written(change.group[name]) if name in change.group else {}) for name, bounds in groups.items()}
    bands = {name: {**_written(card.bands)[name], **_written(change.bands).get(name, {})} for name in ("fit", "engagement")}
    return {"total": _written(card.total) | _written(change.total), "group": group, "bands": bands}


def _written(entry: Entry, exclude: set[str] | None = None) -> dict[str, Any]:
    return entry.model_dump(by_alias=True, exclude_unset=True, exclude=exclude)
