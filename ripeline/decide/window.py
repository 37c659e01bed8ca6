"""Windows: when a touch may go, and when nothing may, on the lead's own clock and calendar."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from models.message import Resolution
from ripeline.decide.calendar import Calendar
from ripeline.decide.duration import Duration, Elapsed, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.hours import Clock, read_days, write_days
from ripeline.zones import Zone, first_instant, to_local

_DAY = timedelta(days=1)
HORIZON_DAYS = 400
"""A window that does not open within so many days never does."""

Days = Literal["business", "any"] | frozenset[int]


def _read_days(value: object) -> Days:
    if value == "business" or value == "any":
        return value
    try:
        return read_days(value)
    except ValueError:
        raise ValueError(f'{value!r} says no days: write "business", "any", or weekdays such as "mon-fri"') from None


DayRule = Annotated[
    Days, BeforeValidator(_read_days), PlainSerializer(lambda days: days if isinstance(days, str) else write_days(days)), WithJsonSchema({"type": "string"})
]


class Quiet(Entry):
    """Hours in which nothing may go, every day; they run over midnight where `to` is not later than `from`."""

    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="to")

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        if self.opens == self.closes:
            raise ValueError(f"quiet from {self.opens:%H:%M} to {self.closes:%H:%M} is the whole day: nothing could ever go")
        return self

    def __str__(self) -> str:
        return f"quiet {self.opens:%H:%M}–{self.closes:%H:%M}"


class WindowChange(Entry):
    """What a track, a market or a touch says about the window; None: as it was."""

    days: DayRule | None = None
    opens: Clock | None = Field(default=None, alias="from")
    closes: Clock | None = Field(default=None, alias="to")
    spread: Elapsed | None = None


class Window(Entry):
    """When a touch may go: a part of the day, over midnight where `to` is not later than `from`, on some days.

    days: `business` are the days people of the lead's country work; `any` is every day; named weekdays are those, whatever the
    country's weekend is. Public holidays are left out by all but `any`, blackout dates by all. A window belongs to the day on which it opens, and what
    reaches into a day that is left out is cut off. `spread`: touches go out over this time from the opening, not all at once.
    """

    days: DayRule = "business"
    opens: Clock = Field(default=time(9), alias="from")
    closes: Clock = Field(default=time(17), alias="to")
    spread: Elapsed = Duration(2, Unit.HOUR)

    def changed_by(self, *changes: WindowChange | None) -> "Window":
        """Return this window with what each change says, later ones over earlier ones."""
        said = {key: value for change in changes if change for key, value in change if value is not None}
        return self.model_copy(update=said)

    def allows(self, day: date, calendar: Calendar) -> bool:
        """Return whether a touch may go on this date at all."""
        if day in calendar.blackout:
            return False
        if self.days == "any":
            return True
        if self.days == "business":
            return calendar.is_business(day)
        return day.weekday() in self.days and day not in calendar.holidays

    @property
    def is_overnight(self) -> bool:
        return self.closes <= self.opens

    def __str__(self) -> str:
        days = {"business": "business days", "any": "any day"}.get(self.days) if isinstance(self.days, str) else write_days(self.days)
        return f"{days} {self.opens:%H:%M}–{self.closes:%H:%M}"


class NeverOpens(ValueError):
    """A window that no instant of the next 400 days lies in."""

    def __init__(self, window: Window) -> None:
        super().__init__(f"the window ({window}) never opens")
        self.window = window


class Opening(NamedTuple):
    """Instants (aware, UTC) from `opens` up to but not at `closes`, and whether a gap of the clock moved them."""

    opens: datetime
    closes: datetime
    resolution: Resolution = Resolution.NORMAL


def openings(window: Window, zone: Zone, calendar: Calendar, quiet: Quiet | None = None, *, since: datetime) -> Iterator[Opening]:
    """Yield when `window` is open on `zone`'s clock, from the opening that `since` (aware) lies in or comes before, in order.

    An opening lasts from the first instant at or past the window's start to the first at or past its end. One that a gap swallows
    opens at the gap's end for its full length; a date that does not exist has none. Then `quiet` and days left out are taken away.
    Raises NeverOpens after 400 days without one.
    """
    day = to_local(since, zone).date() - 2 * _DAY
    idle = 0
    while idle < HORIZON_DAYS:
        found = [each for each in _openings_on(day, window, zone.name, calendar, quiet) if each.closes > since]
        yield from found
        idle = 0 if found else idle + 1
        day += _DAY
    raise NeverOpens(window)


def first_open_instant(earliest: datetime, zone: Zone, window: Window, calendar: Calendar, quiet: Quiet | None = None) -> datetime:
    """Return the first instant at or after `earliest` (aware) at which `window` is open on `zone`'s clock. Raises NeverOpens."""
    return max(earliest, next(openings(window, zone, calendar, quiet, since=earliest)).opens)


