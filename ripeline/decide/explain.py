"""Explaining a score: every point with its rule and the events behind it; the parts sum to the total exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl

from ripeline.decide.facts import Facts, known
from ripeline.decide.marks import held, mark, marked, summed
from ripeline.decide.review import with_review
from ripeline.decide.rules import EventRule, Rule
from ripeline.decide.score import reasons
from ripeline.decide.scorecard import BoundCard


class PartKind(StrEnum):
    """What makes a part of a total: a rule, or what takes from the sum (a rule's own limit, a group, the total's bounds, an exclusion)."""

    RULE = "rule"
    LIMIT = "limit"
    GROUP = "group"
    BOUNDS = "bounds"
    EXCLUSION = "exclusion"


@dataclass(frozen=True)
class Evidence:
    """One event behind a part: what it gave when it was fresh, and what is left of it. `id` None: a change of an attribute."""

    id: int | None
    at: datetime
    fresh: int
    given: int


@dataclass(frozen=True)
class Part:
    """One part of a total, in hundredths. `evidence` is newest first; empty where the part rests on attributes."""

    kind: PartKind
    section: str
    name: str
    points: int
    evidence: tuple[Evidence, ...] = ()

    @property
    def faded(self) -> int:
        """Return what age has taken from the evidence, in hundredths."""
        return sum(each.fresh - each.given for each in self.evidence)


@dataclass(frozen=True)
class Explanation:
    """A score with all its parts. They sum to `total`, whatever happened on the way."""

    parts: tuple[Part, ...]
    fit: int
    engagement: int
    total: int
    grade: str
    excluded: str | None
    as_of: datetime
    next_review_at: datetime | None
    reasons: str


def explain(facts: Facts, bound: BoundCard, at: datetime) -> Explanation:
    """Return why the one lead in `facts` has its score at `at`."""
    facts = known(facts, at)
    frame = with_review(summed(marked(facts, bound, at), bound), bound, at)
    row = frame.with_columns(reasons(len(bound.card.rules)).alias("reasons")).row(0, named=True)
    parts = tuple(part for part in _parts(facts, bound, at, row) if part.points or part.evidence)
    return Explanation(parts, row["fit"], row["engagement"], row["total"], row["grade"], row["excluded"], at, row["next_review_at"], row["reasons"])


def _parts(facts: Facts, bound: BoundCard, at: datetime, row: dict[str, Any]) -> Iterator[Part]:
    card = bound.card
    for number, (section, _, rule) in enumerate(card.placed()):
        if rule.name in bound.off:
            continue
        yield from _of_rule(facts, bound, at, section, rule, row[mark(number)])
    for name in card.group:
        members = [(number, section) for number, (section, _, rule) in enumerate(card.placed()) if rule.group == name]
        if members:
            yield Part(PartKind.GROUP, members[0][1], name, row[held(name)] - sum(row[mark(number)] for number, _ in members))
    raw_fit, raw_engagement = row["fit before exclusion"], row["engagement before exclusion"]
    yield Part(PartKind.BOUNDS, "total", "total", row["total before exclusion"] - raw_fit - raw_engagement)
    yield Part(PartKind.EXCLUSION, "total", row["excluded"] or "", row["total"] - row["total before exclusion"])


def _of_rule(facts: Facts, bound: BoundCard, at: datetime, section: str, rule: Rule, given: int) -> Iterator[Part]:
    evidence = _evidence(rule.contributions(facts, bound.words, at).collect()) if isinstance(rule, EventRule) else ()
    before_limit = sum(each.given for each in evidence) if isinstance(rule, EventRule) else given
    yield Part(PartKind.RULE, section, rule.name, before_limit, evidence)
    yield Part(PartKind.LIMIT, section, rule.name, given - before_limit)


def _evidence(contributions: pl.DataFrame) -> tuple[Evidence, ...]:
    newest = contributions.sort("at", "id", descending=True).select("id", "at", "raw", "given")
    return tuple(Evidence(*row) for row in newest.iter_rows())
