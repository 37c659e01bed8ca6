"""Chance that can be repeated: a number for a key, the same whatever was drawn before and in whatever batches."""

import hashlib
from dataclasses import dataclass

import polars as pl

_WORDS = 2**64


@dataclass(frozen=True)
class Chance:
    """The dice of one simulation. The same seed gives the same numbers for the same keys."""

    seed: int

    def at(self, *key: object) -> float:
        """Return a number from 0 up to but not at 1."""
        text = "\x1f".join(map(str, (self.seed, *key)))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / _WORDS

    def over(self, column: str, *key: object) -> pl.Expr:
        """Return a number from 0 up to but not at 1 for each value of a column, for many rows at once."""
        salt = int(self.at(*key) * _WORDS) & (_WORDS - 1)
        # 53 bits: what a Float64 holds exactly, so that it never rounds up to 1.
        return (pl.col(column).hash(salt) // 2**11).cast(pl.Float64) / 2**53
