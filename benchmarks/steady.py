"""What it costs to rescore a lead, by forty rules, in bases of several sizes."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import mean

from benchmarks.bases import sqlite
from benchmarks.forty import CARD, EACH
from benchmarks.goals import STEADY
from benchmarks.ours import ours
from benchmarks.row import Row

STEADIEST = 1.2
SHORT_RUNS = 5
"""A base so much smaller than the largest is taken so often on the way: half a second is soon disturbed."""

Costs = dict[int, float]
"""Microseconds a lead by the clock, by the size of the base."""


def rows(sizes: Sequence[int], rounds: int) -> list[Row]:
    """Return the row of bases of these sizes, ascending: of several rounds, the one in the middle.

    A round goes up from the smallest base to the largest and down again, so that a machine that grows slower meanwhile does so for all of them. It is
    kept to one core, where all that is done takes its time: on several, slices of a large base are read while others are stored, and two cores that
    work at once slow each other down. What all cores make of it is told beside it, and no goal.
    """
    with _on_one_core():
        costs = sorted((_round(sizes) for _ in range(rounds)), key=_ratio)[rounds // 2]
    told, beside = (", ".join(f"{leads:,}: {cost:.0f} µs" for leads, cost in each.items()) for each in (costs, _round(sizes)))
    what = f"rescore a lead in a base of {sizes[0]:,} to {sizes[-1]:,} on one core, SQLite, the middle one of {rounds} rounds"
    said = f"the dearest beside the cheapest; on all cores {beside}"
    return [Row(STEADY, what, told, said, _ratio(costs), f"at most {STEADIEST}", _ratio(costs) <= STEADIEST)]


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Keep the processes that are started in this block to one core. Where an operating system cannot, they have all."""
    every = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
    if every:
        os.sched_setaffinity(0, {max(every)})
    try:
        yield
    finally:
        if every:
            os.sched_setaffinity(0, every)


def _ratio(costs: Costs) -> float:
    return max(costs.values()) / min(costs.values())


def _round(sizes: Sequence[int]) -> Costs:
    up = [leads for leads in sizes[:-1] for _ in range(min(SHORT_RUNS, sizes[-1] // leads))]
    runs = [(leads, _seconds(leads)) for leads in (*up, sizes[-1], *reversed(up))]
    return {leads: mean(seconds for size, seconds in runs if size == leads) / leads * 1e6 for leads in sizes}


def _seconds(leads: int) -> float:
    """Return how long a base of so many leads takes."""
    with sqlite(leads, EACH) as url:
        return ours("rescore", url, CARD).seconds


def _usual(small: bool) -> list[Row]:
    return rows([200, 400], 1) if small else rows([10_000, 50_000, 200_000], 3)


def whole(small: bool) -> list[Row]:
    """Return the row of the sizes that the issue names, see `million`."""
    return rows([4, 40, 400], 1) if small else rows([10_000, 100_000, 1_000_000], 3)


STEPS = {"sqlite": _usual}
