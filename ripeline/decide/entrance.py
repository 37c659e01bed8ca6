"""Whether anybody at all can enter a track, and stay in it: tried on every standing that the conditions can tell apart."""

from collections.abc import Iterable, Sequence
from itertools import product

import polars as pl
from sqlglot import exp

from models.lead import Stage
from ripeline.decide.condition import BadCondition, Condition, parse_condition, tree_of
from ripeline.decide.fields import STANDING
from ripeline.decide.segment import TrackBook

POINTS = ("total", "fit", "engagement")
_WORDS: dict[str, list[object]] = {
    "stage": [stage.value for stage in Stage],
    "grade": [fit + engagement for fit in "ABCD" for engagement in "1234"],
    "is_on_hold": [True, False],
}
_KNOWN = {name: STANDING[name] for name in (*POINTS, *_WORDS)}
MOST = 100_000


def nobody_enters(book: TrackBook) -> bool:
    """Return whether no standing lets a lead in. What conditions ask beyond it, deeds and attributes, is taken to be as a lead needs it to come in."""
    enter = _of_standing(book.enter, exp.And)
    out = [part for each in (book.leave, book.goal) if each for part in _of_standing(each, exp.Or)]
    names = sorted({name for part in (*enter, *out) for name in part.names})
    grid = list(product(*(_values(name, [*enter, *out]) for name in names)))
    if len(grid) > MOST:
        return False
    frame = pl.DataFrame(grid, schema=names, orient="row") if names else pl.DataFrame({"nobody": [0]})
    comes, goes = pl.all_horizontal(pl.lit(True), *(part.holds for part in enter)), pl.any_horizontal(pl.lit(False), *(part.holds for part in out))
    return not bool(frame.select((comes & ~goes).any()).item())


def _of_standing(condition: Condition, joined_by: type[exp.And | exp.Or]) -> list[Condition]:
    """Return the parts of a condition, as AND or OR join them, that ask of nothing but a lead's standing."""
    tree = tree_of(condition.text).unnest()
    parts = tree.flatten() if isinstance(tree, joined_by) else [tree]
    return [known for part in parts if (known := _read(part.sql())) is not None]


def _read(text: str) -> Condition | None:
    try:
        return parse_condition(text, _KNOWN)
    except BadCondition:
        return None


def _values(name: str, conditions: Iterable[Condition]) -> Sequence[object]:
    """Return a value from each stretch on which the conditions cannot tell two values apart."""
    if name in _WORDS:
        return _WORDS[name]
    turns = {turn for condition in conditions for of, turn in condition.boundaries if of == name}
    return sorted({0, *turns, *(turn - 1 for turn in turns)})
