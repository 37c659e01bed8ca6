"""Counting and limiting: which of a lead's events count for a rule, and how much they may give together."""

from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from ripeline.decide.entry import Entry
from ripeline.decide.points import Points

_PERIODS = {"hour": "1h", "day": "1d", "week": "1w", "month": "1mo"}


class Count(Entry):
    """Which events (`lead_id`, `id`, `at`, `until`) count.

    One an hour, day, week (from Monday) or month, all by UTC; one for each different value of a property; only the first. Of several
    in one cell the newest counts. With `at_least`, none counts until that many do.
    """

    once_per: Literal["hour", "day", "week", "month"] | None = None
    distinct: str | None = None
    at_least: int | None = Field(default=None, ge=2, le=10_000)
    first: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self == Count.model_construct():
            raise ValueError("count takes once_per, distinct, at_least or first: write at least one of them")
        return self

    def counted(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Return the events that count; given and returned lead by lead, the oldest first."""
        cell = [pl.col("at").dt.truncate(_PERIODS[self.once_per]).alias("cell at")] if self.once_per else []
        cell += [pl.col(self.distinct).alias("cell value")] if self.distinct else []
        kept = events
        if cell:
            names = ["lead_id", *(each.meta.output_name() for each in cell)]
            kept = kept.with_columns(cell)
            # Periods follow each other, so the newest of one is the last before the next; values come back, and must be looked for.
            is_last = pl.any_horizontal(pl.col(name).shift(-1).ne_missing(pl.col(name)) for name in names)
            kept = kept.unique(names, keep="last", maintain_order=True) if self.distinct else kept.filter(is_last)
        if self.at_least:
            kept = kept.filter(pl.len().over("lead_id") >= self.at_least).with_columns(pl.col("until").min().over("lead_id"))
        return kept.filter(pl.col("lead_id").shift().ne_missing(pl.col("lead_id"))) if self.first else kept


class Limit(Entry):
    """How much a rule may give: `points` in sum (whatever their sign), the newest `times` events."""

    points: Points | None = Field(default=None, gt=0)
    times: int | None = Field(default=None, ge=1, le=10_000)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.points is None and self.times is None:
            raise ValueError("limit takes points, times, or both")
        return self

    def newest(self, events: pl.LazyFrame) -> pl.LazyFrame:
        """Return the events within `times`; given and returned lead by lead, the oldest first."""
        if self.times is None:
            return events
        lead = pl.col("lead_id")
        return events.filter(lead.shift(-self.times).ne_missing(lead))  # so many rows on, another lead's events have begun


def limited(total: pl.Expr, limit: Limit | None) -> pl.Expr:
    """Return a sum of hundredths held within `limit.points`."""
    return total if limit is None or limit.points is None else total.clip(-limit.points, limit.points)


def newest_first(events: pl.LazyFrame) -> pl.LazyFrame:
    """Return events lead by lead, the newest first; of two at one instant, the greater id first."""
    return events.sort("lead_id", "at", "id", descending=[False, True, True])
