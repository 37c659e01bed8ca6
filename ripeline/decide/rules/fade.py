"""Fading: how what an event gives grows less with its age."""

from datetime import datetime, timedelta
from typing import Self

import polars as pl
from pydantic import model_validator

from ripeline.decide.duration import Duration
from ripeline.decide.entry import Entry
from ripeline.decide.facts import moment
from ripeline.decide.points import divided

MICROSECOND = timedelta(microseconds=1)


class Fade(Entry):
    """By half-life (`half_life`), or evenly down to nothing (`to_zero`)."""

    half_life: Duration | None = None
    to_zero: Duration | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.half_life is None) == (self.to_zero is None):
            raise ValueError('fades takes one of { half_life = "30 days" } and { to_zero = "60 days" }')
        if not self._duration.span:
            raise ValueError(f'fading over "{self._duration}" would leave nothing: write a longer time')
        return self

    @property
    def _duration(self) -> Duration:
        duration = self.half_life or self.to_zero
        assert duration is not None, "one of both is given"
        return duration

    @property
    def microseconds(self) -> int:
        """Return the half-life, or the time to zero, in microseconds."""
        return self._duration.span // MICROSECOND

    def factor(self, since: pl.Expr, at: datetime) -> pl.Expr:
        """Return what is left at `at` of something that happened at `since`: 1.0 when fresh, exactly 0.5 after one half-life."""
        return self.faded(pl.lit(1.0), since, at)

    def faded(self, full: pl.Expr, since: pl.Expr, at: datetime) -> pl.Expr:
        """Return what is left at `at` of `full` (Float64) that was given at `since`. Evenly to zero it is divided last: halves stay halves."""
        if self.half_life:
            return full * pl.lit(0.5).pow(divided(_age(since, at), self.microseconds))
        left = (self.microseconds - _age(since, at)).clip(0.0, self.microseconds)
        return divided(full * left, self.microseconds)

    def pace(self, since: pl.Expr, at: datetime) -> tuple[pl.Expr, pl.Expr]:
        """Return what a microsecond from `at` on takes from what is left of something that happened at `since`.

        In half-lives, and in shares of what is left at `at`; one of both is 0.0. What nothing is left of has no pace (null).
        """
        if self.half_life:
            return pl.lit(1.0 / self.microseconds), pl.lit(0.0)
        left = self.microseconds - _age(since, at)
        return pl.lit(0.0), pl.when(left > 0).then(1.0 / left)

    def steady(self, since: pl.Expr, at: datetime, exact: pl.Expr, given: pl.Expr) -> pl.Expr:
        """Return for how many microseconds (Float64) the rounded points of one event stay what they are; null where they are 0.

        A rounded value falls when its exact one has come down to the next half below.
        """
        size, edge = exact.abs(), given.abs() - 0.5
        if self.half_life:
            left = (size / edge).log(2) * self.microseconds
        else:
            left = (1.0 - edge * (1.0 - _age(since, at) / self.microseconds) / size) * self.microseconds - _age(since, at)
        return pl.when(given != 0).then(left.clip(0.0))


def _age(since: pl.Expr, at: datetime) -> pl.Expr:
    return (moment(at) - since).dt.total_microseconds().cast(pl.Float64)
