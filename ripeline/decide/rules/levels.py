"""A rule on a word: points by the value of an attribute, a missing one being a level of its own."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import polars as pl
from pydantic import Field

from ripeline.decide.points import Points
from ripeline.decide.rules.rule import LeadRule, Section
from ripeline.decide.vocabulary import Question, Vocabulary


class LevelsRule(LeadRule):
    """Gives the points of the level that `field` has: `other` for a value that is not named, `missing` where none is known."""

    marked_by: ClassVar[str] = "levels"
    sections: ClassVar[frozenset[Section]] = frozenset({"fit", "engagement"})

    field: str = Field(pattern="^[a-z][a-z0-9_]*$")
    levels: Mapping[str, Points] = Field(min_length=1, max_length=200)
    other: Points = 0
    missing: Points = 0

    def outcomes(self) -> frozenset[int]:
        return frozenset({self.other, self.missing, *self.levels.values()})

    def questions(self) -> Iterator[Question]:
        yield self._is_missing
        yield from (self._is(level) for level in self.levels)

    @property
    def _is_missing(self) -> Question:
        return Question(("field",), f"{self.field} IS NULL")

    def _is(self, level: str) -> Question:
        return Question(("levels", level), f"{self.field} = '{level.replace(chr(39), chr(39) * 2)}'")

    def marks(self, words: Vocabulary) -> pl.Expr:
        missing = pl.when(words.holds(self._is_missing)).then(self.missing)
        given = [pl.when(words.holds(self._is(level))).then(points) for level, points in self.levels.items()]
        return pl.coalesce(missing, *given, self.other).cast(pl.Int64)
