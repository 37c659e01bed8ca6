"""Marks: what each rule gives each lead, and what becomes of the sums: limits, groups, bounds, exclusions, the grade."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar

import polars as pl

from ripeline.decide.bands import WORST_ENGAGEMENT, WORST_FIT
from ripeline.decide.facts import Facts, moment
from ripeline.decide.fading import directions, fading_of
from ripeline.decide.feature import with_features
from ripeline.decide.rules import EventRule, LeadRule
from ripeline.decide.rules.limit import limited
from ripeline.decide.scorecard import BoundCard, Bounds, Scorecard

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

WINDOWS = "windows until"
"""The column with when the first event of a lead leaves its rule's window (null: never)."""


def mark(number: int) -> str:
    """Return the name of the column with what a rule gives, its own limit applied (Int64 hundredths)."""
    return f"rule {number}"


def until(number: int) -> str:
    """Return the name of the column with when time alone, fading apart, changes what a rule gives."""
    return f"rule {number} until"


def held(group: str) -> str:
    """Return the name of the column with a group's sum within its bounds."""
    return f"group {group}"


def contributions(facts: Facts, bound: BoundCard, at: datetime) -> dict[int, pl.LazyFrame]:
    """Return what single events give, by the number of their rule, see `EventRule.contributions`."""
    return {number: rule.contributions(facts, bound.words, at) for number, rule in bound.rules if isinstance(rule, EventRule)}


def marked(facts: Facts, bound: BoundCard, at: datetime, given: Mapping[int, pl.DataFrame] | None = None) -> pl.DataFrame:
    """Return the leads with a `mark` column a rule, `until` columns, and for fading rules what `review` needs.

    `given` are the `contributions` where somebody has them already.
    """
    leads = with_features(facts.leads, facts, bound.features, at)
    leads = leads.with_columns(chain.from_iterable(_about_leads(bound)))
    numbered = [(number, rule) for number, rule in bound.rules if isinstance(rule, EventRule)]
    off = [pl.lit(0, pl.Int64).alias(mark(number)) for number, rule in enumerate(bound.card.rules) if rule.name in bound.off]
    if not numbered:
        return leads.with_columns(off)
    found = collected(contributions(facts, bound, at)) if given is None else {number: given[number] for number, _ in numbered}
    leads = leads.with_columns(*_marks_of_events(found, leads["id"]), *off)
    leads = leads.with_columns(limited(pl.col(mark(number)), rule.limit) for number, rule in numbered if rule.limit)
    for frame in _by_lead(found, bound, at):
        leads = leads.join(frame, left_on="id", right_on="lead_id", how="left")
    return leads


def collected(lazy: Mapping[int, pl.LazyFrame]) -> dict[int, pl.DataFrame]:
    """Return `contributions` worked out, all of them at once."""
    return dict(zip(lazy, pl.collect_all(list(lazy.values())), strict=True))


def _marks_of_events(given: Mapping[int, pl.DataFrame], lead_ids: pl.Series) -> list[pl.Series]:
    """Return a `mark` column for each of these rules, in the order of `lead_ids`.

    A rule's contributions come lead by lead: a sum is what a running total has grown by since the lead before.
    """
    rule, lead, running = pl.col("rule"), pl.col("lead_id"), pl.col("given").cum_sum()
    is_last = (rule != rule.shift(-1)) | (lead != lead.shift(-1))
    together = pl.concat([frame.lazy().select(pl.lit(number, pl.UInt32).alias("rule"), "lead_id", "given") for number, frame in given.items()])
    sums = together.select("rule", "lead_id", running, is_last=is_last.fill_null(True)).filter("is_last")
    sums = sums.with_columns(pl.col("given") - pl.col("given").shift(fill_value=0))
    placed = sums.join(lead_ids.to_frame("lead_id").with_row_index("row").lazy(), on="lead_id").collect()
    place = placed["rule"].cast(pl.Int64) * len(lead_ids) + placed["row"]
    every = pl.zeros((max(given) + 1) * len(lead_ids), pl.Int64, eager=True).scatter(place, placed["given"])
    return [every.slice(number * len(lead_ids), len(lead_ids)).alias(mark(number)) for number in given]


