"""Points: what people write as 15 or 2.5, kept everywhere as whole hundredths."""

from decimal import Decimal, InvalidOperation
from sys import float_info
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

HUNDREDTHS = 100
MOST = 10_000
"""No rule, cap or threshold is beyond this many points: a slip of the finger would drown every other rule."""


def to_hundredths(value: Any) -> int:
    """Return written points as whole hundredths; ValueError for what is no number, finer than hundredths, or beyond MOST."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"{value!r} is not a number of points: write 15 or 2.5")
    try:
        hundredths = Decimal(str(value)) * HUNDREDTHS
        whole = int(hundredths)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a number of points: write 15 or 2.5") from None
    if abs(whole) > MOST * HUNDREDTHS:
        raise ValueError(f"{value} points are beyond any sane bound: stay within {MOST:,}")
    if whole != hundredths:
        raise ValueError(f"{value} is finer than points are: write at most two decimals")
    return whole


def to_points(hundredths: int) -> int | float:
    """Return hundredths as people write them: 1500 is 15, 250 is 2.5."""
    return hundredths // HUNDREDTHS if hundredths % HUNDREDTHS == 0 else hundredths / HUNDREDTHS


def told(hundredths: int) -> str:
    """Return hundredths as a signed text, such as +15, -2.5 or 0."""
    return f"{to_points(hundredths):+}" if hundredths else "0"


Points = Annotated[int, BeforeValidator(to_hundredths), PlainSerializer(to_points), WithJsonSchema({"type": "number", "minimum": -MOST, "maximum": MOST})]
"""A number of points in TOML; whole hundredths in Python."""


def divided(amount: pl.Expr, by: float) -> pl.Expr:
    """Return `amount / by` as Float64, divided once and rounded once (IEEE 754, 5.4.1), whatever the number of rows.

    Polars divides one row by a number, but multiplies many by its reciprocal: a lead alone would have other points than among others.
    By a column it divides, so `by` is made one.
    """
    column = amount.clip(-float_info.max, float_info.max) * 0.0 + by
    return amount / column


def rounded(exact: pl.Expr) -> pl.Expr:
    """Return hundredths rounded half to even, as Int64. The one place where points are rounded."""
    return exact.round(0, mode="half_to_even").cast(pl.Int64)
