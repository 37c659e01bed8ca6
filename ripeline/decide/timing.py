"""Timings: all that the times of a touch hang on, and the instants that a plan may choose from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import polars as pl

from models.message import Resolution
from ripeline.decide.calendar import Calendar
from ripeline.decide.duration import Duration, Unit
from ripeline.decide.facts import INSTANT
from ripeline.decide.limits import Caps
from ripeline.decide.window import NeverOpens, Opening, Quiet, Window, openings
from ripeline.zones import Zone, first_instant, offset_at, to_local, transitions

_DAY = timedelta(days=1)

PIECES = {"opens": INSTANT, "closes": INSTANT, "offset": pl.Duration("us"), "resolution": pl.String()}
"""Stretches of open time on which wall clock and UTC run side by side: local = UTC + `offset`."""


@dataclass(frozen=True)
class Timing:
    """On whose wall clock and calendar, in which window and outside which quiet hours, and how often at most."""

    zone: Zone
    calendar: Calendar
    window: Window
    quiet: Quiet | None = None
    caps: Caps = field(default_factory=Caps)

    def openings(self, since: datetime) -> Iterator[Opening]:
        """Yield when a touch may go, from the opening that `since` (aware) lies in or comes before. Raises NeverOpens."""
        return openings(self.window, self.zone, self.calendar, self.quiet, since=since)


def pieces(timing: Timing, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime, timedelta, str]]:
    """Yield the pieces, as PIECES has them and in order, that end after `since`, up to the first that opens after `until` (aware).

    The second pass of a repeated hour is left out: a wall time means the earlier instant. A timing that never opens has no piece.
    """
    try:
        for opening in timing.openings(since):
            yield from _straight(opening, timing.zone)
            if opening.opens > until:
                return
    except NeverOpens:
        return


def _straight(opening: Opening, zone: Zone) -> Iterator[tuple[datetime, datetime, timedelta, str]]:
    """Cut an opening at the jumps of the clock, so that on each part wall clock and UTC run side by side."""
    begins = opening.opens
    for jump in transitions(zone, opening.opens - _DAY, opening.closes + _DAY):
        back = jump.before - jump.after
        if back > timedelta():
            yield from _part(begins, min(jump.at - back, opening.closes), zone, opening.resolution)
            begins = max(begins, jump.at - back)
            yield from _part(begins, min(jump.at, opening.closes), zone, Resolution.AMBIGUOUS)
            begins = max(begins, jump.at + back)
        else:
            yield from _part(begins, min(jump.at, opening.closes), zone, opening.resolution)
            begins = max(begins, jump.at)
    yield from _part(begins, opening.closes, zone, opening.resolution)


def _part(begins: datetime, ends: datetime, zone: Zone, resolution: Resolution) -> Iterator[tuple[datetime, datetime, timedelta, str]]:
    if begins < ends:
        yield begins, ends, offset_at(begins, zone), resolution.value


@lru_cache(maxsize=65_536)
def midnight(day: date, zone_name: str) -> datetime:
    """Return the first instant (UTC) of a local date or, where it does not exist, of the next one that does."""
    return first_instant(datetime.combine(day, time()), Zone(zone_name))


def date_after(day: date, wait: Duration, calendar: Calendar) -> date:
    """Return the date that a wait in days, weeks or business days ends on, counted from a local date, which is not counted itself."""
    if wait.unit is Unit.BUSINESS_DAY:
        return calendar.business_day_after(day, wait.amount)
    return day + wait.span


def business_hours_after(at: datetime, wait: Duration, timing: Timing) -> datetime:
    """Return the instant at which so many hours of open time have passed since `at` (aware). Raises NeverOpens."""
    left = timedelta(hours=wait.amount)
    for opening in timing.openings(at):
        begins = max(opening.opens, at)
        if begins + left <= opening.closes:
            return begins + left
        left -= opening.closes - begins
    raise NeverOpens(timing.window)


def local_date(at: datetime, zone: Zone) -> date:
    """Return the date on a zone's clock."""
    return to_local(at, zone).date()
