"""The six comparisons: what each asks, what it is from the other side, and where its truth turns."""

from collections.abc import Callable, Mapping

import polars as pl
from sqlglot import exp

COMPARISONS: Mapping[type[exp.Expression], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    exp.EQ: lambda left, right: left == right,
    exp.NEQ: lambda left, right: left != right,
    exp.LT: lambda left, right: left < right,
    exp.LTE: lambda left, right: left <= right,
    exp.GT: lambda left, right: left > right,
    exp.GTE: lambda left, right: left >= right,
}
_TURNED: Mapping[type[exp.Expression], type[exp.Expression]] = {exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE}


def mirrored(kind: type[exp.Expression]) -> type[exp.Expression]:
    """Return the comparison that says the same with its sides exchanged."""
    return _TURNED.get(kind, kind)


def steps_of(kind: type[exp.Expression]) -> tuple[int, ...]:
    """Return how far above a written value the truth of a comparison turns.

    `>=` and `<` turn at the value itself, `>` and `<=` one step above, `=` and `<>` at both.
    """
    if kind in (exp.EQ, exp.NEQ):
        return (0, 1)
    return (0,) if kind in (exp.GTE, exp.LT) else (1,)
