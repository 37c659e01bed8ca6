"""Zones: where a lead lives, and what its wall clock means in UTC (RELIABILITY group C)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.message import Resolution
from ripeline.zones import (
    Whereabouts,
    Zone,
    ambiguous_countries,
    database_version,
    first_instant,
    known_zone,
    offset_at,
    place_key,
    to_local,
    to_utc,
    transitions,
    zone_named,
    zone_names,
    zone_of,
)

PLACES = {
    place_key("city", "DE", "München"): "Europe/Berlin",
    place_key("region", "US", "CA"): "America/Los_Angeles",
    place_key("city", "US", "Nowhere"): "Mars/Dome",
}
FALLBACK = {"US": "America/Chicago", "default": "Europe/Amsterdam"}

NORMAL, GAP, AMBIGUOUS = Resolution.NORMAL, Resolution.GAP, Resolution.AMBIGUOUS


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        pytest.param(Whereabouts(zone="Asia/Tokyo", country="DE"), Zone("Asia/Tokyo", "lead"), id="the lead's own zone wins over its country"),
        pytest.param(Whereabouts(zone="europe/berlin"), Zone("Europe/Berlin", "lead"), id="case does not matter"),
        pytest.param(Whereabouts(city="munchen", country="DE"), Zone("Europe/Berlin", "city"), id="a city without its accents"),
        pytest.param(Whereabouts(city="São Paulo", country="BR"), Zone("America/Sao_Paulo", "city"), id="a city that a zone is called after"),
        pytest.param(Whereabouts(city="Tokyo"), Zone("Asia/Tokyo", "city"), id="a city that only one country has needs no country"),
        pytest.param(Whereabouts(region="CA", country="US"), Zone("America/Los_Angeles", "region"), id="a region"),
        pytest.param(Whereabouts(region="ZZ", country="JP"), Zone("Asia/Tokyo", "country"), id="an unknown region leaves the country"),
        pytest.param(Whereabouts(country="de"), Zone("Europe/Berlin", "country"), id="two zones that agree are one"),
        pytest.param(Whereabouts(country="US"), Zone("America/Chicago", "fallback"), id="a country of several zones is the playbook's choice"),
        pytest.param(Whereabouts(country="Germany"), Zone("Europe/Amsterdam", "default"), id="a country in words"),
        pytest.param(Whereabouts(), Zone("Europe/Amsterdam", "default"), id="nothing known"),
        pytest.param(Whereabouts(zone="Mars/Base", country="JP"), Zone("Asia/Tokyo", 'country (zone "Mars/Base" unknown)'), id="a zone that is none"),
        pytest.param(Whereabouts(None, "nowhere", None, "US"), Zone("America/Chicago", 'fallback (city "Mars/Dome" unknown)'), id="a place that names no zone"),
        pytest.param(Whereabouts(zone="../etc/passwd", country="JP"), Zone("Asia/Tokyo", 'country (zone "../etc/passwd" unknown)'), id="a path is no zone"),
    ],
)
def test_a_zone_comes_from_the_best_source_that_names_one(lead, expected):
    assert zone_of(lead, FALLBACK, PLACES) == expected


def test_without_any_fallback_the_zone_is_utc_and_says_so():
    assert zone_of(Whereabouts(zone="Nope"), {"default": "Nor/This"}, {}) == Zone("UTC", 'default (zone "Nope" unknown, default "Nor/This" unknown)')


@given(st.builds(Whereabouts, *(st.none() | st.text(max_size=30) for _ in range(4))))
def test_no_fact_whatever_stops_a_lead_from_having_a_zone(lead):
    assert known_zone(zone_of(lead, FALLBACK, PLACES).name)


def test_a_country_whose_zones_disagree_is_listed_for_the_playbook():
    assert {"US", "BR", "AU", "CA", "RU"} <= set(ambiguous_countries())
    assert not {"DE", "JP", "AR", "IN"} & set(ambiguous_countries())


def test_a_zone_by_a_wrong_name_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="write an IANA name"):
        zone_named("Mars/Base")


def test_the_zone_database_has_a_version():
    assert database_version()[:4].isdigit()


@pytest.mark.parametrize(
    ("zone", "local", "instant", "resolution"),
    [
        pytest.param("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:30", GAP, id="C1 Berlin springs forward: 03:30 on its clock"),
        pytest.param("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30", AMBIGUOUS, id="C2 Berlin falls back: the first 02:30"),
        pytest.param("America/St_Johns", "2026-11-01 01:30", "2026-11-01 04:00", AMBIGUOUS, id="C2 St. John's, half an hour off"),
        pytest.param("Australia/Lord_Howe", "2027-04-04 01:30", "2027-04-03 14:30", AMBIGUOUS, id="C5 Lord Howe falls back by half an hour"),
        pytest.param("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 19:00", GAP, id="C6 Apia skipped a date: the 31st on its clock"),
        pytest.param("Pacific/Kwajalein", "1993-08-21 09:00", "1993-08-21 21:00", GAP, id="C6 Kwajalein skipped a date"),
        pytest.param("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15 01:30", AMBIGUOUS, id="C8 Casablanca before Ramadan"),
        pytest.param("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22 02:30", GAP, id="C8 Casablanca after Ramadan"),
        pytest.param("Europe/Dublin", "2026-10-25 01:30", "2026-10-25 00:30", AMBIGUOUS, id="Dublin, where winter is the daylight-saving time"),
        pytest.param("Europe/Dublin", "2026-03-29 01:30", "2026-03-29 01:30", GAP, id="Dublin springs forward"),
        pytest.param("Asia/Kathmandu", "2026-01-01 09:00", "2026-01-01 03:15", NORMAL, id="C9 Kathmandu, 5:45"),
        pytest.param("Australia/Eucla", "2026-01-01 09:00", "2026-01-01 00:15", NORMAL, id="C9 Eucla, 8:45"),
        pytest.param("Pacific/Marquesas", "2026-01-01 09:00", "2026-01-01 18:30", NORMAL, id="C9 Marquesas, -9:30"),
        pytest.param("Pacific/Kiritimati", "2026-01-01 09:00", "2025-12-31 19:00", NORMAL, id="C9 Kiritimati is in another year"),
        pytest.param("America/Sao_Paulo", "2026-11-01 00:30", "2026-11-01 03:30", NORMAL, id="C10 São Paulo has no daylight saving now"),
        pytest.param("America/Mexico_City", "2026-04-05 02:30", "2026-04-05 08:30", NORMAL, id="C10 nor has Mexico City"),
        pytest.param("Europe/Istanbul", "2026-03-29 03:30", "2026-03-29 00:30", NORMAL, id="C10 nor has Istanbul"),
        pytest.param("UTC", "2026-03-29 02:30", "2026-03-29 02:30", NORMAL, id="UTC"),
    ],
)
def test_a_wall_time_becomes_the_instant_of_rfc_5545(zone, local, instant, resolution):
    resolved = to_utc(wall(local), zone_named(zone))

    assert (resolved.at, resolved.resolution) == (utc(instant), resolution)


def test_after_a_gap_the_resolved_wall_time_is_what_the_clock_shows():
    assert to_utc(wall("2027-03-28 02:30"), Zone("Europe/Berlin")).local_at == wall("2027-03-28 03:30")
    assert to_utc(wall("2011-12-30 09:00"), Zone("Pacific/Apia")).local_at == wall("2011-12-31 09:00")


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        pytest.param("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:00", id="in a gap: the gap's end"),
        pytest.param("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30", id="in an overlap: the first time"),
        pytest.param("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 10:00", id="on a date that does not exist: the next one's midnight"),
        pytest.param("Africa/Cairo", "2026-04-24 00:00", "2026-04-23 22:00", id="a midnight that does not exist"),
    ],
)
def test_the_first_instant_at_or_past_a_wall_time(zone, local, instant):
    assert first_instant(wall(local), Zone(zone)) == utc(instant)


ZONES = st.sampled_from(zone_names())
INSTANTS = st.datetimes(wall("2024-01-01"), wall("2030-12-31"), timezones=st.just(UTC))


@st.composite
def near_a_jump(draw: st.DrawFn) -> tuple[Zone, datetime]:
    """Return a zone and a naive wall time, mostly within two hours of a jump of its clock."""
    zone = Zone(draw(ZONES))
    jumps = transitions(zone, utc("2024-01-01"), utc("2031-01-01"))
    instant = draw(st.sampled_from(jumps)).at if jumps else draw(INSTANTS)
    return zone, to_local(instant, zone) + timedelta(minutes=draw(st.integers(-180, 180)))


@given(near_a_jump())
def test_a_wall_time_resolves_to_the_earliest_instant_that_shows_it(case):
    zone, local = case

    resolved = to_utc(local, zone)

    shown_at = [at for hours in range(-30 * 4, 30 * 4) if to_local(at := local.replace(tzinfo=UTC) + timedelta(minutes=15 * hours), zone) == local]
    assert resolved.resolution == (GAP if not shown_at else AMBIGUOUS if len(shown_at) > 1 else NORMAL)
    assert resolved.at == min(shown_at, default=resolved.at)
    assert to_local(resolved.at, zone) == resolved.local_at


@given(near_a_jump())
def test_just_before_the_first_instant_the_clock_had_not_come_so_far(case):
    zone, local = case

    first = first_instant(local, zone)

    assert to_local(first, zone) >= local
    assert to_local(first - timedelta(microseconds=1), zone) < local


@given(ZONES, INSTANTS)
def test_offsets_between_jumps_do_not_change(name, at):
    zone = Zone(name)
    jumps = transitions(zone, at, at + timedelta(days=400))

    end = jumps[0].at if jumps else at + timedelta(days=400)

    assert offset_at(at, zone) == offset_at(end - timedelta(microseconds=1), zone)
    assert all(jump.before == offset_at(jump.at - timedelta(seconds=1), zone) for jump in jumps)
    assert all(jump.after == offset_at(jump.at, zone) for jump in jumps)
