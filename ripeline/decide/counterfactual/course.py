"""The course of one lead's points, if nothing more happens: many instants at once, as long as age alone changes them."""

from datetime import datetime, timedelta

import polars as pl

from ripeline.decide.facts import Facts, known
from ripeline.decide.marks import mark, marked, summed, turning
from ripeline.decide.points import rounded
from ripeline.decide.rules import EventRule
from ripeline.decide.rules.limit import limited
from ripeline.decide.scorecard import BoundCard
from ripeline.decide.single import heard

POINTS = ("fit", "engagement", "total")
MOST_ROWS = 2_000_000
MOST_INSTANTS = 256


class Course:
    """The points of the one lead in `facts` from `at` on, up to `until`: there a window or a count of days turns (None: nowhere)."""

    def __init__(self, facts: Facts, bound: BoundCard, at: datetime) -> None:
        facts = known(facts, at)
        self._card, given = heard(facts, bound, at)
        self._at = at
        self._marks = marked(facts, self._card, at, given)
        self._fading = [(number, rule) for number, rule in self._card.rules if isinstance(rule, EventRule) and rule.fades]
        self._events = pl.concat([_NOTHING, *(_paced(number, rule, given[number], at) for number, rule in self._fading)])
        self.until: datetime | None = self._marks.select(turning(self._marks, self._card)).item()

    @property
    def instants_at_once(self) -> int:
        """Return of how many instants to ask together, so that a crowd of events fits into memory."""
        return max(2, min(MOST_INSTANTS, MOST_ROWS // max(1, self._events.height)))

    def later(self, micros: int) -> datetime:
        """Return the instant so many microseconds on."""
        return self._at + timedelta(microseconds=micros)

    def points(self, micros: list[int], *, least_since: list[int] | None = None) -> pl.DataFrame:
        """Return POINTS, a row for each number of microseconds on.

        With `least_since`, the least that they can have been since then: what falls as it is at the end, what rises as it was at the
        beginning. Sums and bounds keep that order.
        """
        steps = pl.DataFrame({"end": micros, "start": least_since or micros}).cast(pl.Float64).with_row_index("row")
        on = pl.when("is_rising").then("start").otherwise("end")
        left = pl.col("exact") * pl.lit(0.5).pow(on * pl.col("halving")) * (1.0 - on * pl.col("shrinking")).clip(0.0, 1.0)
        sums = steps.lazy().join(self._events.lazy(), how="cross").group_by("row").agg(_sum(number, rule, left) for number, rule in self._fading)
        constant = self._marks.lazy().drop(mark(number) for number, _ in self._fading)
        rows = steps.lazy().select("row").join(sums, on="row", how="left").with_columns(pl.col(mark(number)).fill_null(0) for number, _ in self._fading)
        return summed(rows.join(constant, how="cross"), self._card).sort("row").select(POINTS).collect()


_NOTHING = pl.DataFrame(schema={"rule": pl.Int64(), "exact": pl.Float64(), "halving": pl.Float64(), "shrinking": pl.Float64(), "is_rising": pl.Boolean()})


def _paced(number: int, rule: EventRule, contributions: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Return the events of a fading rule that still give something, with their pace."""
    assert rule.fades is not None, "only what fades has a pace"
    halving, shrinking = rule.fades.pace(pl.col("at"), at)
    alive = contributions.filter(pl.col("exact") != 0)
    return alive.select(rule=pl.lit(number, pl.Int64), exact="exact", halving=halving, shrinking=shrinking, is_rising=pl.lit(rule.is_penalty))


def _sum(number: int, rule: EventRule, left: pl.Expr) -> pl.Expr:
    return limited(rounded(left.filter(pl.col("rule") == number)).sum(), rule.limit).alias(mark(number))
