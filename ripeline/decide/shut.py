"""Why nothing may go at an instant: the widest reason first."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ripeline.decide.timing import Timing
from ripeline.decide.window import Quiet
from ripeline.zones import to_local


def shut_because(at: datetime, timing: Timing) -> str:
    """Return why a touch may not go at an instant (aware) that its timing leaves out: the date, then quiet hours, then the window."""
    local = to_local(at, timing.zone)
    if because := day_off_because(local.date(), timing):
        return because
    if timing.quiet is not None and _is_quiet(local.time(), timing.quiet):
        return str(timing.quiet)
    return f"outside the window ({timing.window})"


def day_off_because(day: date, timing: Timing) -> str:
    """Return why nothing goes on a local date; empty where something may."""
    calendar = timing.calendar
    if timing.window.allows(day, calendar):
        return ""
    if day in calendar.blackout:
        return "a blackout date"
    where = calendar.name or "a country nobody knows"
    if day in calendar.holidays:
        return f"a public holiday in {where}"
    return f"weekend in {where}" if timing.window.days == "business" else f"not a day of its window ({timing.window})"


def days_off_between(first: date, last: date, timing: Timing) -> Iterator[tuple[date, str]]:
    """Yield the local dates from `first` up to but not including `last` on which nothing goes, and why."""
    for day in (first + timedelta(days=step) for step in range((last - first).days)):
        if because := day_off_because(day, timing):
            yield day, because


def _is_quiet(clock: time, quiet: Quiet) -> bool:
    if quiet.opens < quiet.closes:
        return quiet.opens <= clock < quiet.closes
    return clock >= quiet.opens or clock < quiet.closes
