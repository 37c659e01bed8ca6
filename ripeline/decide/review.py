"""Review: when a stored score must be looked at again though nothing new was heard. It may be early, never late.

Sums held within bounds move at most as much as their parts, so a total can fall by no more than its fading points lose, and rise by
no more than its fading penalties give back. With P hundredths fading by half-life h (the shortest), Q fading evenly at r a microsecond,
and n events whose rounding may add one hundredth each, a fall by g takes until P(1 - 2^(-t/h)) >= g - n where r = 0, and else at least
(g - n) / (P ln 2 / h + r). Rounded points of one event do not move before they reach their next half: that is the other bound.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from ripeline.decide.facts import moment
from ripeline.decide.fading import Numbered, directions
from ripeline.decide.marks import turning
from ripeline.decide.rules.fade import MICROSECOND
from ripeline.decide.scorecard import BoundCard

SOONEST = 1
"""A microsecond on at the earliest: what was just looked at need not be looked at again at the same instant."""

FARTHEST = timedelta(days=36_500) // MICROSECOND
"""Nobody's score is reviewed later than in a hundred years."""


def with_review(marks: pl.DataFrame, bound: BoundCard, at: datetime) -> pl.DataFrame:
    """Return `marks` with `next_review_at`: the first instant (Datetime, null: never) at which points may leave a window or pass a boundary.

    Boundaries are those of the card's bands and those the card is bound with.
    """
    fading = directions(bound)
    if not fading:
        return marks.with_columns(turning(marks, bound).alias("next_review_at"))
    every = bound.boundaries | bound.card.bands.boundaries
    gaps = [gap for column in ("engagement", "total") for gap in _gaps(column, sorted(start for name, start in every if name == column))]
    gaps = [(direction, gap) for direction, gap in gaps if direction in fading]
    frame = marks.with_columns(gap.alias(f"{direction} gap {number}") for number, (direction, gap) in enumerate(gaps))
    shortest = {direction: _shortest(rules) for direction, rules in fading.items()}
    lasting = [_lasting(pl.col(f"{direction} gap {number}"), direction, shortest[direction]) for number, (direction, _) in enumerate(gaps)]
    soonest = pl.min_horizontal(lasting) if lasting else pl.lit(None, pl.Float64)
    frame = frame.with_columns(soonest.alias("soonest"), pl.min_horizontal(f"{direction} steady" for direction in fading).alias("steady"))
    moved = pl.when(pl.col("soonest").is_not_null()).then(pl.max_horizontal("soonest", "steady"))
    passing = moment(at) + pl.duration(microseconds=moved.clip(SOONEST, FARTHEST).floor().cast(pl.Int64))
    return frame.with_columns(pl.min_horizontal(turning(marks, bound), passing).alias("next_review_at"))


def _gaps(column: str, starts: list[int]) -> list[tuple[str, pl.Expr]]:
    """Return by how much `column` must fall to leave the boundary below it, and rise to reach the one above (null: there is none)."""
    if not starts:
        return []
    value = pl.col(column)
    below = pl.max_horizontal(pl.when(value >= start).then(start) for start in starts)
    above = pl.min_horizontal(pl.when(value < start).then(start) for start in starts)
    return [("falling", value - below + 1), ("rising", above - value)]


def _shortest(rules: Sequence[Numbered]) -> float:
    return float(min((rule.fades.microseconds for _, rule in rules if rule.fades and rule.fades.half_life), default=1))


def _lasting(gap: pl.Expr, direction: str, shortest: float) -> pl.Expr:
    """Return for how many microseconds a gap lasts (null: for ever)."""
    exact, halving, rate, events = (pl.col(f"{direction} {name}") for name in ("exact", "halving", "rate", "events"))
    slack = gap - events  # null, like all that follows, where nothing fades
    slowest = slack / (halving * math.log(2) + rate)
    closed = -((1.0 - slack / exact).log(2)) * shortest
    lasting = pl.when(slack <= 0).then(0.0).when(rate > 0).then(slowest).otherwise(pl.max_horizontal(slowest, closed))
    return pl.when((events > 0) & (slack < exact)).then(lasting)
