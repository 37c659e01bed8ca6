"""A rule on order: events that happened one after the other within a span."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

import polars as pl
from pydantic import Field

from ripeline.decide.entry import Entry
from ripeline.decide.facts import Facts, moment
from ripeline.decide.points import Points
from ripeline.decide.rules.limit import newest_first
from ripeline.decide.rules.rule import EventRule, Section, Span, leaving, pointed
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
    within: Span
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

    def contributions(self, facts: Facts, words: Vocabulary, at: datetime) -> pl.LazyFrame:
        chain = self._step(facts, words, 0).with_columns(began=pl.col("at"))
        for number in range(1, len(self.sequence)):
            chain = _continued(chain, self._step(facts, words, number))
        done = chain.filter(pl.col("at") - pl.col("began") <= self.within.span)
        newest = newest_first(done).unique("lead_id", keep="first", maintain_order=True).with_columns(leaving(None))
        return pointed(newest, pl.lit(float(self.points)), self.fades, at)

    def _step(self, facts: Facts, words: Vocabulary, number: int) -> pl.LazyFrame:
        happened = pl.col("kind") == self.sequence[number].event
        for question in self._asked(number):
            happened &= words.holds(question)
        return facts.events.lazy().filter(happened).select("lead_id", "at", "id")


def _continued(chain: pl.LazyFrame, step: pl.LazyFrame) -> pl.LazyFrame:
    """Return the events of `step` with the latest beginning of a chain that ended before them.

    The latest is the best: it leaves the shortest span. An event cannot follow itself, hence it is asked before it is told.
    """
    told = chain.with_columns(is_told=pl.lit(True))
    asked = step.with_columns(began=moment(None), is_told=pl.lit(False))
    both = pl.concat([told.select("lead_id", "at", "id", "is_told", "began"), asked.select("lead_id", "at", "id", "is_told", "began")])
    ordered = both.sort("lead_id", "at", "id", "is_told")
    known = ordered.with_columns(pl.col("began").cum_max().forward_fill().over("lead_id"))
    return known.filter(~pl.col("is_told") & pl.col("began").is_not_null()).select("lead_id", "at", "id", "began")