def is_open(at: datetime, zone: Zone, window: Window, calendar: Calendar, quiet: Quiet | None = None) -> bool:
    """Return whether a touch may go at this instant (aware)."""
    day = to_local(at, zone).date()
    return any(each.opens <= at < each.closes for back in range(-1, 3) for each in _openings_on(day - back * _DAY, window, zone.name, calendar, quiet))


@lru_cache(maxsize=65_536)
def _openings_on(day: date, window: Window, zone_name: str, calendar: Calendar, quiet: Quiet | None) -> tuple[Opening, ...]:
    """Return the openings of the window that opens on this local date."""
    zone = Zone(zone_name)
    if not window.allows(day, calendar) or not _exists(day, zone):
        return ()
    opens = first_instant(datetime.combine(day, window.opens), zone)
    closes = first_instant(datetime.combine(day + _DAY * window.is_overnight, window.closes), zone)
    resolution = Resolution.NORMAL
    if closes <= opens:
        closes, resolution = opens + _length(window), Resolution.GAP
    barred = [*_days_left_out(opens, closes, window, zone, calendar), *(_quiet_hours(opens, closes, quiet, zone) if quiet else ())]
    return tuple(Opening(*free, resolution) for free in _without(barred, opens, closes))


def _exists(day: date, zone: Zone) -> bool:
    return to_local(_midnight(day, zone), zone).date() == day


def _midnight(day: date, zone: Zone) -> datetime:
    return first_instant(datetime.combine(day, time()), zone)


def _length(window: Window) -> timedelta:
    day = date(2000, 1, 1)
    return datetime.combine(day + _DAY * window.is_overnight, window.closes) - datetime.combine(day, window.opens)


def _days_left_out(opens: datetime, closes: datetime, window: Window, zone: Zone, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    for day in _local_dates(opens, closes, zone):
        if not window.allows(day, calendar):
            yield _midnight(day, zone), _midnight(day + _DAY, zone)


def _quiet_hours(opens: datetime, closes: datetime, quiet: Quiet, zone: Zone) -> Iterator[tuple[datetime, datetime]]:
    for day in _local_dates(opens - _DAY, closes, zone):
        end = day + _DAY * (quiet.closes <= quiet.opens)
        yield first_instant(datetime.combine(day, quiet.opens), zone), first_instant(datetime.combine(end, quiet.closes), zone)


def _local_dates(since: datetime, until: datetime, zone: Zone) -> list[date]:
    first, last = to_local(since, zone).date(), to_local(until, zone).date()
    return [first + step * _DAY for step in range((last - first).days + 1)]


def _without(barred: list[tuple[datetime, datetime]], opens: datetime, closes: datetime) -> Iterator[tuple[datetime, datetime]]:
    for begins, ends in sorted(barred):
        if begins < ends and ends > opens and begins < closes:
            if begins > opens:
                yield opens, begins
            opens = max(opens, ends)
    if opens < closes:
        yield opens, closes
