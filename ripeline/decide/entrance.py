"""Whether anybody at all can enter a track, and stay in it: tried on every standing that the conditions can tell apart."""

from collections.abc import Iterable, Iterator, Sequence
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
    """Return whether no standing lets a lead in. What conditions ask beyond it, deeds and attributes, is taken to be as a lead needs it to come in.

    But for one thing: no attribute is two words at once.
    """
    if _is_two_words_at_once(book.enter):
        return True
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
    return [known for part in _parts(condition, joined_by) if (known := _read(part.sql())) is not None]


def _parts(condition: Condition, joined_by: type[exp.And | exp.Or]) -> Iterator[exp.Expr]:
    tree = tree_of(condition.text).unnest()
    yield from (part.unnest() for part in tree.flatten()) if isinstance(tree, joined_by) else [tree]


def _is_two_words_at_once(condition: Condition) -> bool:
    """Return whether parts that must all hold want an attribute to be one word, or of some, and another one."""
    allowed: dict[str, frozenset[str]] = {}
    for part in _parts(condition, exp.And):
        if words := _words(part):
            allowed[part.this.name] = allowed.get(part.this.name, words) & words
    return not all(allowed.values())


def _words(part: exp.Expr) -> frozenset[str]:
    """Return the words of which an attribute must be one for this to hold; none: it says something else."""
    if not (isinstance(part, exp.EQ | exp.In) and isinstance(part.this, exp.Column)):
        return frozenset()
    literals = part.expressions or [part.expression]
    return frozenset(each.this.casefold() for each in literals) if all(isinstance(each, exp.Literal) and each.is_string for each in literals) else frozenset()


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
