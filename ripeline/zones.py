"""Time zones: which one a lead lives in, and the way between its wall clock and UTC. The only module that knows pytz.

Wall-clock arithmetic is done on naive datetimes and localized last. The rules for a wall time that does not exist, or happens
twice, are RFC 5545 3.3.5's.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import pytz

from models.message import Resolution

PlaceKey = tuple[str, str, str]
"""`city` or `region`, then country as ISO 3166-1 alpha-2 or empty, then the folded name."""

_FIRST_YEAR, _LAST_YEAR = 2025, 2037  # zones that agree over these years are one for anybody we write to; pytz knows none later
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Zone:
    """An IANA zone of the database in use, and how we know that it is the lead's."""

    name: str
    source: str = "lead"


class Whereabouts(NamedTuple):
    """What a lead's facts say about where it is, each as it came, and what was inferred from its telephone or its hours, if anything was."""

    zone: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    inferred_zone: str | None = None
    inferred_from: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """An instant found for a wall time. `local_at` is what the zone's clock really shows then: after a gap, not what was asked."""

    at: datetime
    local_at: datetime
    resolution: Resolution


class Transition(NamedTuple):
    """An instant (aware, UTC) at which a zone's clock jumps, and the offsets from UTC on both sides."""

    at: datetime
    before: timedelta
    after: timedelta


def database_version() -> str:
    """Return the version of the zone database that every conversion here uses, such as 2026f."""
    return str(pytz.OLSON_VERSION)  # type: ignore[attr-defined]  # the stubs forgot it


def zone_names() -> tuple[str, ...]:
    """Return every zone of the database, links included."""
    return tuple(pytz.all_timezones)


def known_zone(name: str | None) -> str | None:
    """Return the database's own spelling of a zone name, or None if there is no such zone."""
    try:
        return pytz.timezone(name.strip()).zone if name else None
    except pytz.UnknownTimeZoneError:
        return None


def zone_named(name: str) -> Zone:
    """Return the zone of this name; ValueError if the database has none."""
    known = known_zone(name)
    if known is None:
        raise ValueError(f"no time zone {name!r} in the zone database {database_version()}: write an IANA name such as Europe/Berlin")
    return Zone(known)


@lru_cache(maxsize=65_536)
def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).replace("_", " ").replace("-", " ").split())


def place_key(kind: str, country: str, name: str) -> PlaceKey:
    """Return the key under which `zone_of` looks a city or region up: case, accents, hyphens and spacing do not matter."""
    return kind, country.upper(), _folded(name)


def zone_of(lead: Whereabouts, fallback: Mapping[str, str], places: Mapping[PlaceKey, str]) -> Zone:
    """Return the zone a lead lives in, from the best source that names a zone we know.

    In order: the lead's own value, its city, its region, its country where one zone serves all of it, what was inferred (phone, mobile,
    activity) where the country has that zone, `fallback` for that country, `fallback["default"]`, UTC. It never raises: a name that is in
    no database is told in `source` and passed over, as in `country (zone "Mars/Base" unknown)`.
    """
    unknown: list[str] = []
    for source, name in _sources(lead, fallback, places):
        zone = known_zone(name)
        if zone is not None:
            return Zone(zone, f"{source} ({', '.join(unknown)})" if unknown else source)
        unknown.append(f'{source if source != "lead" else "zone"} "{name}" unknown')
    return Zone("UTC", f"default ({', '.join(unknown)})" if unknown else "default")


def _sources(lead: Whereabouts, fallback: Mapping[str, str], places: Mapping[PlaceKey, str]) -> Iterator[tuple[str, str]]:
    country = (lead.country or "").strip().upper()
    found = [("lead", (lead.zone or "").strip())]
    if lead.city:
        key = place_key("city", country, lead.city)
        found.append(("city", places.get(key) or _zones_by_city().get(key, "")))
    if lead.region:
        found.append(("region", places.get(place_key("region", country, lead.region), "")))
    found.append(("country", _zone_of_country(country)))
    if lead.inferred_zone in pytz.country_timezones.get(country, []):
        found.append((lead.inferred_from or "", lead.inferred_zone or ""))
    found += [("fallback", fallback.get(country, "")), ("default", fallback.get("default", ""))]
    return ((source, name) for source, name in found if name)


@lru_cache(maxsize=1)
def _zones_by_city() -> dict[PlaceKey, str]:
    """Return the zone of every city that a zone is called after, by country and, where only one country has it, without."""
    named: dict[PlaceKey, str] = {}
    countries: dict[str, set[str]] = {}
    for country, zones in pytz.country_timezones.items():
        for zone in zones:
            city = zone.rsplit("/", 1)[-1]
            named[place_key("city", country, city)] = zone
            countries.setdefault(_folded(city), set()).add(country)
    for (_, country, city), zone in list(named.items()):
        if countries[city] == {country}:
            named["city", "", city] = zone
    return named


