"""Scores: a pure function of facts, scorecard and instant, the same expression for one lead and for a million."""

from datetime import datetime
from functools import lru_cache

import polars as pl

from ripeline.decide.facts import Facts, known
from ripeline.decide.marks import mark, marked, summed
from ripeline.decide.review import with_review
from ripeline.decide.rules import LeadRule, Rule
from ripeline.decide.scorecard import BoundCard

MOST_KNOWN = 20
"""Of so many different marks the texts are known before; with more, writing the number is quicker."""


def score(facts: Facts, bound: BoundCard, at: datetime) -> pl.DataFrame:
    """Return a row a lead, by `lead_id`: `fit`, `engagement`, `total` Int64 hundredths, `grade`, `excluded`, `reasons`, `next_review_at`.

    `reasons` is `<rule number>=<hundredths>` joined by `;`, each rule within its own limit; what groups, bounds and exclusions take
    away follows from these and the card, and `explain` tells it.
    """
    frame = with_review(summed(marked(known(facts, at), bound, at), bound), bound, at)
    return frame.select(
        pl.col("id").alias("lead_id"), "fit", "engagement", "total", "grade", "excluded", reasons(bound).alias("reasons"), "next_review_at"
    ).sort("lead_id")  # fmt: skip


def reasons(bound: BoundCard) -> pl.Expr:
    """Return the text of Score.reasons from the marks of the card's rules that count."""
    given = [_reason(number, _known(rule)) for number, rule in bound.rules]
    return pl.concat_str(given, separator=";", ignore_nulls=True) if given else pl.lit("")


def _known(rule: Rule) -> frozenset[int] | None:
    """Return every mark a rule can give but none, where they are few; else None."""
    return rule.outcomes() - {0} if isinstance(rule, LeadRule) and len(rule.outcomes()) <= MOST_KNOWN else None


@lru_cache(maxsize=1024)
def _reason(number: int, known: frozenset[int] | None) -> pl.Expr:
    """Return the text of one rule (null: it gives nothing). What is known before is not written anew for every lead: writing numbers costs most."""
    points = pl.col(mark(number))
    if known is None:
        return pl.when(points != 0).then(pl.concat_str(pl.lit(f"{number}="), points))
    return pl.coalesce(*(pl.when(points == each).then(pl.lit(f"{number}={each}")) for each in sorted(known)), pl.lit(None, pl.String))
