"""Review: when a stored score must be looked at again though nothing new was heard. It may be early, never late.

Sums held within bounds move at most as much as their parts, so a total can fall by no more than its fading points lose, and rise by
no more than its fading penalties give back. With P hundredths fading by half-life h (the shortest), Q fading evenly at r a microsecond,
and n events whose rounding may add one hundredth each, a fall by g takes until P(1 - 2^(-t/h)) >= g - n where r = 0, and else at least
(g - n) / (P ln 2 / h + r). Rounded points of one event do not move before they reach their next half: that is the other bound.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

import polars as pl

from ripeline.decide.facts import INSTANT
from ripeline.decide.marks import turning
from ripeline.decide.rules import EventRule
from ripeline.decide.rules.fade import MICROSECOND
from ripeline.decide.scorecard import BoundCard

FARTHEST = timedelta(days=36_500) // MICROSECOND
"""Nobody's score is reviewed later than in a hundred years."""


@dataclass(frozen=True)
class _Fading:
    """The fading of all rules of one sign, as expressions a lead: hundredths are positive whatever the sign."""

    exact: pl.Expr
    halving: pl.Expr
    rate: pl.Expr
    events: pl.Expr
    shortest: float


def next_review(marks: pl.DataFrame, bound: BoundCard, at: datetime) -> pl.Expr:
    """Return the first instant (Datetime, null: never) at which points may leave a window or pass a boundary.

    Boundaries are those of the card's bands and those the card is bound with.
    """
    reviews = [turning(marks, bound)]
    numbers = [number for number, _ in _fading_rules(bound)]
    if numbers:
        steady = pl.min_horizontal(f"rule {number} steady" for number in numbers)
        micros = [micro for column, starts in _boundaries(bound).items() for micro in _crossings(bound, column, starts)]
        soonest = pl.min_horizontal(micros) if micros else pl.lit(None, pl.Float64)
        moved = pl.when(soonest.is_not_null()).then(pl.max_horizontal(soonest, steady))
        reviews.append(pl.lit(at, INSTANT) + pl.duration(microseconds=moved.clip(0, FARTHEST).floor().cast(pl.Int64)))
    return pl.min_horizontal(reviews)


def _fading_rules(bound: BoundCard) -> list[tuple[int, EventRule]]:
    return [(number, rule) for number, rule in bound.rules if isinstance(rule, EventRule) and rule.fades]


def _boundaries(bound: BoundCard) -> dict[str, list[int]]:
    every = sorted(bound.boundaries | bound.card.bands.boundaries)
    return {column: [start for name, start in every if name == column] for column in ("engagement", "total")}


def _crossings(bound: BoundCard, column: str, starts: list[int]) -> list[pl.Expr]:
    """Return for how many microseconds `column` stays above the boundary below it, and below the one above it."""
    if not starts:
        return []
    value = pl.col(column)
    below = pl.max_horizontal(pl.when(value >= start).then(start) for start in starts)
    above = pl.min_horizontal(pl.when(value < start).then(start) for start in starts)
    rises = [number for number, rule in _fading_rules(bound) if rule.is_penalty]
    falls = [number for number, rule in _fading_rules(bound) if not rule.is_penalty]
    found = [_lasting(value - below + 1, _fading(bound, falls))] if falls else []
    return found + ([_lasting(above - value, _fading(bound, rises))] if rises else [])


def _lasting(gap: pl.Expr, fading: _Fading) -> pl.Expr:
    slack = gap - fading.events
    slowest = slack / (fading.halving * math.log(2) + fading.rate)
    closed = -((1.0 - slack / fading.exact).log(2)) * fading.shortest
    lasting = pl.when(slack <= 0).then(0.0).when(fading.rate > 0).then(slowest).otherwise(pl.max_horizontal(slowest, closed))
    return pl.when((fading.events > 0) & (slack < fading.exact)).then(lasting)


def _fading(bound: BoundCard, numbers: list[int]) -> _Fading:
    rules = [(number, rule.fades) for number, rule in _fading_rules(bound) if rule.fades and number in numbers]
    events = {number: pl.col(f"rule {number} events").fill_null(0) for number, _ in rules}
    exact = {number: pl.col(f"rule {number} exact").fill_null(0.0).abs() for number, _ in rules}
    raw = {number: pl.col(f"rule {number} raw").fill_null(0).abs() for number, _ in rules}
    halvings = [(number, fade.microseconds) for number, fade in rules if fade.half_life]
    return _Fading(
        _total(exact[number] for number, _ in rules),
        _total(exact[number] / micros for number, micros in halvings),
        _total((raw[number] + events[number]) / fade.microseconds for number, fade in rules if fade.to_zero),
        _total(events[number] for number, _ in rules).cast(pl.Int64),
        float(min((micros for _, micros in halvings), default=1)),
    )


def _total(parts: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(lambda left, right: left + right, parts, pl.lit(0.0))
