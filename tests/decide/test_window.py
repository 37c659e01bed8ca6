"""Windows: when a touch may go on the lead's own clock and calendar, proven over every zone and every jump of its clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.message import Resolution
from ripeline.decide.calendar import WORLD, Calendar
from ripeline.decide.limits import Blackout, dates_of
from ripeline.decide.window import HORIZON_DAYS, NeverOpens, Opening, Quiet, Window, WindowChange, first_open_instant, is_open, openings
from ripeline.zones import Zone, first_instant, to_local, to_utc, transitions, zone_named, zone_names


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_window(opens: str = "09:00", closes: str = "17:00", **changes) -> Window:
    return Window.model_validate({"from": opens, "to": closes} | changes)


def a_quiet(opens: str = "21:00", closes: str = "08:00") -> Quiet:
    return Quiet.model_validate({"from": opens, "to": closes})


OFFICE = a_window()
ALWAYS = a_window("00:00", "00:00", days="any")
NEW_YEAR = Calendar("DE", holidays=frozenset({date(2026, 1, 1), date(2027, 1, 1)}))
KUWAIT = Calendar("KW", weekly=frozenset({4, 5}))


@pytest.mark.parametrize(
    ("earliest", "zone", "expected"),
    [
        pytest.param("2026-03-06 18:00", "Europe/Berlin", "2026-03-09 08:00", id="Friday evening waits for Monday"),
        pytest.param("2026-03-27 18:00", "Europe/Berlin", "2026-03-30 07:00", id="after spring-forward, 09:00 is an hour earlier in UTC"),
        pytest.param("2026-03-08 20:00", "Asia/Tokyo", "2026-03-09 00:00", id="Tokyo's Monday begins on UTC's Sunday"),
        pytest.param("2026-03-09 03:00", "Asia/Tokyo", "2026-03-09 03:00", id="inside the window nothing waits"),
        pytest.param("2026-03-09 08:00", "Asia/Tokyo", "2026-03-10 00:00", id="the end of the window is outside it"),
        pytest.param("2026-03-06 00:00", "Asia/Tokyo", "2026-03-06 00:00", id="Friday in Tokyo is not judged by UTC's weekday"),
    ],
)
def test_a_touch_waits_for_the_leads_office_hours(earliest, zone, expected):
    assert first_open_instant(utc(earliest), zone_named(zone), OFFICE, WORLD) == utc(expected)


@pytest.mark.parametrize(
    ("window", "quiet", "calendar", "earliest", "expected"),
    [
        pytest.param(a_window("22:00", "06:00"), None, WORLD, "2026-03-03 12:00", "2026-03-03 21:00", id="a window over midnight is not turned round"),
        pytest.param(a_window("22:00", "06:00"), None, WORLD, "2026-03-04 01:00", "2026-03-04 01:00", id="and is open after midnight"),
        pytest.param(a_window("22:00", "06:00"), None, WORLD, "2026-03-06 23:30", "2026-03-09 21:00", id="Friday's night ends where Saturday begins"),
        pytest.param(ALWAYS, a_quiet(), NEW_YEAR, "2026-12-31 22:30", "2027-01-01 07:00", id="C3 quiet hours over the turn of the year"),
        pytest.param(a_window("00:00", "00:00"), a_quiet(), NEW_YEAR, "2026-12-31 22:30", "2027-01-04 07:00", id="C3 and 1 January is a holiday"),
        pytest.param(OFFICE, None, KUWAIT, "2026-04-09 20:00", "2026-04-12 07:00", id="C13 Friday and Saturday are a weekend in Kuwait"),
        pytest.param(OFFICE, None, WORLD, "2026-04-09 20:00", "2026-04-10 07:00", id="C13 and Friday is none in Germany"),
        pytest.param(a_window(days="any"), None, NEW_YEAR, "2026-01-01 06:00", "2026-01-01 08:00", id="any day is any day"),
        pytest.param(a_window(days="fri-sat"), None, KUWAIT, "2026-04-09 20:00", "2026-04-10 07:00", id="named weekdays win over the weekend"),
        pytest.param(a_window(days="mon-fri"), None, NEW_YEAR, "2026-01-01 06:00", "2026-01-02 08:00", id="but not over a holiday"),
        pytest.param(a_window("06:00", "12:00"), a_quiet(), WORLD, "2026-03-03 00:00", "2026-03-03 07:00", id="quiet hours cut the window's start off"),
    ],
)
def test_a_window_is_cut_by_calendar_and_quiet_hours(window, quiet, calendar, earliest, expected):
    assert first_open_instant(utc(earliest), Zone("Europe/Berlin"), window, calendar, quiet) == utc(expected)


@pytest.mark.parametrize(
    ("zone", "window", "since", "expected"),
    [
        pytest.param("Europe/Berlin", ("02:00", "03:00"), "2027-03-28 00:00", ("2027-03-28 01:00", "2027-03-28 02:00"), id="the whole gap"),
        pytest.param("Europe/Berlin", ("02:15", "02:45"), "2027-03-28 00:00", ("2027-03-28 01:00", "2027-03-28 01:30"), id="in its midst"),
        pytest.param("America/Nuuk", ("23:00", "00:00"), "2026-03-28 12:00", ("2026-03-29 01:00", "2026-03-29 02:00"), id="at the end of a day"),
    ],
)
def test_a_window_that_a_gap_swallows_opens_at_the_gaps_end_for_its_length(zone, window, since, expected):
    opens, closes = expected

    assert next(openings(a_window(*window, days="any"), Zone(zone), WORLD, since=utc(since))) == Opening(utc(opens), utc(closes), Resolution.GAP)


def test_a_swallowed_window_does_not_open_on_a_day_left_out():
    window = a_window("23:00", "00:00", days="sat")

    assert next(openings(window, Zone("America/Nuuk"), WORLD, since=utc("2026-03-28 12:00"))).opens == utc("2026-04-05 00:00")


def test_an_opening_in_a_repeated_hour_begins_with_the_first_and_lasts_over_both():
    window = a_window("02:30", "04:00", days="any")

    assert next(openings(window, Zone("Europe/Berlin"), WORLD, since=utc("2026-10-24 12:00"))) == Opening(utc("2026-10-25 00:30"), utc("2026-10-25 03:00"))


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [pytest.param("Pacific/Apia", date(2011, 12, 30), id="C6 Apia"), pytest.param("Pacific/Kwajalein", date(1993, 8, 21), id="C6 Kwajalein")],
)
def test_a_date_that_does_not_exist_has_no_opening_and_its_neighbours_have_one_each(zone, skipped):
    since = first_instant(datetime.combine(skipped, time()), Zone(zone)) - timedelta(days=3)

    days = [to_local(each.opens, Zone(zone)).date() for each, _ in zip(openings(a_window(days="any"), Zone(zone), WORLD, since=since), range(5), strict=False)]

    assert skipped not in days
    assert days == sorted(set(days))
    assert {skipped - timedelta(days=1), skipped + timedelta(days=1)} <= set(days)


@pytest.mark.parametrize(
    ("window", "quiet", "calendar"),
    [
        pytest.param(a_window("21:30", "23:00"), a_quiet(), WORLD, id="wholly within quiet hours"),
        pytest.param(OFFICE, None, Calendar("nowhere", weekly=frozenset(range(7))), id="in a country that never works"),
    ],
)
def test_a_window_that_never_opens_says_so_instead_of_searching_for_ever(window, quiet, calendar):
    with pytest.raises(NeverOpens, match="never opens"):
        first_open_instant(utc("2026-03-02 10:00"), Zone("Europe/Berlin"), window, calendar, quiet)


YEARS_END = Blackout.model_validate({"from": date(2025, 12, 24), "to": date(2026, 1, 1), "yearly": True})


@pytest.mark.parametrize(
    ("days", "since", "expected"),
    [
        pytest.param("any", "2026-12-23 17:00", "2027-01-02 08:00", id="any day, over the turn of the year, every year"),
        pytest.param("business", "2026-12-23 17:00", "2027-01-04 08:00", id="business days, and then a weekend"),
        pytest.param("any", "2026-12-23 10:00", "2026-12-23 10:00", id="not the day before"),
    ],
)
def test_nothing_goes_on_blackout_dates(days, since, expected):
    calendar = Calendar("DE", blackout=dates_of((YEARS_END,), range(2025, 2029)))

    assert first_open_instant(utc(since), Zone("Europe/Berlin"), a_window(days=days), calendar) == utc(expected)


def test_an_overnight_window_is_cut_off_where_a_blackout_begins():
    calendar = Calendar("DE", blackout=frozenset({date(2026, 3, 4)}))

    assert next(openings(a_window("22:00", "02:00", days="any"), Zone("UTC"), calendar, since=utc("2026-03-03 21:00"))).closes == utc("2026-03-04 00:00")


@pytest.mark.parametrize(
    ("last", "complaint"),
    [pytest.param(date(2026, 3, 1), "ends before it begins", id="backwards"), pytest.param(date(2026, 12, 1), "more than half a year", id="for ever")],
)
def test_a_blackout_that_makes_no_sense_is_refused_in_words(last, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Blackout.model_validate({"from": date(2026, 3, 2), "to": last})


def test_later_changes_of_a_window_win_and_say_only_what_differs():
    japan, touch = WindowChange.model_validate({"from": "10:00", "to": "18:00"}), WindowChange.model_validate({"days": "tue, thu"})

    window = OFFICE.changed_by(None, japan, touch)

    assert str(window) == "tue, thu 10:00–18:00"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        pytest.param({"days": "weekdays"}, "says no days", id="days nobody knows"),
        pytest.param({"from": "9 o'clock"}, "is not a time of day", id="no time of day"),
        pytest.param({"spread": "2 business hours"}, "needs a calendar", id="a spread in business time"),
        pytest.param({"opens": "09:00"}, "opens", id="a key that is none"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_in_words(said, complaint):
    with pytest.raises(ValidationError, match=complaint):
        WindowChange.model_validate(said)


CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
DAYS = st.sampled_from(["any", "business", "mon-fri", "sat, sun"])
WINDOWS = st.builds(lambda days, opens, closes: a_window(f"{opens:%H:%M}", f"{closes:%H:%M}", days=days), DAYS, CLOCKS, CLOCKS)
QUIET = st.none() | st.builds(lambda opens, hours: a_quiet(f"{opens:%H:%M}", f"{(opens.hour + hours) % 24:02}:{opens.minute:02}"), CLOCKS, st.integers(1, 11))
HOLIDAYS = st.builds(lambda days: Calendar("random", holidays=frozenset(date(2024, 1, 1) + timedelta(days=day) for day in days)), st.sets(st.integers(0, 2556)))


@st.composite
def moments(draw: st.DrawFn) -> tuple[Zone, datetime]:
    """Return a zone of the database and an instant of 2024 to 2030, mostly within two days of a jump of its clock."""
    zone = Zone(draw(st.sampled_from(zone_names())))
    jumps = transitions(zone, utc("2024-01-01"), utc("2031-01-01"))
    about = draw(st.sampled_from(jumps)).at if jumps else utc("2024-01-01") + timedelta(hours=draw(st.integers(0, 7 * 8760)))
    return zone, about + timedelta(minutes=draw(st.integers(-2 * 1440, 1440)))


def allowed_by_the_wall(local: datetime, window: Window, quiet: Quiet | None, calendar: Calendar) -> bool:
    """Say by the clock on the wall alone whether the window is open: an oracle that knows no zone."""
    minute, opens, closes = local.time(), window.opens, window.closes
    is_past_midnight = window.is_overnight and minute < closes
    inside = is_past_midnight or (minute >= opens if window.is_overnight else opens <= minute < closes)
    opened_on = local.date() - timedelta(days=is_past_midnight)
    if opens == closes:
        opened_on = local.date() - timedelta(days=minute < opens)
    noisy = quiet is None or not (quiet.opens <= minute < quiet.closes if quiet.opens < quiet.closes else minute >= quiet.opens or minute < quiet.closes)
    return inside and noisy and window.allows(local.date(), calendar) and window.allows(opened_on, calendar)


@given(moments(), WINDOWS, QUIET, HOLIDAYS)
def test_a_touch_never_goes_outside_its_window_on_the_leads_clock(moment, window, quiet, calendar):
    zone, earliest = moment
    try:
        at = first_open_instant(earliest, zone, window, calendar, quiet)
    except NeverOpens:
        return

    assert at >= earliest
    opening = next(openings(window, zone, calendar, quiet, since=at))
    is_moved = opening.resolution is Resolution.GAP or to_utc(to_local(at, zone), zone).at != at
    assert is_moved or allowed_by_the_wall(to_local(at, zone), window, quiet, calendar)
    assert is_open(at, zone, window, calendar, quiet)


@given(moments(), WINDOWS, QUIET, HOLIDAYS)
def test_nothing_open_is_passed_over(moment, window, quiet, calendar):
    zone, earliest = moment
    try:
        at = first_open_instant(earliest, zone, window, calendar, quiet)
    except NeverOpens:
        at = earliest + timedelta(days=HORIZON_DAYS)

    minutes = (earliest + timedelta(minutes=15 * step) for step in range(min(400, int((at - earliest) / timedelta(minutes=15)))))
    passed = [minute for minute in minutes if minute < at and allowed_by_the_wall(to_local(minute, zone), window, quiet, calendar)]

    assert [minute for minute in passed if to_utc(to_local(minute, zone), zone).at == minute] == []


@given(moments(), st.tuples(CLOCKS, CLOCKS).filter(lambda times: times[0] != times[1]))
def test_every_date_that_exists_has_exactly_one_opening_even_where_clocks_jump(moment, times):
    zone, since = moment
    window = a_window(f"{times[0]:%H:%M}", f"{times[1]:%H:%M}", days="any")
    first = to_local(since, zone).date() + timedelta(days=1)

    found = list(_until(openings(window, zone, WORLD, since=since - timedelta(days=2)), since + timedelta(days=8)))

    for day in (first + timedelta(days=step) for step in range(5)):
        midnight, next_midnight = (first_instant(datetime.combine(each, time()), zone) for each in (day, day + timedelta(days=1)))
        begun = [each for each in found if midnight <= each.opens < next_midnight and each.resolution is not Resolution.GAP]
        moved = [each for each in found if midnight <= each.opens <= next_midnight and each.resolution is Resolution.GAP]
        assert len(begun) + len(moved) >= (midnight < next_midnight), day
        assert len(begun) <= 1
    assert all(one.opens < one.closes for one in found)


def _until(found, end):
    for each in found:
        if each.opens >= end:
            return
        yield each
