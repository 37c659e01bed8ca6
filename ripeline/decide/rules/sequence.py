"""A rule on order: events that happened one after the other within a span."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

import polars as pl
from pydantic import Field

from ripeline.decide.duration import Lasting
from ripeline.decide.entry import Entry
from ripeline.decide.facts import Facts
from ripeline.decide.points import Points
from ripeline.decide.rules.rule import EventRule, Section, leaving, pointed
from ripeline.decide.vocabulary import Question, Vocabulary


class Step(Entry):
    """One event of a sequence."""

    event: str
    when: str | None = None


class SequenceRule(EventRule):
    """Gives `points` once where the steps happened in this order, the last at most `within` after the first.

    Other events may lie between. With `fades`, the newest completion counts from its last step on.
    """

    marked_by: ClassVar[str] = "sequence"
    sections: ClassVar[frozenset[Section]] = frozenset({"engagement"})

    sequence: tuple[Step, ...] = Field(min_length=2, max_length=10)
    within: Lasting
    points: Points

    @property
    def is_penalty(self) -> bool:
        return self.points < 0

    def outcomes(self) -> frozenset[int]:
        return frozenset({0, self.points})

    def questions(self) -> Iterator[Question]:
        for number in range(len(self.sequence)):
            yield from self._asked(number)

    def _asked(self, number: int) -> Iterator[Question]:
        step = self.sequence[number]
        if step.when is not None:
            yield Question(("sequence", number, "when"), step.when, event=step.event)

    def kinds(self) -> Iterator[tuple[tuple[str | int, ...], str, Question | None]]:
        for number, step in enumerate(self.sequence):
            yield ("sequence", number, "event"), step.event, next(self._asked(number), None)

    def is_silent(self, facts: Facts) -> bool:
        return not {step.event for step in self.sequence} <= facts.kinds

    def contributions(self, facts: Facts, words: Vocabulary, at: datetime) -> pl.LazyFrame:
        chain = self._steps(facts, words).with_columns(began=pl.when(_is_step(0)).then("at"))
        for number in range(1, len(self.sequence)):
            chain = _continued(chain, number)
        done = chain.filter(pl.col("at") - pl.col("began") <= self.within.span)
        newest = done.unique("lead_id", keep="last", maintain_order=True).with_columns(leaving(None))
        return pointed(newest, pl.lit(float(self.points)), self.fades, at)

    def _steps(self, facts: Facts, words: Vocabulary) -> pl.LazyFrame:
        """Return the events that are a step, or several, in order, with a Boolean column for each step."""
        numbers = range(len(self.sequence))
        parts = []
        for kind in dict.fromkeys(step.event for step in self.sequence):
            happened = {number: self._holds(number, words) if self.sequence[number].event == kind else pl.lit(False) for number in numbers}
            of_kind = facts.of_kind(kind).lazy().select("lead_id", "at", "id", *(holds.alias(f"step {number}") for number, holds in happened.items()))
            parts.append(of_kind.filter(pl.any_horizontal(_is_step(number) for number in numbers)))
        return parts[0] if len(parts) == 1 else pl.concat(parts).sort("lead_id", "at", "id")

    def _holds(self, number: int, words: Vocabulary) -> pl.Expr:
        return next((words.holds(question) for question in self._asked(number)), pl.lit(True))


def _is_step(number: int) -> pl.Expr:
    return pl.col(f"step {number}")


def _continued(chain: pl.LazyFrame, number: int) -> pl.LazyFrame:
    """Return the chain with `began` at the events of this step: the latest beginning of a chain that ended before them (null elsewhere).

    The latest is the best: it leaves the shortest span. An event cannot follow itself, hence the look at the row before. Within a lead
    beginnings never go back, so the last one is the latest.
    """
    whose = pl.when(pl.col("began").is_not_null()).then("lead_id").forward_fill().shift()
    told = pl.col("began").forward_fill().shift()
    return chain.with_columns(began=pl.when(_is_step(number) & (whose == pl.col("lead_id"))).then(told))
