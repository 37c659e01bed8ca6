"""Reading ahead: the next part of a file is made ready while one is stored. It begins where that one ends, and is large: one at a time, see `sweep/ahead`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield `items` in their order; a thread beside makes the next one meanwhile, never more. What raises there raises here, in its turn."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(_next, items)
        while found := coming.result():
            coming = beside.submit(_next, items)
            yield found.pop()  # held by nobody here: it may be large


def _next(items: Iterator[T]) -> list[T]:
    """Return a list of the next item, an empty one at the end."""
    return list(islice(items, 1))
