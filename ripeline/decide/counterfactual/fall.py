"""Falls: the instants at which age alone takes a lead's points below the boundaries they are above."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise

from ripeline.decide.boundary import Boundary
from ripeline.decide.counterfactual.course import Course
from ripeline.decide.facts import Facts
from ripeline.decide.scoring import Scoring, score_by_market

MICROSECOND = timedelta(microseconds=1)
FARTHEST_OFF = timedelta(milliseconds=1)
"""Farther than this a course is never off from what scoring says."""
HORIZON = timedelta(days=3_650)
"""Nobody asks what a score will be in more than ten years."""


@dataclass(frozen=True)
class Fall:
    """A boundary that points are at or above, and the first instant at which they are below if nothing happens (None: not within ten years)."""

    boundary: Boundary
    at: datetime | None


def falls(facts: Facts, by: Scoring, at: datetime, boundaries: Iterable[Boundary]) -> list[Fall]:
    """Return a fall for each boundary that the one lead in `facts` is at or above at `at`, in the order in which they come.

    Each instant is proven by scoring: a microsecond before, the points are still there. Facts that are still to come do not count.
    """
    now = _points(facts, by, at)
    above = sorted(boundary for boundary in boundaries if now[boundary[0]] >= boundary[1])
    found = [Fall(boundary, instant) for boundary, instant in _first_below(facts, by, at, above).items()]
    return sorted(found, key=lambda fall: (fall.at or datetime.max.replace(tzinfo=at.tzinfo), fall.boundary[0], -fall.boundary[1]))


def _first_below(facts: Facts, by: Scoring, at: datetime, above: list[Boundary]) -> dict[Boundary, datetime | None]:
    """Go from turn to turn: in between, age alone is at work."""
    found: dict[Boundary, datetime | None] = dict.fromkeys(above)
    since, last = at, at + HORIZON
    while since < last and (waiting := [boundary for boundary in above if found[boundary] is None]):
        market = by.markets(facts, since)
        course = Course(facts, by.bound_in(market["market"].item()), since)
        turns = [turn for turn in (course.until, market["until"].item()) if turn is not None and turn > since]
        until = min([*turns, last])
        for boundary, suspects in _suspects(course, waiting, (until - since) // MICROSECOND).items():
            instants = (_proven(facts, by, boundary, course.later(micros)) for micros in suspects)
            found[boundary] = next((instant for instant in instants if instant is not None), None)
        since = until
    return found


def _suspects(course: Course, boundaries: list[Boundary], length: int) -> dict[Boundary, Iterator[int]]:
    """Return the microseconds, fewer than `length`, after which points are below a boundary by the course: the first, and some that follow."""
    least = course.points([length - 1], least_since=[0])
    return {boundary: _below(course, boundary, length) for boundary in boundaries if least[boundary[0]].item() < boundary[1]}


def _below(course: Course, boundary: Boundary, length: int) -> Iterator[int]:
    field, start = boundary
    for micros in chain((0,), _suspect(course, boundary, 0, length - 1)):
        if course.points([micros])[field].item() < start:
            yield micros


def _suspect(course: Course, boundary: Boundary, low: int, high: int) -> Iterator[int]:
    """Give the microseconds after `low`, up to `high`, at which points may be below, in the order of time.

    A step that may hold one often holds none, and those after it do: the least of a step is less than points ever were where something rises.
    """
    field, start = boundary
    if high - low <= 1:
        yield from range(low + 1, high + 1)
        return
    count = min(course.instants_at_once, high - low)
    ends = [low + (high - low) * number // count for number in range(count + 1)]
    least = course.points(ends[1:], least_since=ends[:-1])[field]
    for (begin, end), points in zip(pairwise(ends), least, strict=True):
        if points < start:
            yield from _suspect(course, boundary, begin, end)


def _proven(facts: Facts, by: Scoring, boundary: Boundary, at: datetime) -> datetime | None:
    """Return the instant that scoring itself says, which may be some microseconds off: it reckons from the events on, not from a moment between.

    None: scoring knows of no fall near there. What falls and what rises may pass each other within a microsecond.
    """
    reach = MICROSECOND
    while _is_below(facts, by, boundary, at - reach):
        at, reach = at - reach, reach * 2
    before = at - reach
    while not _is_below(facts, by, boundary, at):
        if reach > FARTHEST_OFF:
            return None
        before, at, reach = at, at + reach, reach * 2
    while at - before > MICROSECOND:
        middle = before + (at - before) // 2
        before, at = (before, middle) if _is_below(facts, by, boundary, middle) else (middle, at)
    return at


def _is_below(facts: Facts, by: Scoring, boundary: Boundary, at: datetime) -> bool:
    return _points(facts, by, at)[boundary[0]] < boundary[1]


def _points(facts: Facts, by: Scoring, at: datetime) -> dict[str, int]:
    return score_by_market(facts, by, at).select("fit", "engagement", "total").row(0, named=True)
