"""Bands and grades: which letter a fit has, which digit an engagement, and the grade they make, A1 to D4."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Self

import polars as pl
from pydantic import Field, model_validator

from ripeline.decide.entry import Entry
from ripeline.decide.points import Points

WORST_FIT, WORST_ENGAGEMENT = "D", "4"


class Bands(Entry):
    """Where each band begins; below the last one lie D and 4."""

    fit: Mapping[Annotated[str, Field(pattern="^[ABC]$")], Points]
    engagement: Mapping[Annotated[str, Field(pattern="^[123]$")], Points]

    @model_validator(mode="after")
    def _go_down(self) -> Self:
        for name, starts in (("fit", self.fit), ("engagement", self.engagement)):
            values = [starts[band] for band in sorted(starts)]
            if any(upper <= lower for upper, lower in pairwise(values)):
                raise ValueError(f"bands.{name}: each band begins below the one before it, the best first")
        return self

    def grade(self) -> pl.Expr:
        """Return the grade from the columns `fit` and `engagement`."""
        return pl.concat_str(_band("fit", self.fit, WORST_FIT), _band("engagement", self.engagement, WORST_ENGAGEMENT))

    @property
    def boundaries(self) -> frozenset[tuple[str, int]]:
        """Return (`fit` or `engagement`, hundredths) at which a band begins."""
        return frozenset({("fit", start) for start in self.fit.values()} | {("engagement", start) for start in self.engagement.values()})


USUAL = Bands.model_validate({"fit": {"A": 40, "B": 25, "C": 10}, "engagement": {"1": 50, "2": 25, "3": 5}})


def _band(column: str, starts: Mapping[str, int], worst: str) -> pl.Expr:
    reached = [pl.when(pl.col(column) >= starts[band]).then(pl.lit(band)) for band in sorted(starts)]
    return pl.coalesce(*reached, pl.lit(worst))
