"""Weekends and public holidays of countries and their parts, as plain sets of dates. The only module that knows `holidays`."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from inspect import signature

import holidays


@dataclass(frozen=True)
class DaysOff:
    """Dates on which a country, or a part of it, does not work, over whole years; `weekly` is its weekend at the end of them."""

    name: str
    weekend: frozenset[date]
    holidays: frozenset[date]
    weekly: frozenset[int]


@lru_cache(maxsize=2048)
def days_off(country: str, region: str, years: range, with_estimated: bool = True) -> DaysOff | None:
    """Return the days off of a country (ISO 3166-1 alpha-2) and region (ISO 3166-2 without the country, or its name); None if unknown.

    A region that has no calendar of its own gets its country's. `with_estimated`: holidays that hang on the sight of the moon count by
    their estimated date, and do not count at all otherwise. A weekend day that is worked by decree is no day off.
    """
    part = _subdivision(country, region)
    if part is None:
        return None
    calendar = _calendar(country, part, years)
    every = _dates(years)
    weekend = frozenset(day for day in every if calendar.is_weekend(day) and day not in calendar.weekend_workdays)
    named = frozenset(calendar) if with_estimated else frozenset(calendar) - _estimated(calendar)
    return DaysOff(f"{country}-{part}" if part else country, weekend, named, frozenset(day.weekday() for day in every[-7:] if calendar.is_weekend(day)))


def known_countries() -> frozenset[str]:
    """Return the countries whose public holidays are known."""
    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=4096)
def _subdivision(country: str, region: str) -> str | None:
    """Return the library's code for a region, empty for none, or None for an unknown country."""
    known = holidays.list_supported_countries()
    if country not in known:
        return None
    if region in known[country]:
        return region
    aliases: dict[str, list[str]] = holidays.country_holidays(country).get_subdivision_aliases()
    return next((code for code, names in aliases.items() if region.casefold() in {name.casefold() for name in (code, *names)}), "")


def _calendar(country: str, part: str, years: range) -> holidays.HolidayBase:
    kind: Callable[..., holidays.HolidayBase] = getattr(holidays, country)
    shown = {"islamic_show_estimated": True} if "islamic_show_estimated" in signature(kind).parameters else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library renames subdivisions; old codes still stand in people's data
        warnings.filterwarnings("ignore", "Requested Holidays are available only from")  # India's, to 2035: later years have those on fixed dates
        return kind(subdiv=part or None, years=years, language="en_US", **shown)


def _estimated(calendar: holidays.HolidayBase) -> frozenset[date]:
    """Return the holidays that the library marks as estimated, in whatever language its names are."""
    labels = (calendar.tr(getattr(calendar, name, "%s (estimated)")) for name in ("estimated_label", "observed_estimated_label"))
    marks = tuple(label.split("%s")[-1] for label in labels)
    return frozenset(day for day, name in calendar.items() if any(part.endswith(marks) for part in name.split("; ")))


def _dates(years: range) -> list[date]:
    first, end = date(years.start, 1, 1), date(years.stop, 1, 1)
    return [first + timedelta(days=day) for day in range((end - first).days)]
