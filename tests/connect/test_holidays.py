"""Holidays: which dates people of a country, or a part of it, do not work (RELIABILITY C13, C14)."""

from datetime import date

import pytest

from ripeline.connect.calendars.holidays import days_off, known_countries

YEARS = range(2026, 2028)


@pytest.mark.parametrize(
    ("region", "is_holiday"),
    [
        pytest.param("BY", True, id="C14 Bavaria by its code"),
        pytest.param("Bayern", True, id="Bavaria by its name"),
        pytest.param("BE", False, id="Berlin"),
        pytest.param("Atlantis", False, id="a region nobody knows has its country's"),
    ],
)
def test_epiphany_is_a_holiday_in_some_parts_of_germany(region, is_holiday):
    assert (date(2026, 1, 6) in days_off("DE", region, YEARS).holidays) is is_holiday


@pytest.mark.parametrize("country", ["KW", "BH", "OM", "IQ"])
def test_friday_and_saturday_are_the_weekend_of(country):
    assert days_off(country, "", YEARS).weekend >= {date(2026, 4, 10), date(2026, 4, 11)}


@pytest.mark.parametrize(
    ("country", "day", "is_weekend"),
    [
        pytest.param("DZ", date(2008, 4, 12), False, id="Algeria worked on Saturdays until 2009"),
        pytest.param("DZ", date(2010, 4, 10), True, id="and has not since"),
        pytest.param("AE", date(2021, 4, 9), True, id="the Emirates had Fridays off until 2022"),
        pytest.param("AE", date(2026, 4, 10), False, id="and have not since"),
        pytest.param("DE", date(2026, 4, 10), False, id="Germany works on Fridays"),
    ],
)
def test_a_weekend_is_told_by_date(country, day, is_weekend):
    assert (day in days_off(country, "", range(day.year, day.year + 1)).weekend) is is_weekend


def test_a_saturday_that_is_worked_by_decree_is_no_weekend():
    china = days_off("CN", "", range(2026, 2027))

    assert date(2026, 2, 14) not in china.weekend
    assert date(2026, 2, 21) in china.weekend


def test_estimated_holidays_count_unless_the_playbook_says_otherwise():
    with_them, without = (days_off("EG", "", YEARS, with_estimated=each) for each in (True, False))

    assert date(2027, 3, 10) in with_them.holidays - without.holidays
    assert date(2027, 7, 23) in without.holidays


def test_a_country_nobody_knows_has_no_calendar():
    assert days_off("XX", "", YEARS) is None
    assert "DE" in known_countries()


def test_years_of_which_the_library_knows_little_raise_no_alarm():
    far = days_off("IN", "", range(2099, 2100))

    assert date(2099, 1, 26) in far.holidays
