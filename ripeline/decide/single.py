"""One lead by itself: a rule that has nothing to say of it is not asked, since building its expressions costs more than one lead's events do."""

from dataclasses import replace
from datetime import datetime

import polars as pl

from ripeline.decide.facts import Facts
from ripeline.decide.feature import ANY_KIND
from ripeline.decide.marks import collected, contributions
from ripeline.decide.rules import EventRule
from ripeline.decide.scorecard import BoundCard


def heard(facts: Facts, bound: BoundCard, at: datetime) -> tuple[BoundCard, dict[int, pl.DataFrame]]:
    """Return the card without rules on events that say nothing of this lead, now or later, and what events give by each of the others, by number."""
    asked = _without(bound, _of_other_kinds(bound, frozenset(facts.events["kind"].unique())))
    given = collected(contributions(facts, asked, at))
    return _without(asked, {number for number, frame in given.items() if frame.is_empty()}), given


def _of_other_kinds(bound: BoundCard, kinds: frozenset[str]) -> set[int]:
    """Return the rules that only count events of kinds that did not happen."""
    counted = {number: {kind for _, kind, _ in rule.kinds()} for number, rule in bound.rules}
    return {number for number, asked in counted.items() if asked and ANY_KIND not in asked and not asked & kinds}


def _without(bound: BoundCard, silent: set[int]) -> BoundCard:
    """Return the card without these rules; one that also looks at the lead by itself may have something to say later, so it stays."""
    names = {rule.name for number, rule in bound.rules if number in silent and isinstance(rule, EventRule) and not rule.features(bound.words)}
    return replace(bound, off=bound.off | names) if names else bound
