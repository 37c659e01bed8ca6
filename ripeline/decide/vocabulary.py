"""The vocabulary of a playbook: its fields and lists, with which every text a rule asks is read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import polars as pl

from ripeline.decide.condition import Condition, parse_condition, parse_number
from ripeline.decide.facts import Needs
from ripeline.decide.feature import Feature
from ripeline.decide.fields import Fields


@dataclass(frozen=True)
class Question:
    """A text that a rule asks, and the keys that lead to it from the rule.

    About one event of a kind where `event` is given, else about the lead. A number (`is_number`) stands in for a condition where bins
    are asked of it; `turns` are the values at which those bins begin.
    """

    place: tuple[str | int, ...]
    text: str
    event: str | None = None
    is_number: bool = False
    turns: tuple[float, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """What conditions may name. Reading raises BadCondition; what was read once is kept."""

    fields: Fields
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _known: dict[Question, Condition] = field(default_factory=dict, compare=False, repr=False)

    def read(self, question: Question) -> Condition:
        """Return the question as a condition; for a number, its `expr` is the number and `holds` means nothing."""
        if question not in self._known:
            self._known[question] = self._read(question)
        return self._known[question]

    def _read(self, question: Question) -> Condition:
        if question.event is not None:
            return parse_condition(question.text, self.fields.event.get(question.event, {}), lists=self.lists)
        if question.is_number:
            return parse_number(question.text, self.fields.lead, self.fields.event, question.turns)
        return parse_condition(question.text, self.fields.lead, self.fields.event, self.lists)

    def holds(self, question: Question) -> pl.Expr:
        """Return the question as a Boolean that is never null."""
        return self.read(question).holds


def features_of(conditions: list[Condition]) -> list[Feature]:
    """Return every feature that the conditions stand on."""
    return [feature for condition in conditions for feature in condition.features]


def needs_of(conditions: list[Condition]) -> Needs:
    """Return what the conditions ask of a lead's facts, together."""
    return reduce(lambda left, right: left | right, (condition.needs for condition in conditions), Needs())
