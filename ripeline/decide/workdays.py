"""Working days of one person: when they are at work on their own clock, and how business time passes for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count

from ripeline.decide.duration import Duration, Unit
from ripeline.decide.hours import Span
from ripeline.zones import Zone, first_instant, to_local

Interval = tuple[datetime, datetime]
"""Aware UTC instants: from the first up to but not including the second."""

_DAY = timedelta(days=1)
_NEVER_WORKS = 400
"""After so many days without work a calendar is taken for one that never has any."""


class NeverWorks(ValueError):
    """A calendar has no working day for more than a year."""


@dataclass(frozen=True)
class Workdays:
    """When somebody works: a span of the day on the clock of `zone`, on the dates that `works_on` says yes to."""

    zone: Zone
    span: Span
    works_on: Callable[[date], bool]

    def with_span(self, span: Span) -> "Workdays":
        return Workdays(self.zone, span, self.works_on)


def openings(workdays: Workdays, since: datetime, until: datetime | None = None) -> Iterator[Interval]:
    """Yield the intervals of work that end after `since` and begin before `until` (None: for ever), in order.

    A span that a gap swallows in part begins or ends with the gap; one that it swallows whole is left out.
    Raises NeverWorks instead of searching for ever.
    """
    first = to_local(since, workdays.zone).date() - _DAY
    idle = 0
    for day in (first + timedelta(days=step) for step in count()):
        idle = 0 if workdays.works_on(day) else idle + 1
        if idle > _NEVER_WORKS:
            raise NeverWorks(f"no working day in the {_NEVER_WORKS} days before {day}")
        opens, closes = _bounds(day, workdays)
        if until is not None and opens >= until:
            return
        if not idle and since < closes and opens < closes:
            yield opens, closes


def _bounds(day: date, workdays: Workdays) -> Interval:
    opens, closes = (first_instant(datetime.combine(day, at), workdays.zone) for at in (workdays.span.opens, workdays.span.closes))
    return opens, closes


def next_at_work(at: datetime, workdays: Workdays) -> datetime:
    """Return the first instant at or after `at` (aware) at which this person is at work."""
    return max(at, next(openings(workdays, at))[0])


def later(at: datetime, duration: Duration, workdays: Workdays) -> datetime:
    """Return the instant a duration after `at` (aware), business units counted on this person's calendar.

    A business day is the next working day at the same time of day; counted from a day off, the first working day is the
    one it starts on. Business hours pass at work only.
    """
    if duration.unit is Unit.BUSINESS_DAY:
        return _days_later(at, duration.amount, workdays)
    if duration.unit is Unit.BUSINESS_HOUR:
        return _hours_later(at, timedelta(hours=duration.amount), workdays)
    return at + duration.span


def _days_later(at: datetime, amount: int, workdays: Workdays) -> datetime:
    local = to_local(at, workdays.zone)
    starts_off = not workdays.works_on(local.date())
    days = (local.date() + timedelta(days=step) for step in range(1, _NEVER_WORKS + amount * 14))
    working = [day for day, _ in zip((day for day in days if workdays.works_on(day)), range(amount + starts_off), strict=False)]
    if len(working) < amount + starts_off:
        raise NeverWorks(f"fewer than {amount} working days after {local.date()}")
    if not working:
        return at
    return first_instant(datetime.combine(working[-1], time() if starts_off else local.time()), workdays.zone)


def _hours_later(at: datetime, left: timedelta, workdays: Workdays) -> datetime:
    for opens, closes in openings(workdays, at):
        begins = max(opens, at)
        if begins + left <= closes:
            return begins + left
        left -= closes - begins
    raise AssertionError("openings end by raising")
