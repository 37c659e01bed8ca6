"""Review: when a stored score must be looked at again though nothing new was heard. It may be early, never late.

Sums held within bounds move at most as much as their parts, so a total can fall by no more than its fading points lose, and rise by
no more than its fading penalties give back. With P hundredths fading by half-life h (the shortest), Q fading evenly at r a microsecond,
and n events whose rounding may add one hundredth each, a fall by g takes until P(1 - 2^(-t/h)) >= g - n where r = 0, and else at least
(g - n) / (P ln 2 / h + r). Rounded points of one event do not move before they reach their next half: that is the other bound.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce

import polars as pl

from ripeline.decide.facts import moment
from ripeline.decide.marks import turning
from ripeline.decide.rules import EventRule
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
    fading = _fading_rules(bound)
    if not fading:
        return marks.with_columns(turning(marks, bound).alias("next_review_at"))
    falling = [(number, rule) for number, rule in fading if not rule.is_penalty]
    rising = [(number, rule) for number, rule in fading if rule.is_penalty]
    frame = marks.with_columns(_sums("falling", falling) + _sums("rising", rising))  # as columns, since each is asked many times below
    every = bound.boundaries | bound.card.bands.boundaries
    gaps = [gap for column in ("engagement", "total") for gap in _gaps(column, sorted(start for name, start in every if name == column))]
    frame = frame.with_columns(gap.alias(f"{direction} gap {number}") for number, (direction, gap) in enumerate(gaps))
    shortest = {"falling": _shortest(falling), "rising": _shortest(rising)}
    lasting = [_lasting(pl.col(f"{direction} gap {number}"), direction, shortest[direction]) for number, (direction, _) in enumerate(gaps)]
    soonest = pl.min_horizontal(lasting) if lasting else pl.lit(None, pl.Float64)
    frame = frame.with_columns(soonest.alias("soonest"), pl.min_horizontal(f"rule {number} steady" for number, _ in fading).alias("steady"))
    moved = pl.when(pl.col("soonest").is_not_null()).then(pl.max_horizontal("soonest", "steady"))
    passing = moment(at) + pl.duration(microseconds=moved.clip(SOONEST, FARTHEST).floor().cast(pl.Int64))
    return frame.with_columns(pl.min_horizontal(turning(marks, bound), passing).alias("next_review_at"))


def _fading_rules(bound: BoundCard) -> list[tuple[int, EventRule]]:
    return [(number, rule) for number, rule in bound.rules if isinstance(rule, EventRule) and rule.fades]


def _gaps(column: str, starts: list[int]) -> list[tuple[str, pl.Expr]]:
    """Return by how much `column` must fall to leave the boundary below it, and rise to reach the one above (null: there is none)."""
    if not starts:
        return []
    value = pl.col(column)
    below = pl.max_horizontal(pl.when(value >= start).then(start) for start in starts)
    above = pl.min_horizontal(pl.when(value < start).then(start) for start in starts)
    return [("falling", value - below + 1), ("rising", above - value)]


def _sums(direction: str, rules: list[tuple[int, EventRule]]) -> list[pl.Expr]:
    """Return what fades that way as columns: its exact hundredths, their pace by half-lives, their pace to zero, and its events."""
    exact = {number: pl.col(f"rule {number} exact").fill_null(0.0).abs() for number, _ in rules}
    events = {number: pl.col(f"rule {number} events").fill_null(0).cast(pl.Int64) for number, _ in rules}
    raw = {number: pl.col(f"rule {number} raw").fill_null(0).abs() + events[number] for number, _ in rules}
    pace = {number: rule.fades.microseconds for number, rule in rules if rule.fades}
    halves = {number for number, rule in rules if rule.fades and rule.fades.half_life}
    return [
        _total(exact.values()).alias(f"{direction} exact"),
        _total(exact[number] / pace[number] for number in pace if number in halves).alias(f"{direction} halving"),
        _total(raw[number] / pace[number] for number in pace if number not in halves).alias(f"{direction} rate"),
        _total(events.values()).alias(f"{direction} events"),
    ]


def _shortest(rules: list[tuple[int, EventRule]]) -> float:
    return float(min((rule.fades.microseconds for _, rule in rules if rule.fades and rule.fades.half_life), default=1))


def _lasting(gap: pl.Expr, direction: str, shortest: float) -> pl.Expr:
    """Return for how many microseconds a gap lasts (null: for ever)."""
    exact, halving, rate, events = (pl.col(f"{direction} {name}") for name in ("exact", "halving", "rate", "events"))
    slack = gap - events
    slowest = slack / (halving * math.log(2) + rate)
    closed = -((1.0 - slack / exact).log(2)) * shortest
    lasting = pl.when(slack <= 0).then(0.0).when(rate > 0).then(slowest).otherwise(pl.max_horizontal(slowest, closed))
    return pl.when((events > 0) & (slack < exact)).then(lasting)


def _total(parts: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(lambda left, right: left + right, parts, pl.lit(0.0))
