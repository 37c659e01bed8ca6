"""Scores: a pure function of facts, scorecard and instant, the same expression for one lead and for a million."""

from datetime import datetime

import polars as pl

from ripeline.decide.facts import Facts, known
from ripeline.decide.marks import mark, marked, summed
from ripeline.decide.review import with_review
from ripeline.decide.scorecard import BoundCard


def score(facts: Facts, bound: BoundCard, at: datetime) -> pl.DataFrame:
    """Return a row a lead, by `lead_id`: `fit`, `engagement`, `total` Int64 hundredths, `grade`, `excluded`, `reasons`, `next_review_at`.

    `reasons` is `<rule number>=<hundredths>` joined by `;`, each rule within its own limit; what groups, bounds and exclusions take
    away follows from these and the card, and `explain` tells it.
    """
    frame = with_review(summed(marked(known(facts, at), bound, at), bound), bound, at)
    return frame.select(
        pl.col("id").alias("lead_id"), "fit", "engagement", "total", "grade", "excluded", reasons(len(bound.card.rules)).alias("reasons"), "next_review_at"
    ).sort("lead_id")  # fmt: skip


def reasons(rules: int) -> pl.Expr:
    """Return the text of Score.reasons from the marks of so many rules."""
    given = [pl.when(pl.col(mark(number)) != 0).then(pl.concat_str(pl.lit(f"{number}="), pl.col(mark(number)))) for number in range(rules)]
    return pl.concat_str(given, separator=";", ignore_nulls=True) if given else pl.lit("")
