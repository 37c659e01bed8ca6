"""Forks: what a touch asks when its moment comes, and which way on the answers lead."""

from dataclasses import dataclass

import polars as pl

from ripeline.decide.condition import Condition
from ripeline.decide.staging import Read
from ripeline.decide.touch import Touch

WAY = {"skipped_because": pl.String(), "letter": pl.String(), "go_to": pl.String()}


@dataclass(frozen=True)
class Fork:
    """A touch with its conditions read: `when` None: it goes to everybody; `choices` one a choice, None for everybody else."""

    touch: Touch
    when: Condition | None
    choices: tuple[Condition | None, ...]

    @property
    def conditions(self) -> list[Condition]:
        return [each for each in (self.when, *self.choices) if each is not None]


def read_fork(touch: Touch, read: Read) -> Fork:
    """Return the touch with every condition read."""
    return Fork(touch, read(touch.when) if touch.when else None, tuple(read(each.when) if each.when else None for each in touch.choose))


def with_way(leads: pl.DataFrame, fork: Fork) -> pl.DataFrame:
    """Return `leads`, which have the columns of the conditions, with the columns WAY.

    skipped_because: why nothing goes (null: something does). letter, go_to: what the first choice that holds says (null: it says nothing of it;
    both null: the touch does not choose).
    """
    skipped = pl.when(~fork.when.holds).then(pl.lit(f"skipped: {fork.when.text} does not hold")) if fork.when else pl.lit(None, pl.String)
    return leads.with_columns(skipped_because=skipped, letter=_first(fork, "template"), go_to=_first(fork, "go_to"))


def _first(fork: Fork, key: str) -> pl.Expr:
    chosen: pl.Expr = pl.lit(None, pl.String)
    for choice, condition in reversed(list(zip(fork.touch.choose, fork.choices, strict=True))):
        says = pl.lit(getattr(choice, key) or None, pl.String)
        chosen = says if condition is None else pl.when(condition.holds).then(says).otherwise(chosen)
    return chosen
