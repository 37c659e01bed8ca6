"""One lead by itself: a rule that has nothing to say of it is not asked, since building its expressions costs more than one lead's events do."""

from dataclasses import replace
from datetime import datetime

import polars as pl

from ripeline.decide.facts import Facts
from ripeline.decide.marks import collected, contributions
from ripeline.decide.rules import EventRule
from ripeline.decide.scorecard import BoundCard


def heard(facts: Facts, bound: BoundCard, at: datetime) -> tuple[BoundCard, dict[int, pl.DataFrame]]:
    """Return the card without rules on events that say nothing of this lead, now or later, and what events give by each of the others, by number.

    A rule that also looks at the lead by itself may have something to say later of what happened, so it stays.
    """
    asked = _without(bound, {rule.name for _, rule in bound.rules if isinstance(rule, EventRule) and rule.is_silent(facts)})
    given = collected(contributions(facts, asked, at))
    empty = {number for number, frame in given.items() if frame.is_empty()}
    return _without(asked, {rule.name for number, rule in asked.rules if number in empty and not rule.features(bound.words)}), given


def _without(bound: BoundCard, silent: set[str]) -> BoundCard:
    return replace(bound, off=bound.off | silent) if silent else bound
