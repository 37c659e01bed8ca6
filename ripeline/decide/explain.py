"""Explaining a score: every point with its rule and the events behind it; the parts sum to the total exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl

from ripeline.decide.evidence import Evidence, evidence_of
from ripeline.decide.facts import Facts, known
from ripeline.decide.marks import held, mark, marked, summed
from ripeline.decide.review import with_review
from ripeline.decide.rules import EventRule, Rule
from ripeline.decide.score import reasons
from ripeline.decide.scorecard import BoundCard
from ripeline.decide.single import heard


class PartKind(StrEnum):
    """What makes a part of a total: a rule, or what takes from the sum (a rule's own limit, a group, the total's bounds, an exclusion)."""

    RULE = "rule"
    LIMIT = "limit"
    GROUP = "group"
    BOUNDS = "bounds"
    EXCLUSION = "exclusion"


@dataclass(frozen=True)
class Part:
    """One part of a total, in hundredths.

    `evidence` is newest first; where a part rests on what a lead is, `known` tells it, by attribute or measure (None: unknown).
    """

    kind: PartKind
    section: str
    name: str
    points: int
    evidence: tuple[Evidence, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict, hash=False)

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
    counting, given = heard(facts, bound, at)
    marks = marked(facts, counting, at, given)
    frame = with_review(summed(marks, counting), counting, at)
    row = frame.with_columns(reasons(counting).alias("reasons")).row(0, named=True)
    parts = tuple(part for part in _parts(facts, counting, at, row, given) if part.points or part.evidence)
    return Explanation(parts, row["fit"], row["engagement"], row["total"], row["grade"], row["excluded"], at, row["next_review_at"], row["reasons"])


def _parts(facts: Facts, bound: BoundCard, at: datetime, row: dict[str, Any], given: Mapping[int, pl.DataFrame]) -> Iterator[Part]:
    card = bound.card
    evidence = evidence_of({number: rule for number, rule in bound.rules if isinstance(rule, EventRule)}, given, facts, at)
    for number, (section, _, rule) in enumerate(card.placed()):
        if rule.name in bound.off:
            continue
        if isinstance(rule, EventRule):
            yield from _of_events(section, rule, evidence[number], row[mark(number)])
        else:
            yield Part(PartKind.RULE, section, rule.name, row[mark(number)], known=_known_to(rule, bound, row))
    for name in card.group:
        members = [(number, section) for number, (section, _, rule) in enumerate(card.placed()) if rule.group == name]
        if members:
            yield Part(PartKind.GROUP, members[0][1], name, row[held(name)] - sum(row[mark(number)] for number, _ in members))
    raw_fit, raw_engagement = row["fit before exclusion"], row["engagement before exclusion"]
    yield Part(PartKind.BOUNDS, "total", "total", row["total before exclusion"] - raw_fit - raw_engagement)
    yield Part(PartKind.EXCLUSION, "total", row["excluded"] or "", row["total"] - row["total before exclusion"])


def _of_events(section: str, rule: EventRule, evidence: tuple[Evidence, ...], given: int) -> Iterator[Part]:
    before_limit = sum(each.given for each in evidence)
    yield Part(PartKind.RULE, section, rule.name, before_limit, evidence)
    yield Part(PartKind.LIMIT, section, rule.name, given - before_limit)


def _known_to(rule: Rule, bound: BoundCard, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule about the lead has looked at."""
    asked = [bound.words.read(question) for question in rule.questions()]
    attributes = {name: row[name] for condition in asked for name in sorted(condition.names)}
    return attributes | {feature.told: row[feature.name] for condition in asked for feature in condition.features}
