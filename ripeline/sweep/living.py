"""Where leads live: their zone and their calendar, by what the playbook assumes of those who do not say."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import polars as pl

from models import Lead
from ripeline.connect.calendars.holidays import days_off
from ripeline.decide.calendar import WORLD, Calendar
from ripeline.decide.limits import Blackout, dates_of
from ripeline.playbook.playbook import Playbook
from ripeline.zones import Whereabouts, Zone, zone_of

_zones: dict[tuple[str, Whereabouts], Zone] = {}
_MOST_ZONES = 200_000


def whereabouts_of(lead: Lead) -> Whereabouts:
    """Return what is known of where a lead is."""
    return Whereabouts(*(getattr(lead, name) for name in Whereabouts._fields))


def zone_for(lead: Whereabouts, playbook: Playbook) -> Zone:
    """Return the zone a lead lives in and how we know; the same facts are looked up once a process."""
    key = (playbook.hash, lead)
    if key not in _zones:
        if len(_zones) >= _MOST_ZONES:
            _zones.clear()
        _zones[key] = zone_of(lead, playbook.limits.fallback.zone, playbook.places.zones)
    return _zones[key]


def zones_of(places: pl.DataFrame, playbook: Playbook) -> pl.Series:
    """Return the name of the zone of each row of a frame with the columns of Whereabouts."""
    columns = list(Whereabouts._fields)
    distinct = places.select(columns).unique()
    named = distinct.with_columns(zone_name=pl.Series([zone_for(Whereabouts(*row), playbook).name for row in distinct.iter_rows()], dtype=pl.String))
    return places.select(columns).join(named, on=columns, how="left", nulls_equal=True, maintain_order="left")["zone_name"]


def calendar_for(country: str | None, region: str | None, playbook: Playbook, now: datetime, market: str | None = None) -> Calendar:
    """Return the calendar a lead's country, or part of it, keeps around `now`; Saturday and Sunday where the country is unknown.

    Blackout dates are everybody's and those of the `market`.
    """
    years, of_market = range(now.year - 1, now.year + 3), playbook.markets.get(market or "")
    return _calendar(
        (country or "").strip().upper(),
        (region or "").strip(),
        years,
        playbook.limits.holidays.estimated,
        playbook.limits.blackout + (of_market.blackout if of_market else ()),
    )


@lru_cache(maxsize=4096)
def _calendar(country: str, region: str, years: range, estimated: bool, blackouts: tuple[Blackout, ...]) -> Calendar:
    off = days_off(country, region, years, estimated)
    known = Calendar(off.name, off.weekend, off.holidays, years, off.weekly) if off else WORLD
    return replace(known, blackout=dates_of(blackouts, years)) if blackouts else known