@lru_cache(maxsize=512)
def _zone_of_country(country: str) -> str:
    """Return the zone that serves a whole country, or nothing if its zones disagree, or the country is unknown."""
    zones = pytz.country_timezones.get(country, [])
    return zones[0] if len({_year_by_year(zone) for zone in zones}) == 1 else ""


_SAMPLES = tuple(datetime(year, month, day) for year in range(_FIRST_YEAR, _LAST_YEAR) for month in range(1, 13) for day in (1, 15))  # noqa: DTZ001  (UTC, as pytz keeps its jumps)


@lru_cache(maxsize=1024)
def _year_by_year(zone: str) -> tuple[timedelta, ...]:
    """Return the offsets in force at instants of the years that count. pytz is not asked one by one, which takes it a second for all countries."""
    clock: Any = pytz.timezone(zone)
    jumps = getattr(clock, "_utc_transition_times", None)
    if jumps is None:
        return (clock.utcoffset(None),) * len(_SAMPLES)
    return tuple(clock._transition_info[max(0, bisect_right(jumps, at) - 1)][0] for at in _SAMPLES)


@lru_cache(maxsize=1)
def ambiguous_countries() -> tuple[str, ...]:
    """Return the countries whose zones disagree: there a zone can only be inferred, or chosen by the playbook."""
    return tuple(sorted(country for country in pytz.country_timezones if not _zone_of_country(country)))


@lru_cache(maxsize=512)
def clocks_of(country: str) -> tuple[tuple[str, ...], ...]:
    """Return the zones of a country (ISO 3166-1 alpha-2) by the clock they keep: those that agree stand together, the best known first."""
    clocks: dict[tuple[timedelta, ...], list[str]] = {}
    for zone in pytz.country_timezones.get(country, []):
        clocks.setdefault(_year_by_year(zone), []).append(zone)
    return tuple(tuple(zones) for zones in clocks.values())


def to_utc(local_at: datetime, zone: Zone) -> Resolved:
    """Return the instant of a naive wall time on `zone`'s clock.

    One that happens twice is the earlier instant; one that a gap swallows is counted with the offset before the gap, so that
    the clock shows it later by the gap's length (RFC 5545 3.3.5).
    """
    clock = pytz.timezone(zone.name)
    try:
        return Resolved(clock.localize(local_at, is_dst=None).astimezone(UTC), local_at, Resolution.NORMAL)
    except pytz.AmbiguousTimeError:
        both = (clock.localize(local_at, is_dst=is_dst).astimezone(UTC) for is_dst in (True, False))
        return Resolved(min(both), local_at, Resolution.AMBIGUOUS)
    except pytz.NonExistentTimeError:
        # False winds back to before the gap whatever the flag means in this zone; Dublin's and Casablanca's is the other way round.
        at = clock.localize(local_at, is_dst=False).astimezone(UTC)
        return Resolved(at, to_local(at, zone), Resolution.GAP)


def first_instant(local_at: datetime, zone: Zone) -> datetime:
    """Return the first instant (UTC) at which `zone`'s clock shows `local_at` or later: in a gap, the gap's end."""
    resolved = to_utc(local_at, zone)
    if resolved.resolution is not Resolution.GAP:
        return resolved.at
    # The wall time with the offset before the gap lies past the jump by less than the gap's length, at most a day.
    return max(jump.at for jump in transitions(zone, resolved.at - 25 * _HOUR, resolved.at + _HOUR) if jump.at <= resolved.at)


def to_local(at: datetime, zone: Zone) -> datetime:
    """Return the naive wall time that `zone`'s clock shows at an instant."""
    return at.astimezone(pytz.timezone(zone.name)).replace(tzinfo=None)


def offset_at(at: datetime, zone: Zone) -> timedelta:
    """Return the offset from UTC that is in force in `zone` at an instant."""
    return to_local(at, zone) - at.astimezone(UTC).replace(tzinfo=None)


def transitions(zone: Zone, since: datetime, until: datetime) -> tuple[Transition, ...]:
    """Return the jumps of a zone's clock from `since` up to but not at `until` (aware), in order; changes of name alone are none."""
    known = _transitions(zone.name)
    first, last = (bisect_right([jump.at for jump in known], at - timedelta(microseconds=1)) for at in (since, until))
    return known[first:last]


@lru_cache(maxsize=1024)
def _transitions(name: str) -> tuple[Transition, ...]:
    clock = pytz.timezone(name)  # pytz tells its jumps nowhere else than in this attribute, which a zone without any lacks
    instants = [at.replace(tzinfo=UTC) for at in getattr(clock, "_utc_transition_times", ())[1:]]
    around = ((at, offset_at(at - timedelta(microseconds=1), Zone(name)), offset_at(at, Zone(name))) for at in instants)
    return tuple(Transition(*jump) for jump in around if jump[1] != jump[2])
