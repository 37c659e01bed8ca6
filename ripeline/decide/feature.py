"""Features: what a condition's functions ask of events, changes and the clock, each one column beside the attributes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce

import polars as pl

from ripeline.decide.facts import INSTANT, Facts, Needs, moment, whole_days
from ripeline.decide.points import divided

ANY_KIND = "any"
"""The word for whatever a lead can do."""

NOT_THE_LEADS_DOING = (
    "mail_sent", "mail_bounced", "handoff_accepted", "handoff_rejected", "stage_set", "deal_lost", "rep_assigned", "rep_contacted", "opportunity_moved",
)  # fmt: skip
"""Event kinds that tell what we did to a lead: they are no sign of life."""

LARGEST, THOUSAND = 1e9, 1000
"""The most that one event adds to a sum: a single absurd property must not drown the others, and a million of them fit into Int64."""


class Measure(StrEnum):
    """What a feature measures.

    How often something happened; on how many days (by UTC); what a property adds up to; whole days since the last time, or since a date or
    instant; how often an attribute changed.
    """

    TIMES = "times"
    DAYS = "days"
    SUM = "sum"
    DAYS_SINCE = "days_since"
    DAYS_SINCE_FIELD = "days_since_field"
    CHANGES = "changes"


COUNTED = (Measure.TIMES, Measure.DAYS, Measure.SUM)
"""What is 0 where nothing happened."""


@dataclass(frozen=True)
class Feature:
    """One column that a condition needs beside the attributes; equal calls share one.

    `of` is an event kind, or a field for the other measures. `where` are properties and the values they must have. `days` are the whole
    days a DAYS_SINCE is compared with: only on those can the condition's truth change by itself. `what` is the property of a SUM.
    """

    name: str
    measure: Measure
    of: str
    where: tuple[tuple[str, object], ...] = ()
    within: timedelta | None = None
    days: frozenset[int] = frozenset()
    what: str | None = None

    @property
    def until(self) -> str:
        """Return the name of the column with the next instant at which this feature can change without news (null: never)."""
        return f"{self.name} until"

    @property
    def told(self) -> str:
        """Return what it measures, as people read it."""
        where = f" ({', '.join(f'{name} = {value}' for name, value in self.where)})" if self.where else ""
        span = f" within {self.within.days} days" if self.within and not self.within.seconds else f" within {self.within}" if self.within else ""
        verbs = {Measure.TIMES: "times", Measure.DAYS: "days with", Measure.SUM: f"sum of {self.what} over", Measure.CHANGES: "changes of"}
        verb = verbs.get(self.measure, "days since")
        return f"{verb} {self.of}{where}{span}"

    @property
    def needs(self) -> Needs:
        if self.measure is Measure.DAYS_SINCE_FIELD:
            return Needs(attributes=frozenset({self.of}))
        if self.measure is Measure.CHANGES:
            return Needs(has_changes=True)
        properties = frozenset([*(name for name, _ in self.where), *([self.what] if self.what else [])])
        return Needs(properties=properties, is_every_kind=True) if self.of == ANY_KIND else Needs(properties=properties, kinds=frozenset({self.of}))


def with_features(leads: pl.DataFrame, facts: Facts, features: Iterable[Feature], now: datetime) -> pl.DataFrame:
    """Return `leads` (by their `id`) with two columns a feature: `name` Int64, of a SUM Float64, and `until` Datetime.

    Counts and sums are 0 where nothing happened; days since are null then. `until` may be early, never late.
    """
    wanted = _merged(features)
    counted = [each for each in wanted if each.measure in (*COUNTED, Measure.DAYS_SINCE)]
    changed = [each for each in wanted if each.measure is Measure.CHANGES]
    frame = leads
    if counted:
        frame = frame.join(_by_lead(facts.events, [(each, _happened(each, now)) for each in counted], now), left_on="id", right_on="lead_id", how="left")
    if changed:
        frame = frame.join(_by_lead(facts.changes, [(each, _changed(each, now)) for each in changed], now), left_on="id", right_on="lead_id", how="left")
    frame = frame.with_columns(pl.col(each.name).fill_null(0) for each in wanted if each.measure in (*COUNTED, Measure.CHANGES))
    return frame.with_columns(column for each in wanted if each.measure is Measure.DAYS_SINCE_FIELD for column in _days_since(each, pl.col(each.of), now))


def _merged(features: Iterable[Feature]) -> list[Feature]:
    by_name: dict[str, Feature] = {}
    for each in features:
        have = by_name.get(each.name, each)
        by_name[each.name] = replace(each, days=have.days | each.days)
    return [by_name[name] for name in sorted(by_name)]


def _happened(feature: Feature, now: datetime) -> pl.Expr:
    conditions = [pl.col(name) == value for name, value in feature.where]
    conditions.append(~pl.col("kind").is_in(NOT_THE_LEADS_DOING) if feature.of == ANY_KIND else pl.col("kind") == feature.of)
    return _all(conditions, feature, now)


def _changed(feature: Feature, now: datetime) -> pl.Expr:
    return _all([pl.col("attribute") == feature.of], feature, now)


def _all(conditions: list[pl.Expr], feature: Feature, now: datetime) -> pl.Expr:
    conditions.append(pl.col("at") <= moment(now))
    if feature.within is not None:
        conditions.append(pl.col("at") > moment(now - feature.within))
    return reduce(lambda left, right: left & right, conditions).fill_null(False)


def _by_lead(frame: pl.DataFrame, features: list[tuple[Feature, pl.Expr]], now: datetime) -> pl.DataFrame:
    """One pass over the events, whatever the number of features: predicates run flat, only sums and extremes run by lead."""
    columns = [column for feature, counts in features for column in _aggregates(feature, counts)]
    grouped = frame.lazy().group_by("lead_id").agg(columns)
    days = [column for feature, _ in features if feature.measure is Measure.DAYS_SINCE for column in _days_since(feature, pl.col(feature.name), now)]
    return grouped.with_columns(days).collect()


def _aggregates(feature: Feature, counts: pl.Expr) -> list[pl.Expr]:
    at = pl.when(counts).then(pl.col("at"))
    if feature.measure is Measure.DAYS_SINCE:
        return [at.max().alias(feature.name)]
    leaves = at.min() + feature.within if feature.within is not None else moment(None).first()
    return [_counted(feature, counts).alias(feature.name), leaves.alias(feature.until)]


def _counted(feature: Feature, counts: pl.Expr) -> pl.Expr:
    match feature.measure:
        case Measure.SUM:
            assert feature.what is not None, "a sum is of something"
            return divided(pl.when(counts).then(_thousandths(feature.what)).sum().cast(pl.Float64), THOUSAND)
        case Measure.DAYS:
            return pl.when(counts).then(pl.col("at").dt.truncate("1d")).drop_nulls().n_unique().cast(pl.Int64)
    return counts.sum().cast(pl.Int64)


def _thousandths(name: str) -> pl.Expr:
    """Return a property in whole thousandths, whose sum is the same in any order; what is missing, negative or no number adds nothing."""
    size = pl.col(name).cast(pl.Float64).fill_nan(0.0).fill_null(0.0).clip(0.0, LARGEST)
    return (size * THOUSAND).round(0, mode="half_to_even").cast(pl.Int64)


def _days_since(feature: Feature, since: pl.Expr, now: datetime) -> list[pl.Expr]:
    instant = since.cast(INSTANT) if feature.measure is Measure.DAYS_SINCE else since.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    turns = [instant + timedelta(days=day) for day in sorted(feature.days)]
    ahead = [pl.when(turn > moment(now)).then(turn) for turn in turns]
    until = pl.min_horizontal(ahead) if ahead else moment(None)
    return [whole_days(moment(now) - instant).alias(feature.name), until.alias(feature.until)]
