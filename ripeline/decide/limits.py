"""Limits that hold for everybody: playbook/limits.toml as values."""

from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from ripeline.decide.activity import Activity
from ripeline.decide.duration import Duration, Elapsed, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.send_time import SendTime
from ripeline.decide.window import Quiet, Window, WindowChange
from ripeline.zones import known_zone

DEFAULT = "default"
LONGEST_BLACKOUT = 184
"""Days."""

WEEK = timedelta(days=7)


class CapsChange(Entry):
    """What a market says about the frequency caps; None: as it was."""

    per_day: Annotated[int, Field(ge=1)] | None = None
    per_week: Annotated[int, Field(ge=1)] | None = None
    gap: Elapsed | None = None


class Caps(Entry):
    """How often a lead hears from us at most, over all tracks; None: no such limit.

    per_day: on one date of the lead's clock. per_week: within any seven times 24 hours. gap: elapsed time between two.
    """

    per_day: Annotated[int, Field(ge=1)] | None = 1
    per_week: Annotated[int, Field(ge=1)] | None = 3
    gap: Elapsed | None = None

    def changed_by(self, change: CapsChange | None) -> "Caps":
        """Return these caps with what `change` says."""
        return self.model_copy(update={key: value for key, value in change or () if value is not None})

    @property
    def memory(self) -> timedelta:
        """Return for how long a touch that went counts: the week of `per_week`, or the gap where that is longer."""
        return max(WEEK, self.gap.span if self.gap else WEEK)


class HolidayRules(Entry):
    """How public holidays count. `estimated`: those that hang on the sight of the moon count by their estimated date."""

    estimated: bool = True


class Blackout(Entry):
    """Dates on which no touch goes, both included; every year anew if `yearly`."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    because: str = ""
    yearly: bool = False

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"blackout from {self.first} to {self.last} ends before it begins")
        if (self.last - self.first).days >= LONGEST_BLACKOUT:
            raise ValueError(f"blackout from {self.first} to {self.last} takes more than half a year: switch tracks off instead")
        return self

    def holds_on(self, day: date) -> bool:
        """Return whether this date is one of them."""
        if not self.yearly:
            return self.first <= day <= self.last
        return any(
            _years_later(self.first, shift) <= day <= _years_later(self.last, shift)
            for shift in range(day.year - self.last.year, day.year - self.first.year + 1)
        )

    def __str__(self) -> str:
        return f"blackout {self.first} to {self.last}{', every year' if self.yearly else ''}{f' ({self.because})' if self.because else ''}"


def _years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + years)


def dates_of(blackouts: tuple[Blackout, ...], years: range) -> frozenset[date]:
    """Return the blackout dates of some years."""
    days = (date(years.start, 1, 1) + timedelta(days=step) for step in range(366 * len(years)) if blackouts)
    return frozenset(day for day in days if any(each.holds_on(day) for each in blackouts))


class Fallback(Entry):
    """What to assume of a lead that says nothing: a locale, and a zone by country (`default` for every other)."""

    locale: str = "en"
    zone: dict[str, str] = Field(default_factory=lambda: {DEFAULT: "UTC"})

    @model_validator(mode="after")
    def _names_zones(self) -> Self:
        for country, zone in self.zone.items():
            if known_zone(zone) is None:
                raise ValueError(f"fallback zone {zone!r} for {country} does not exist: write an IANA name such as Europe/Amsterdam")
        if DEFAULT not in self.zone:
            raise ValueError("fallback zone has no 'default': say which zone to assume where nothing is known")
        return self


class OptIn(Entry):
    """Double opt-in. `within`: for so long after somebody asked for our mail the link that confirms it works."""

    within: Elapsed = Duration(14, Unit.DAY)


class Limits(Entry):
    """All of playbook/limits.toml. `window` is the one that tracks, markets and touches change."""

    window: Window = Window()
    caps: Caps = Caps()
    quiet: Quiet | None = None
    blackout: tuple[Blackout, ...] = ()
    holidays: HolidayRules = HolidayRules()
    send_time: SendTime | None = None
    activity: Activity = Activity()
    fallback: Fallback = Field(default_factory=Fallback)
    opt_in: OptIn = OptIn()

    def window_for(self, track: WindowChange | None = None, market: WindowChange | None = None, touch: WindowChange | None = None) -> Window:
        """Return the window of a touch: what the market says wins over its track's, what the touch itself says over both."""
        return self.window.changed_by(track, market, touch)
