"""Fading: what of a lead's points goes with age, and how fast. `review` asks it when a score must be looked at again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from ripeline.decide.rules import EventRule
from ripeline.decide.rules.fade import Fade
from ripeline.decide.scorecard import BoundCard

Numbered = tuple[int, EventRule]


def directions(bound: BoundCard) -> dict[str, list[Numbered]]:
    """Return, with their numbers, the rules whose points fall with age, and those whose penalties rise back to nothing; a direction without any is left out."""
    fading: list[Numbered] = [(number, rule) for number, rule in bound.rules if isinstance(rule, EventRule) and rule.fades]
    found = {"falling": [each for each in fading if not each[1].is_penalty], "rising": [each for each in fading if each[1].is_penalty]}
    return {direction: rules for direction, rules in found.items() if rules}


def fading_of(given: Mapping[int, pl.DataFrame], rules: Sequence[Numbered], direction: str, at: datetime) -> pl.DataFrame:
    """Return what contributions, given by the number of their rule, lose by age, a row a lead by `lead_id`; `direction` stands before each column.

    `exact`: hundredths before rounding; `halving` and `rate`: their pace a microsecond, by half-lives and evenly to zero; `events` that still
    give something; `steady`: for how many microseconds every rounded contribution stays what it is.
    """
    parts = [_paced(given[number].lazy(), rule.fades, at) for number, rule in rules if rule.fades]
    sums = [pl.col(name).sum().alias(f"{direction} {name}") for name in ("exact", "halving", "rate")]
    others = [pl.len().cast(pl.Int64).alias(f"{direction} events"), pl.col("steady").min().alias(f"{direction} steady")]
    return pl.concat(parts).group_by("lead_id").agg(*sums, *others).collect()


def _paced(contributions: pl.LazyFrame, fades: Fade, at: datetime) -> pl.LazyFrame:
    size, none = pl.col("exact").abs(), pl.lit(0.0)
    halving = size / fades.microseconds if fades.half_life else none
    rate = none if fades.half_life else (pl.col("raw").abs() + 1) / fades.microseconds
    steady = fades.steady(pl.col("at"), at, pl.col("exact"), pl.col("given"))
    alive = contributions.filter(pl.col("given") != 0)
    return alive.select("lead_id", size.alias("exact"), halving.alias("halving"), rate.alias("rate"), steady.alias("steady"))
