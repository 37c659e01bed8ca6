"""Activity hours: which of a country's clocks fits the hours at which a lead does things.

People read and click by day, each on a day of their own that begins somewhat earlier or later than most. Of each clock of the country it is
asked how likely the lead's deeds are at the hours they would have had there; Bayes' rule turns that into how likely each clock is.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Annotated

import polars as pl
from pydantic import Field

from ripeline.decide.duration import Duration, Lasting, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.facts import INSTANT
from ripeline.decide.local_time import with_local_time
from ripeline.zones import clocks_of

DEEDS = {"lead_id": pl.Int64(), "country": pl.String(), "at": INSTANT}
"""When people of a country did something: one row for each hour (UTC) in which a lead did, however often."""

LIKELY = {"lead_id": pl.Int64(), "zone": pl.String(), "percent": pl.Int64()}
"""The zone that a lead's hours speak for, and how likely it is that its clock is right to within an hour."""

DAY = (3, 2, 2, 2, 3, 6, 14, 32, 64, 98, 106, 100, 78, 84, 98, 94, 80, 50, 30, 20, 14, 10, 6, 4)
"""Of a thousand deeds at work, how many fall into each hour of the local day, from midnight on: what is assumed before a base tells its own."""

HABIT_HOURS = 0.8
"""Standard deviation of people's own days around it: who begins at seven in Chicago is not in New York for that."""

_MOST_SHIFT = 3


class Activity(Entry):
    """What playbook/limits.toml says under [activity]. after: so many hours with deeds must be known; 0: nobody's hours are asked.

    sure: below that the playbook's choice for the country stands. within: older deeds do not count.
    """

    after: Annotated[int, Field(ge=0, le=10_000)] = 20
    sure: Annotated[float, Field(ge=0.5, lt=1)] = 0.8
    within: Lasting = Duration(90, Unit.DAY)


def day_of(hours: pl.Series) -> tuple[float, ...]:
    """Return the share of each hour of the local day in a base's deeds, given the local hour of each; DAY counts as a thousand of them."""
    counts = dict(hours.value_counts(name="deeds").iter_rows())
    return tuple((DAY[hour] + counts.get(hour, 0)) / (sum(DAY) + len(hours)) for hour in range(24))


def likely_zones(deeds: pl.DataFrame, day: tuple[float, ...], choices: Mapping[str, str], rules: Activity) -> pl.DataFrame:
    """Return LIKELY of the leads of whom enough is known and whose clock is `rules.sure`, by id.

    deeds: DEEDS. day: as `day_of` tells. choices: the playbook's zone by country; of zones that keep one clock its choice is named, else the best known.
    """
    enough = deeds.unique().filter(pl.len().over("lead_id") >= max(rules.after, 1))
    if enough.is_empty():
        return pl.DataFrame(schema=LIKELY)
    tried = with_local_time(enough.join(_candidates(enough["country"].unique(), choices), on="country"), "at")
    ahead = (pl.col("local") - pl.col("at").dt.replace_time_zone(None)).dt.total_minutes() / 60
    hours = tried.group_by("lead_id", "zone", hour=pl.col("local").dt.hour().cast(pl.Int64)).agg(deeds=pl.len())
    offsets = tried.group_by("lead_id", "zone").agg(pl.col("place").first(), ahead=ahead.mean())
    fits = hours.join(_fits(day), on="hour").group_by("lead_id", "zone", "shift", "habit").agg(fit=(pl.col("deeds") * pl.col("fit")).sum().round(9))
    odds = fits.with_columns(odds=(pl.col("fit") + pl.col("habit") - (pl.col("fit") + pl.col("habit")).max().over("lead_id")).exp())
    return _sure(odds.group_by("lead_id", "zone").agg(pl.col("odds").sum()).join(offsets, on=["lead_id", "zone"]), rules.sure)


def _sure(clocks: pl.DataFrame, sure: float) -> pl.DataFrame:
    """Return LIKELY: the likeliest clock of each lead, where it and those within an hour of it are `sure` together."""
    shares = clocks.with_columns(share=(pl.col("odds") / pl.col("odds").sum().over("lead_id")).round(9))
    best = shares.sort("lead_id", -pl.col("share"), "place").unique("lead_id", keep="first", maintain_order=True)
    beside = shares.join(best.select("lead_id", of_best="ahead"), on="lead_id").filter((pl.col("ahead") - pl.col("of_best")).abs() <= 1)
    near = best.select("lead_id", "zone").join(beside.group_by("lead_id").agg(pl.col("share").sum()), on="lead_id", maintain_order="left")
    return near.filter(pl.col("share") >= sure).select("lead_id", "zone", percent=(pl.col("share") * 100).floor().cast(pl.Int64))


def _fits(day: tuple[float, ...]) -> pl.DataFrame:
    """Return, for people whose own day lies `shift` hours behind everybody's, how well an `hour` fits, and how usual they are: logarithms."""
    shifts = range(-_MOST_SHIFT, _MOST_SHIFT + 1)
    rows = [(hour, shift, math.log(day[(hour - shift) % 24]), -((shift / HABIT_HOURS) ** 2) / 2) for hour in range(24) for shift in shifts]
    return pl.DataFrame(rows, schema={"hour": pl.Int64(), "shift": pl.Int64(), "fit": pl.Float64(), "habit": pl.Float64()}, orient="row")


def _candidates(countries: Iterable[str], choices: Mapping[str, str]) -> pl.DataFrame:
    """Return `country`, `zone` and its `place`: one zone for each clock of each country, the best known first."""
    rows = [
        (country, choices[country] if choices.get(country) in zones else zones[0], place)
        for country in sorted(countries) for place, zones in enumerate(clocks_of(country))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"country": pl.String(), "zone": pl.String(), "place": pl.Int64()}, orient="row")