def _by_lead(given: Mapping[int, pl.DataFrame], bound: BoundCard, at: datetime) -> Iterator[pl.DataFrame]:
    """Yield frames by `lead_id`: when an event leaves a window first, and what fades."""
    if windows := [number for number, rule in bound.rules if isinstance(rule, EventRule) and rule.has_window]:
        yield pl.concat([given[number].select("lead_id", "until") for number in windows]).group_by("lead_id").agg(pl.col("until").min().alias(WINDOWS))
    for direction, rules in directions(bound).items():
        yield fading_of(given, rules, direction, at)


def _about_leads(bound: BoundCard) -> list[list[pl.Expr]]:
    found = []
    for number, rule in bound.rules:
        if isinstance(rule, LeadRule):
            turns = rule.until(bound.words)
            found.append([rule.marks(bound.words).alias(mark(number)), *([pl.min_horizontal(turns).alias(until(number))] if turns else [])])
    return found


def summed(marks: Frame, bound: BoundCard) -> Frame:
    """Return `marks` with a `held` column a group, `fit`, `engagement`, `total`, `excluded` (None: by nothing) and `grade`.

    `… before exclusion` are the sums as they would stand if nobody were excluded. An excluded lead has no points and the worst grade,
    yet keeps what is below zero.
    """
    card = bound.card
    frame = marks.with_columns(within(_sum(_members(card, name)), bounds).alias(held(name)) for name, bounds in card.group.items())
    frame = frame.with_columns(_section(card, each).alias(f"{each} before exclusion") for each in ("fit", "engagement"))
    both = pl.col("fit before exclusion") + pl.col("engagement before exclusion")
    frame = frame.with_columns(within(both, card.total).alias("total before exclusion"), excluded=_excluded(bound))
    is_in = pl.col("excluded").is_null()
    columns = [(name, pl.col(f"{name} before exclusion")) for name in ("fit", "engagement", "total")]
    frame = frame.with_columns(pl.when(is_in).then(points).otherwise(points.clip(None, 0)).alias(name) for name, points in columns)
    return frame.with_columns(grade=pl.when(is_in).then(card.bands.grade()).otherwise(pl.lit(WORST_FIT + WORST_ENGAGEMENT)))


def within(points: pl.Expr, bounds: Bounds) -> pl.Expr:
    """Return a sum held within bounds."""
    return points if bounds == Bounds() else points.clip(bounds.floor, bounds.cap)


def _members(card: Scorecard, group: str) -> list[str]:
    return [mark(number) for number, rule in enumerate(card.rules) if rule.group == group]


def _section(card: Scorecard, section: str) -> pl.Expr:
    numbers = [number for number, (name, _, _) in enumerate(card.placed()) if name == section]
    rules = card.rules
    groups = dict.fromkeys(group for number in numbers if (group := rules[number].group) is not None)
    return _sum([*(mark(number) for number in numbers if rules[number].group is None), *(held(group) for group in groups)])


def _sum(columns: Sequence[str]) -> pl.Expr:
    return pl.sum_horizontal(columns).cast(pl.Int64) if columns else pl.lit(0, pl.Int64)


def _excluded(bound: BoundCard) -> pl.Expr:
    named = zip(bound.card.exclude, bound.exclusions, strict=True)
    reasons = [pl.when(condition.holds).then(pl.lit(exclusion.name)) for exclusion, condition in named]
    return pl.coalesce(*reasons, pl.lit(None, pl.String)) if reasons else pl.lit(None, pl.String)


def turning(marks: pl.DataFrame, bound: BoundCard) -> pl.Expr:
    """Return when time alone, fading apart, first changes a lead's points or exclusion (Datetime, null: never)."""
    columns = [pl.col(name) for name in (WINDOWS, *map(until, range(len(bound.card.rules)))) if name in marks.columns]
    columns += [pl.col(feature.until) for _, rule in bound.rules if isinstance(rule, EventRule) for feature in rule.features(bound.words)]
    columns += [condition.until for condition in bound.exclusions if condition.features]
    return pl.min_horizontal(columns) if columns else moment(None)
