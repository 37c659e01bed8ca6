"""Coverage: rules whose attributes too few leads have, so that their silence says nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ripeline.decide.rules import Rule
from ripeline.decide.scorecard import BoundCard

FEWEST = 100
"""Of fewer leads a share says nothing: whatever they have is enough."""

MARGIN = 0.02
"""What a rule that was thin must have beyond what it needs to count again, so that a base on the edge does not rescore everybody to and fro."""


@dataclass(frozen=True)
class Thin:
    """A rule with too little to go by: of the attribute that fewest leads have, the share that has it and the share it needs."""

    rule: str
    attribute: str
    share: float
    needs: float
    is_left_out: bool
    is_refused: bool

    def __str__(self) -> str:
        return f"rule '{self.rule}' needs '{self.attribute}' of {self.needs:.0%} of all leads, {self.share:.1%} have it"


def asked_for(cards: list[BoundCard]) -> frozenset[str]:
    """Return the attributes whose coverage matters to a rule of these cards; empty where none does."""
    return frozenset(name for card in cards for rule in _demanding(card) for name in rule.attributes(card.words))


@dataclass(frozen=True)
class Demand:
    """What one rule asks for: at least the share `needs` of all leads with each of these attributes; `markets` (None: the card everywhere) ask it."""

    rule: str
    attributes: frozenset[str]
    needs: float
    is_left_out: bool
    markets: tuple[str | None, ...]


def demands(cards: Mapping[str | None, BoundCard]) -> list[Demand]:
    """Return what the rules of each market's card ask for (None: the card everywhere), by name; markets that ask the same share one."""
    asked: dict[tuple[str, frozenset[str], float, bool], list[str | None]] = {}
    for market, card in cards.items():
        for rule in _demanding(card):
            asked.setdefault((rule.name, rule.attributes(card.words), rule.needs_coverage or 0.0, rule.when_thin != "warn"), []).append(market)
    return [Demand(*what, tuple(markets)) for what, markets in sorted(asked.items(), key=lambda each: (each[0][0], each[0][2]))]


def thin_rules(cards: list[BoundCard], leads: int, known: Mapping[str, int], before: frozenset[str] = frozenset()) -> list[Thin]:
    """Return the rules that are thin, by name. `known` says of how many of the `leads` each attribute is known, `before` which rules were thin."""
    if leads < FEWEST:
        return []
    found: dict[str, Thin] = {}
    for card in cards:
        for rule in _demanding(card):
            thin = _thin(rule, {name: known[name] / leads for name in rule.attributes(card.words)}, rule.name in before)
            if thin:
                found.setdefault(rule.name, thin)
    return [found[name] for name in sorted(found)]


def _demanding(card: BoundCard) -> Iterator[Rule]:
    return (rule for _, rule in card.rules if rule.needs_coverage is not None)


def _thin(rule: Rule, shares: Mapping[str, float], was_thin: bool) -> Thin | None:
    assert rule.needs_coverage is not None, "only of those"
    attribute = min(sorted(shares), key=lambda name: shares[name], default=None)
    needed = min(1.0, round(rule.needs_coverage + (MARGIN if was_thin else 0.0), 9))
    if attribute is None or shares[attribute] >= needed:
        return None
    return Thin(rule.name, attribute, shares[attribute], rule.needs_coverage, rule.when_thin != "warn", rule.when_thin == "refuse")
