"""A rule on what holds for a lead: `when` and `points`."""

from collections.abc import Iterator
from typing import ClassVar

import polars as pl

from ripeline.decide.points import Points
from ripeline.decide.rules.rule import LeadRule, Section
from ripeline.decide.vocabulary import Question, Vocabulary


class WhenRule(LeadRule):
    """Gives `points` while `when` holds."""

    marked_by: ClassVar[str] = "when"
    sections: ClassVar[frozenset[Section]] = frozenset({"fit", "engagement"})

    when: str
    points: Points

    def outcomes(self) -> frozenset[int]:
        return frozenset({0, self.points})

    def questions(self) -> Iterator[Question]:
        yield self._question

    @property
    def _question(self) -> Question:
        return Question(("when",), self.when)

    def marks(self, words: Vocabulary) -> pl.Expr:
        return words.holds(self._question).cast(pl.Int64) * self.points
