"""A rule on the size of a number: points by ranges, a missing number being a range of its own."""

from collections.abc import Iterator
from itertools import pairwise
from math import floor, isfinite
from typing import ClassVar, Self

import polars as pl
from pydantic import Field, ValidationInfo, field_validator, model_validator

from ripeline.decide.entry import Entry
from ripeline.decide.points import Points
from ripeline.decide.rules.rule import LeadRule, Section
from ripeline.decide.vocabulary import Question, Vocabulary


class Bin(Entry):
    """One range, both ends included. No `from`: any number down; no `to`: any number up."""

    low: float | None = Field(default=None, alias="from")
    high: float | None = Field(default=None, alias="to")
    points: Points

    @field_validator("low", "high")
    @classmethod
    def _is_a_number(cls, end: float | None, of: ValidationInfo) -> float | None:
        if end is not None and not isfinite(end):
            raise ValueError(f"a bin ends at a number, and {end:g} is none: where it has no end, leave out {'from' if of.field_name == 'low' else 'to'}")
        return end

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("a bin needs from, to, or both")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"a bin from {self.low:g} to {self.high:g} holds nothing: exchange the ends")
        return self

    def holds(self, number: pl.Expr) -> pl.Expr:
        ends = [number >= self.low] if self.low is not None else []
        ends += [number <= self.high] if self.high is not None else []
        return pl.all_horizontal(ends)


class BinsRule(LeadRule):
    """Gives the points of the bin that `number` falls into: a number field, or times(…), days_with(…), sum_of(…), days_since(…)."""

    marked_by: ClassVar[str] = "bins"
    sections: ClassVar[frozenset[Section]] = frozenset({"fit", "engagement"})

    number: str
    bins: tuple[Bin, ...] = Field(min_length=1, max_length=50)
    missing: Points = 0

    @model_validator(mode="after")
    def _bins_do_not_overlap(self) -> Self:
        ordered = sorted(self.bins, key=lambda each: float("-inf") if each.low is None else each.low)
        for left, right in pairwise(ordered):
            if left.high is None or right.low is None or left.high >= right.low:
                raise ValueError("two bins hold the same number: both ends count, so write from = 50, to = 499 and from = 500")
        return self

    def outcomes(self) -> frozenset[int]:
        return frozenset({0, self.missing, *(each.points for each in self.bins)})

    def questions(self) -> Iterator[Question]:
        yield self._question

    @property
    def _question(self) -> Question:
        starts = [each.low for each in self.bins if each.low is not None]
        ends = [floor(each.high) + 1 for each in self.bins if each.high is not None]
        return Question(("number",), self.number, is_number=True, turns=tuple(sorted({*starts, *ends})))

    def marks(self, words: Vocabulary) -> pl.Expr:
        number = words.read(self._question).expr
        given = [pl.when(each.holds(number)).then(each.points) for each in self.bins]
        missing = pl.when(number.is_null()).then(self.missing)
        return pl.coalesce(missing, *given, 0).cast(pl.Int64)
