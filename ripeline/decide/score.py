"""Scores: a pure function of facts, scorecard and instant, the same expression for one lead and for a million."""

from datetime import datetime

import polars as pl

from ripeline.decide.facts import Facts, known
from ripeline.decide.marks import mark, marked, summed
from ripeline.decide.review import with_review
from ripeline.decide.rules import LeadRule, Rule
from ripeline.decide.scorecard import BoundCard, Scorecard

MOST_KNOWN = 20
"""Of so many different marks the texts are known before; with more, writing the number is quicker."""


def score(facts: Facts, bound: BoundCard, at: datetime) -> pl.DataFrame:
    """Return a row a lead, by `lead_id`: `fit`, `engagement`, `total` Int64 hundredths, `grade`, `excluded`, `reasons`, `next_review_at`.

    `reasons` is `<rule number>=<hundredths>` joined by `;`, each rule within its own limit; what groups, bounds and exclusions take
    away follows from these and the card, and `explain` tells it.
    """
    frame = with_review(summed(marked(known(facts, at), bound, at), bound), bound, at)
    return frame.select(
        pl.col("id").alias("lead_id"), "fit", "engagement", "total", "grade", "excluded", reasons(bound.card).alias("reasons"), "next_review_at"
    ).sort("lead_id")  # fmt: skip


def reasons(card: Scorecard) -> pl.Expr:
    """Return the text of Score.reasons from the marks of a card's rules."""
    given = [_reason(number, rule) for number, rule in enumerate(card.rules)]
    return pl.concat_str(given, separator=";", ignore_nulls=True) if given else pl.lit("")


def _reason(number: int, rule: Rule) -> pl.Expr:
    """Return the text of one rule (null: it gives nothing). What is known before is not written anew for every lead: writing numbers costs most."""
    points = pl.col(mark(number))
    if not isinstance(rule, LeadRule) or len(rule.outcomes()) > MOST_KNOWN:
        return pl.when(points != 0).then(pl.concat_str(pl.lit(f"{number}="), points))
    known = [pl.when(points == each).then(pl.lit(f"{number}={each}")) for each in sorted(rule.outcomes() - {0})]
    return pl.coalesce(*known, pl.lit(None, pl.String))
