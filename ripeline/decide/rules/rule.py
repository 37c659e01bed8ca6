"""What every kind of rule offers: the questions it asks, and the points it gives, as one expression or from single events."""

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from ripeline.decide.condition import Condition
from ripeline.decide.duration import Duration
from ripeline.decide.entry import Entry
from ripeline.decide.facts import Facts, Needs, moment
from ripeline.decide.feature import ANY_KIND, Feature
from ripeline.decide.points import rounded
from ripeline.decide.rules.fade import Fade
from ripeline.decide.rules.limit import Limit
from ripeline.decide.vocabulary import Question, Vocabulary, features_of, needs_of

Section = Literal["fit", "engagement"]


ALWAYS_KNOWN = frozenset({"created_at", "email_domain"})


class RuleKind(Entry):
    """What all rules have. `marked_by` is the key that tells a kind from the others, `sections` where it may stand.

    `needs_coverage`: of which share of all leads its attributes must be known; `when_thin` says what becomes of it otherwise.
    """

    marked_by: ClassVar[str]
    sections: ClassVar[frozenset[Section]]

    name: str = Field(min_length=1, max_length=120)
    group: str | None = None
    needs_coverage: float | None = Field(default=None, gt=0, le=1)
    when_thin: Literal["refuse", "leave_out", "warn"] = "refuse"

    @abstractmethod
    def outcomes(self) -> frozenset[int]:
        """Return the hundredths that it may give: of a rule on events, what none and one fresh event give."""

    def questions(self) -> Iterator[Question]:
        """Yield every text this rule asks."""
        yield from ()

    def properties(self) -> Iterator[tuple[tuple[str | int, ...], str, str, bool]]:
        """Yield (place, event kind, property, whether it must be a number) for what it takes from events besides conditions."""
        yield from ()

    def kinds(self) -> Iterator[tuple[tuple[str | int, ...], str, Question | None]]:
        """Yield (place, event kind, the condition such an event must fulfil) for the events it counts."""
        yield from ()

    def attributes(self, words: Vocabulary) -> frozenset[str]:
        """Return the attributes it asks for that may be missing."""
        return self.needs(words).attributes - ALWAYS_KNOWN

    def features(self, words: Vocabulary) -> list[Feature]:
        """Return the features its expressions stand on."""
        return features_of(self._about_the_lead(words))

    def needs(self, words: Vocabulary) -> Needs:
        """Return what it asks of the facts."""
        about_events = frozenset(name for each in self.questions() if each.event for name in words.read(each).names)
        properties = about_events | {name for _, _, name, _ in self.properties()}
        asked = {(kind, words.read(question).plain if question else None) for _, kind, question in self.kinds()}
        kinds = frozenset(kind for kind, plain in asked if plain is None)
        parts = frozenset((kind, plain) for kind, plain in asked if plain is not None)
        return needs_of(self._about_the_lead(words)) | Needs(properties=properties, kinds=kinds, parts=parts)

    def _about_the_lead(self, words: Vocabulary) -> list[Condition]:
        return [words.read(each) for each in self.questions() if not each.event]


class LeadRule(RuleKind):
    """A rule whose points are one expression over the leads and their features."""

    @abstractmethod
    def marks(self, words: Vocabulary) -> pl.Expr:
        """Return the points in hundredths, Int64, never null."""

    def until(self, words: Vocabulary) -> list[pl.Expr]:
        """Return when time alone may change them (Datetime, null: never)."""
        return [condition.until for condition in self._about_the_lead(words) if condition.features]


class EventRule(RuleKind):
    """A rule whose points come from single events or changes, each with its own share."""

    fades: Fade | None = None
    limit: Limit | None = None

    @property
    def has_window(self) -> bool:
        """Return whether events stop counting at a certain age."""
        return False

    @property
    @abstractmethod
    def is_penalty(self) -> bool:
        """Return whether it takes points away."""

    def is_silent(self, facts: Facts) -> bool:
        """Tell at a glance that it gives nobody anything without news, since nothing of what it counts ever happened. False: it is to be asked."""
        counted = {kind for _, kind, _ in self.kinds()}
        return bool(counted) and ANY_KIND not in counted and not counted & facts.kinds

    @abstractmethod
    def contributions(self, facts: Facts, words: Vocabulary, at: datetime) -> pl.LazyFrame:
        """Return what each event gives: `lead_id`, `id`, `at`, `raw` Int64 before and `exact` Float64 after fading, `given` Int64, `until`.

        `given` is `exact` rounded half to even: nothing later is rounded. `until` is when the event stops counting (null: never).
        """


def pointed(found: pl.LazyFrame, full: pl.Expr, fades: Fade | None, at: datetime) -> pl.LazyFrame:
    """Return events (`lead_id`, `id`, `at`, `until`) with the points they give; `full` is what a fresh one gives, hundredths as Float64."""
    exact = full if fades is None else fades.faded(full, pl.col("at"), at)
    return found.select("lead_id", "id", "at", rounded(full).alias("raw"), exact.alias("exact"), rounded(exact).alias("given"), "until")


def leaving(within: Duration | None) -> pl.Expr:
    """Return when an event leaves a window, as `until` (null: never)."""
    return (moment(None) if within is None else pl.col("at") + within.span).alias("until")
