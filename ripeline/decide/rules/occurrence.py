"""A rule on events: each one of a kind gives points, as often and as long as the rule says."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

import polars as pl
from pydantic import Discriminator, Field, Tag

from ripeline.decide.duration import Lasting
from ripeline.decide.entry import Entry
from ripeline.decide.facts import Facts, moment
from ripeline.decide.points import MOST, Points, divided
from ripeline.decide.rules.limit import Count
from ripeline.decide.rules.rule import EventRule, Section, leaving, pointed
from ripeline.decide.vocabulary import Question, Vocabulary

LARGEST_CONTRIBUTION = MOST * 100.0
"""Hundredths one event may give at most: a single absurd property must not drown a lead."""


class PerUnit(Entry):
    """Points by the size of a property: `give` points per `per` units `of` it; missing and negative sizes give nothing."""

    give: Points
    per: float = Field(gt=0, allow_inf_nan=False)
    of: str

    def full(self) -> pl.Expr:
        units = pl.col(self.of).cast(pl.Float64).fill_nan(0.0).fill_null(0.0).clip(0.0)
        return divided(units * self.give, self.per).clip(-LARGEST_CONTRIBUTION, LARGEST_CONTRIBUTION)


def _kind_of_points(value: Any) -> str:
    return "per unit" if isinstance(value, dict | PerUnit) else "points"


Given = Annotated[Annotated[Points, Tag("points")] | Annotated[PerUnit, Tag("per unit")], Discriminator(_kind_of_points)]
"""Points, or points per unit: told apart before they are read, so that a mistake is told once."""


class OccurrenceRule(EventRule):
    """Gives points for each event of a kind for which `when` holds."""

    marked_by: ClassVar[str] = "event"
    sections: ClassVar[frozenset[Section]] = frozenset({"engagement"})

    event: str
    when: str | None = None
    points: Given
    within: Lasting | None = None
    count: Count | None = None

    @property
    def has_window(self) -> bool:
        return self.within is not None

    @property
    def is_penalty(self) -> bool:
        return (self.points.give if isinstance(self.points, PerUnit) else self.points) < 0

    def outcomes(self) -> frozenset[int]:
        return frozenset({0, self.points.give if isinstance(self.points, PerUnit) else self.points})

    def questions(self) -> Iterator[Question]:
        if self.when is not None:
            yield Question(("when",), self.when, event=self.event)

    def kinds(self) -> Iterator[tuple[tuple[str | int, ...], str, Question | None]]:
        yield ("event",), self.event, next(self.questions(), None)

    def properties(self) -> Iterator[tuple[tuple[str | int, ...], str, str, bool]]:
        if isinstance(self.points, PerUnit):
            yield ("points", "of"), self.event, self.points.of, True
        if self.count and self.count.distinct:
            yield ("count", "distinct"), self.event, self.count.distinct, False

    def contributions(self, facts: Facts, words: Vocabulary, at: datetime) -> pl.LazyFrame:
        found = facts.of_kind(self.event).lazy().filter(*self._counts(words, at)).with_columns(leaving(self.within))
        if self.count:
            found = self.count.counted(found)
        if self.limit:
            found = self.limit.newest(found)
        full = self.points.full() if isinstance(self.points, PerUnit) else pl.lit(float(self.points))
        return pointed(found, full, self.fades, at)

    def _counts(self, words: Vocabulary, at: datetime) -> Iterator[pl.Expr]:
        if self.within:
            yield pl.col("at") > moment(at - self.within.span)
        yield from (words.holds(question) for question in self.questions())
