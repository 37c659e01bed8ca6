"""Whether anybody at all can enter a track, and stay in it: tried on every standing that the conditions can tell apart."""

from collections.abc import Iterable, Sequence
from itertools import product

import polars as pl

from models.lead import Stage
from ripeline.decide.condition import Condition
from ripeline.decide.segment import TrackBook

POINTS = ("total", "fit", "engagement")
_WORDS: dict[str, list[object]] = {
    "stage": [stage.value for stage in Stage],
    "grade": [fit + engagement for fit in "ABCD" for engagement in "1234"],
    "is_on_hold": [True, False],
}
MOST = 100_000


def nobody_enters(book: TrackBook) -> bool:
    """Return whether no standing lets a lead in. False, too, where the conditions ask for more than a lead's standing: then nobody can tell."""
    names = {name for condition in book.conditions for name in condition.names}
    if not names <= {*POINTS, *_WORDS} or any(condition.features for condition in book.conditions):
        return False
    values = [(name, _values(name, book.conditions)) for name in sorted(names)]
    grid = list(product(*(options for _, options in values)))
    if not values or len(grid) > MOST:
        return not values and not bool(pl.select(book.will_have).item())
    frame = pl.DataFrame(grid, schema=[name for name, _ in values], orient="row")
    return not bool(frame.select(book.will_have.any()).item())


def _values(name: str, conditions: Iterable[Condition]) -> Sequence[object]:
    """Return a value from each stretch on which the conditions cannot tell two values apart."""
    if name in _WORDS:
        return _WORDS[name]
    turns = {turn for condition in conditions for of, turn in condition.boundaries if of == name}
    return sorted({0, *turns, *(turn - 1 for turn in turns)})
