"""A rule on change: an attribute of a lead is not what it was."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

import polars as pl
from pydantic import BeforeValidator, Field, PlainSerializer

from ripeline.decide.duration import Lasting
from ripeline.decide.facts import Facts, Needs, moment
from ripeline.decide.feature import with_features
from ripeline.decide.points import Points
from ripeline.decide.rules.limit import newest_first
from ripeline.decide.rules.rule import EventRule, Section, leaving, pointed
from ripeline.decide.vocabulary import Question, Vocabulary, features_of


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_written(value: Sequence[str]) -> str | list[str]:
    return value[0] if len(value) == 1 else list(value)


class ChangeRule(EventRule):
    """Gives `points` once for the newest change of an attribute, or of any of several, while `when` holds for the lead as it is now."""

    marked_by: ClassVar[str] = "changed"
    sections: ClassVar[frozenset[Section]] = frozenset({"engagement"})

    changed: Annotated[tuple[str, ...], BeforeValidator(_several), PlainSerializer(_as_written), Field(min_length=1)]
    when: str | None = None
    within: Lasting | None = None
    points: Points

    @property
    def has_window(self) -> bool:
        return self.within is not None

    @property
    def is_penalty(self) -> bool:
        return self.points < 0

    def outcomes(self) -> frozenset[int]:
        return frozenset({0, self.points})

    def questions(self) -> Iterator[Question]:
        for attribute in self.changed:
            yield Question(("changed",), f"changed('{attribute.replace(chr(39), chr(39) * 2)}')")
        yield from self._meaning()

    def _meaning(self) -> Iterator[Question]:
        if self.when is not None:
            yield Question(("when",), self.when)

    def needs(self, words: Vocabulary) -> Needs:
        return super().needs(words) | Needs(has_changes=True)

    def is_silent(self, facts: Facts) -> bool:
        return not facts.attributes_changed & {*self.changed}

    def contributions(self, facts: Facts, words: Vocabulary, at: datetime) -> pl.LazyFrame:
        found = facts.changes.lazy().filter(pl.col("attribute").is_in(self.changed))
        if self.within:
            found = found.filter(pl.col("at") > moment(at - self.within.span))
        newest = newest_first(found.with_columns(leaving(self.within), id=pl.lit(None, pl.Int64))).unique("lead_id", keep="first", maintain_order=True)
        if self.when is not None:
            newest = newest.join(self._meant(facts, words, at), on="lead_id", how="semi")
        return pointed(newest, pl.lit(float(self.points)), self.fades, at)

    def _meant(self, facts: Facts, words: Vocabulary, at: datetime) -> pl.LazyFrame:
        meant = [words.read(each) for each in self._meaning()]
        leads = with_features(facts.leads, facts, features_of(meant), at)
        return leads.lazy().filter(*(each.holds for each in meant)).select(pl.col("id").alias("lead_id"))
