"""A rule on silence: nothing was heard of a lead for so long."""

from collections.abc import Iterator
from typing import ClassVar, Self

import polars as pl
from pydantic import Field, model_validator

from ripeline.decide.duration import Lasting, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.feature import ANY_KIND
from ripeline.decide.points import Points
from ripeline.decide.rules.rule import LeadRule, Section
from ripeline.decide.vocabulary import Question, Vocabulary


class Silence(Entry):
    """Which event (`any`: whatever a lead can do) has not happened, and for how long; in whole days."""

    event: str = ANY_KIND
    span: Lasting = Field(alias="for")

    @model_validator(mode="after")
    def _is_whole_days(self) -> Self:
        if self.span.unit not in (Unit.DAY, Unit.WEEK):
            raise ValueError(f'silent for "{self.span}": silence is told in days or weeks')
        return self


class SilenceRule(LeadRule):
    """Gives `points` while a lead is silent. Somebody who never did anything is silent since we know them."""

    marked_by: ClassVar[str] = "silent"
    sections: ClassVar[frozenset[Section]] = frozenset({"engagement"})

    silent: Silence
    points: Points

    def outcomes(self) -> frozenset[int]:
        return frozenset({0, self.points})

    def questions(self) -> Iterator[Question]:
        yield self._question

    @property
    def _question(self) -> Question:
        event, days = self.silent.event.replace("'", "''"), self.silent.span.span.days
        last = f"days_since('{event}')"
        return Question(("silent", "event"), f"{last} >= {days} OR ({last} IS NULL AND days_since(created_at) >= {days})")

    def marks(self, words: Vocabulary) -> pl.Expr:
        return words.holds(self._question).cast(pl.Int64) * self.points
