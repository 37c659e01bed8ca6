"""Lots: which arm of a split a lead draws. The same for ever, from its id and the touch alone, evenly and for each touch anew."""

import hashlib
from collections.abc import Iterable

import polars as pl

from ripeline.decide.touch import Arm

_WHOLE = 2**32
ARMS = {"arm_of": pl.String(), "variant": pl.String(), "letter": pl.String(), "since": pl.Float64(), "until": pl.Float64()}


def salt_of(track: str, touch: str) -> int:
    """Return the 32 bits that set the lots of one touch apart from those of every other."""
    return int.from_bytes(hashlib.blake2b(f"{track}/{touch}".encode(), digest_size=4).digest(), "big")


def share_drawn(lead_id: pl.Expr, salt: pl.Expr) -> pl.Expr:
    """Return a lead's share for a touch, from 0 up to but not at 1: the finalizer of MurmurHash3 over id and salt.

    Every factor stays below 2**32, so that no product overflows.
    """
    mixed = (lead_id.cast(pl.UInt64) % _WHOLE) ^ salt.cast(pl.UInt64)
    for shift, factor in ((2**16, 0x85EBCA6B), (2**13, 0xC2B2AE35), (2**16, 1)):
        mixed = (mixed ^ (mixed // shift)) * factor % _WHOLE
    return mixed.cast(pl.Float64) / _WHOLE


def drawn(rows: pl.DataFrame, arms: pl.DataFrame) -> pl.DataFrame:
    """Return `row`, `variant` and `letter` for the rows whose touch has arms.

    rows: `row`, `lead_id`, `arm_of` (which touch, as in `arms`; null: everybody gets the same), `salt`. arms: ARMS.
    """
    asked = rows.filter(pl.col("arm_of").is_not_null()).select("row", "arm_of", share=share_drawn(pl.col("lead_id"), pl.col("salt")))
    return asked.join(arms, on="arm_of").filter(pl.col("share") >= pl.col("since"), pl.col("share") < pl.col("until")).select("row", "variant", "letter")


def arms_frame(arms: Iterable[tuple[str, tuple[Arm, ...]]]) -> pl.DataFrame:
    """Return the arms of several touches, each by a name of its own, with the columns ARMS."""
    return pl.DataFrame([(name, *arm) for name, some in arms for arm in some], schema=ARMS, orient="row")
