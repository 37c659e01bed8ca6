"""Counting a backtest, slice by slice: what is kept in memory grows with the card and its segments, not with the base."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ripeline.decide.points import HUNDREDTHS
from ripeline.decide.scorecard import BoundCard
from ripeline.decide.scoring import Scoring
from ripeline.report.fit.numbers import Band, RuleLift, Segment, Share
from ripeline.report.statistics import benjamini_hochberg, chance_of_difference

BAND = 10 * HUNDREDTHS
MOST_VALUES = 200
"""An attribute with more different values is free text: it makes no segments."""

_COUNTS = {"leads": pl.Int64(), "converted": pl.Int64()}
_BOTH = (pl.len().cast(pl.Int64).alias("leads"), pl.col("converted").sum().cast(pl.Int64).alias("converted"))


@dataclass(frozen=True)
class Counts:
    """Counts of leads and of those who converted: by `total`, by `grade`, by `rule` and `market` (with the `points` given), by `market`, by `field`
    and `value` (with how many `reached` the line); `excluded` and `had_converted` are left out of all of these.
    """

    totals: pl.DataFrame
    grades: pl.DataFrame
    rules: pl.DataFrame
    markets: pl.DataFrame
    segments: pl.DataFrame
    excluded: Share
    had_converted: int


def counted(tried: pl.DataFrame, fields: Sequence[str], line: int) -> Counts:
    """Return the counts of one slice of a backtest, see `tried`."""
    eligible = tried.filter(~pl.col("had_converted"))
    excluded = eligible.filter(pl.col("excluded").is_not_null())
    judged = eligible.filter(pl.col("excluded").is_null())
    given = judged.select("market", "converted", part=pl.col("reasons").str.split(";")).explode("part").filter(pl.col("part").str.contains("="))
    numbered = given.with_columns(
        rule=pl.col("part").str.split("=").list.first().cast(pl.Int64), points=pl.col("part").str.split("=").list.last().cast(pl.Int64)
    )
    return Counts(
        totals=judged.group_by("total").agg(*_BOTH),
        grades=judged.group_by("grade").agg(*_BOTH),
        rules=numbered.group_by("rule", "market").agg(*_BOTH, pl.col("points").sum()),
        markets=judged.group_by("market").agg(*_BOTH),
        segments=pl.concat([_segment(judged, field, line) for field in fields]) if fields else _NO_SEGMENTS,
        excluded=Share(excluded.height, int(excluded["converted"].sum())),
        had_converted=tried.height - eligible.height,
    )


_NO_SEGMENTS = pl.DataFrame(schema={"field": pl.String(), "value": pl.String(), **_COUNTS, "reached": pl.Int64()})


def _segment(judged: pl.DataFrame, field: str, line: int) -> pl.DataFrame:
    named = judged.select("converted", "total", value=pl.col(field).cast(pl.String)).drop_nulls("value")
    reached = (pl.col("total") >= line).sum().cast(pl.Int64).alias("reached")
    return named.group_by("value").agg(*_BOTH, reached).select(pl.lit(field).alias("field"), "value", *_COUNTS, "reached")


def added(parts: Iterable[Counts]) -> Counts | None:
    """Return the counts of all slices together; None of none."""
    every = list(parts)
    if not every:
        return None

    def summed(of: str, *by: str) -> pl.DataFrame:
        frames: list[pl.DataFrame] = [getattr(part, of) for part in every]
        return pl.concat(frames).group_by(*by).sum().sort(*by, nulls_last=True)

    excluded = Share(sum(part.excluded.leads for part in every), sum(part.excluded.converted for part in every))
    return Counts(
        summed("totals", "total"), summed("grades", "grade"), summed("rules", "rule", "market"), summed("markets", "market"),
        summed("segments", "field", "value"), excluded, sum(part.had_converted for part in every),
    )  # fmt: skip


def everybody(counts: Counts) -> Share:
    """Return how many were judged, and how many of them converted."""
    return _share(counts.totals)


def _share(frame: pl.DataFrame) -> Share:
    return Share(int(frame["leads"].sum()), int(frame["converted"].sum()))


def bands(counts: Counts) -> list[Band]:
    """Return the totals in bands of ten points, the lowest first, from its first point up to but not at the next one's."""
    banded = counts.totals.group_by(start=pl.col("total") // BAND * BAND).agg(pl.col("leads", "converted").sum()).sort("start")
    return [Band(f"{start // HUNDREDTHS} to {(start + BAND) // HUNDREDTHS}", Share(leads, converted)) for start, leads, converted in banded.iter_rows()]


def grades(counts: Counts) -> list[Band]:
    """Return the grades that occur, A1 first."""
    return [Band(grade, Share(leads, converted)) for grade, leads, converted in counts.grades.select("grade", "leads", "converted").iter_rows()]


@dataclass(frozen=True)
class _Asked:
    """A rule of any card: its number, by the first card that has it, its section, and its number in each market (None: none) where it counts."""

    name: str
    section: str
    number: int
    places: dict[str | None, int]


def lifts(counts: Counts, by: Scoring) -> list[RuleLift]:
    """Return every rule of every market with its lift. Markets where a rule is unknown, or switched off, are left out of its comparison."""
    raw = [_lift(counts, rule) for rule in _rules(by)]
    asked = [index for index, rule in enumerate(raw) if rule.lift is not None]
    adjusted = dict(zip(asked, benjamini_hochberg([raw[index].chance for index in asked]), strict=True))
    return [replace(rule, adjusted=adjusted.get(index, 1.0)) for index, rule in enumerate(raw)]


def _rules(by: Scoring) -> list[_Asked]:
    cards: list[tuple[str | None, BoundCard]] = [(None, by.everywhere), *((each.name, each.bound) for each in by.variants)]
    found: dict[str, _Asked] = {}
    for market, bound in cards:
        for number, (section, _, rule) in enumerate(bound.card.placed()):
            asked = found.setdefault(rule.name, _Asked(rule.name, section, number, {}))
            if rule.name not in bound.off:
                asked.places[market] = number
    return list(found.values())


def _lift(counts: Counts, rule: _Asked) -> RuleLift:
    places = pl.DataFrame({"market": list(rule.places), "rule": list(rule.places.values())}, schema={"market": pl.String(), "rule": pl.Int64()})
    fired = counts.rules.join(places, on=["market", "rule"], how="semi", nulls_equal=True)
    given = _share(fired)
    others = _share(counts.markets.join(places, on="market", how="semi", nulls_equal=True)) - given
    chance = chance_of_difference(given.converted, given.leads, others.converted, others.leads)
    average = int(fired["points"].sum()) / given.leads if given.leads else 0.0
    return RuleLift(rule.number, rule.section, rule.name, average, given, others, chance, 1.0)


def segments(counts: Counts) -> list[Segment]:
    """Return the segments, by field and value; free text makes none."""
    every = everybody(counts)
    words = counts.segments.filter(pl.len().over("field") <= MOST_VALUES).select("field", "value", "leads", "converted", "reached")
    return [
        Segment(field, value, reached, Share(leads, converted), every - Share(leads, converted))
        for field, value, leads, converted, reached in words.iter_rows()
    ]
