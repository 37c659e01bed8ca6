"""Working ahead: some leads are read and judged while what was found of those before them is stored, so that database and we work at once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

Found = TypeVar("Found")

SLICE, FIRST = 25_000, 5_000
"""Leads that are read, judged and stored at once: enough for Polars to be quick, little enough to hold in memory. The first ones are fewer, so
that storing, which mostly takes longest, begins soon."""

MOST_WAITING = 2
"""So many slices lie ready, or are worked at, while one is stored."""


def slices(count: int) -> Iterator[slice]:
    """Yield where the slices of so many leads begin and end; one holds them all where they are few."""
    starts = [0, *range(FIRST, count, SLICE)] if count > SLICE else [0]
    yield from (slice(start, end) for start, end in pairwise([*starts, count]) if end)


def ahead(tasks: Iterable[Callable[[], Found]], threads: int) -> Iterator[Found]:
    """Give what the tasks return, in their order; so many threads are at work on the next ones while one is used."""
    with ThreadPoolExecutor(max_workers=threads) as workers:
        waiting: deque[Future[Found]] = deque()
        for task in tasks:
            waiting.append(workers.submit(task))
            if len(waiting) > MOST_WAITING:
                yield waiting.popleft().result()
        yield from (last.result() for last in waiting)
