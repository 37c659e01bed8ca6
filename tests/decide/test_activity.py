"""Activity hours: which of a country's clocks fits what a lead does, and silence where none does."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.decide.activity import DAY, DEEDS, Activity, day_of, likely_zones
from ripeline.zones import clocks_of

MONDAY = datetime(2026, 2, 2, tzinfo=UTC)
OFFICE = day_of(pl.Series("hour", [], pl.Int64()))
CHOICES = {"US": "America/Chicago", "RU": "Europe/Moscow"}


def deeds(country: str, first_hour: int, days: int = 6) -> pl.DataFrame:
    """Return eight hours of deeds a day, the first at `first_hour` UTC."""
    hours = [MONDAY + timedelta(days=day, hours=first_hour + hour) for day in range(days) for hour in range(8)]
    return pl.DataFrame([(1, country, at) for at in hours], schema=DEEDS, orient="row")


@pytest.mark.parametrize(
    ("country", "first_hour", "zone"),
    [
        pytest.param("US", 14, "America/New_York", id="from nine to five in New York"),
        pytest.param("RU", -1, "Asia/Vladivostok", id="Vladivostok works while Moscow sleeps"),
        pytest.param("RU", 6, "Europe/Moscow", id="among zones that keep one clock the playbook's choice is named"),
    ],
)
def test_hours_speak_for_the_clock_by_which_they_are_office_hours(country: str, first_hour: int, zone: str) -> None:
    found = likely_zones(deeds(country, first_hour), OFFICE, CHOICES, Activity())

    assert found.drop("percent").rows() == [(1, zone)]
    assert 80 <= found["percent"].item() <= 100


@pytest.mark.parametrize(
    ("known", "rules"),
    [
        pytest.param(deeds("US", 14, days=2), Activity(), id="sixteen hours are too few"),
        pytest.param(pl.concat([deeds("US", 14, days=2)] * 5), Activity(), id="many deeds in one hour are one"),
        pytest.param(deeds("US", 14), Activity(sure=0.99), id="New York may be an early riser in Chicago"),
    ],
)
def test_where_too_little_is_known_or_no_clock_is_sure_nothing_is_said(known: pl.DataFrame, rules: Activity) -> None:
    assert likely_zones(known, OFFICE, CHOICES, rules).is_empty()


def test_a_base_whose_people_read_at_night_is_judged_by_its_own_day() -> None:
    evening = day_of(pl.Series("hour", [19, 20, 21, 22] * 5000))
    at_night = deeds("RU", 16).filter(pl.col("at").dt.hour() < 20)

    assert likely_zones(at_night, evening, CHOICES, Activity())["zone"].to_list() == ["Europe/Moscow"]
    assert likely_zones(at_night, OFFICE, CHOICES, Activity())["zone"].to_list() != ["Europe/Moscow"]


def test_the_day_assumed_is_shared_out_over_its_hours() -> None:
    assert len(DAY) == 24
    assert sum(OFFICE) == pytest.approx(1)


@tried(20)
@given(hours=st.lists(st.integers(0, 2000), min_size=20, max_size=60, unique=True), country=st.sampled_from(["US", "RU", "BR"]), data=st.data())
def test_a_zone_that_is_named_is_the_countrys_whatever_the_order_of_the_deeds(hours: list[int], country: str, data: st.DataObject) -> None:
    known = pl.DataFrame([(1, country, MONDAY + timedelta(hours=hour)) for hour in hours], schema=DEEDS, orient="row")
    shuffled = known[data.draw(st.permutations(range(known.height)))]

    found = likely_zones(known, OFFICE, CHOICES, Activity(sure=0.5))

    assert found.equals(likely_zones(shuffled, OFFICE, CHOICES, Activity(sure=0.5)))
    assert set(found["zone"]) <= {zone for zones in clocks_of(country) for zone in zones}
