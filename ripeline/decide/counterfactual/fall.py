"""Falls: the instants at which age alone takes a lead's points below the boundaries they are above."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ripeline.decide.boundary import Boundary
from ripeline.decide.counterfactual.course import Course
from ripeline.decide.facts import Facts
from ripeline.decide.scoring import Scoring, score_by_market

MICROSECOND = timedelta(microseconds=1)
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
        for boundary, micros in _passed(course, waiting, (until - since) // MICROSECOND).items():
            found[boundary] = since if micros == 0 else _proven(facts, by, boundary, course.later(micros))
        since = until
    return found


def _passed(course: Course, boundaries: list[Boundary], length: int) -> dict[Boundary, int]:
    """Return after how many microseconds, fewer than `length`, points are first below a boundary, for those of which that is so."""
    begin, least = course.points([0]), course.points([length - 1], least_since=[0])
    found = {boundary: 0 for boundary in boundaries if begin[boundary[0]].item() < boundary[1]}
    for boundary in boundaries:
        if boundary not in found and least[boundary[0]].item() < boundary[1]:
            micros = _first(course, boundary, length - 1)
            found |= {} if micros is None else {boundary: micros}
    return found


def _first(course: Course, boundary: Boundary, length: int) -> int | None:
    """Return the first microsecond at which points are below; None: they are not, though something fell and something else rose."""
    low, (field, start) = 0, boundary
    while (step := _first_suspect(course, boundary, low, length)) is not None:
        low = step[1]
        if course.points([low])[field].item() < start:
            return low
    return None


def _first_suspect(course: Course, boundary: Boundary, low: int, high: int) -> tuple[int, int] | None:
    """Return the first microsecond after `low`, as a pair of its ends, in which points may have been below; None: there is none."""
    field, start = boundary
    while high - low > 1:
        count = min(course.instants_at_once, high - low)
        ends = [low + (high - low) * number // count for number in range(count + 1)]
        least = course.points(ends[1:], least_since=ends[:-1])[field]
        suspect = next((step for step, points in zip(pairwise(ends), least, strict=True) if points < start), None)
        if suspect is None:
            return None
        low, high = suspect
    return (low, high) if high > low else None


def _proven(facts: Facts, by: Scoring, boundary: Boundary, at: datetime) -> datetime:
    """Return the instant that scoring itself says, which may be some microseconds off: it reckons from the events on, not from a moment between."""
    reach = MICROSECOND
    while _is_below(facts, by, boundary, at - reach):
        at, reach = at - reach, reach * 2
    before = at - reach
    while not _is_below(facts, by, boundary, at):
        before, at, reach = at, at + reach, reach * 2
    while at - before > MICROSECOND:
        middle = before + (at - before) // 2
        before, at = (before, middle) if _is_below(facts, by, boundary, middle) else (middle, at)
    return at


def _is_below(facts: Facts, by: Scoring, boundary: Boundary, at: datetime) -> bool:
    return _points(facts, by, at)[boundary[0]] < boundary[1]


def _points(facts: Facts, by: Scoring, at: datetime) -> dict[str, int]:
    return score_by_market(facts, by, at).select("fit", "engagement", "total").row(0, named=True)
