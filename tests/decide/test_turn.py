"""Touches that go by a date, and lots: as pure judgement."""

from collections import Counter
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.decide.calendar import Calendar
from ripeline.decide.lot import arms_frame, drawn, salt_of, share_drawn
from ripeline.decide.touch import Touch
from ripeline.decide.turn import day_of

CALENDAR = Calendar("DE", holidays=frozenset({date(2026, 5, 1)}))


def a_touch(**said) -> Touch:
    return Touch.model_validate({"name": "renewal", "on": "contract_ends"} | said)


@pytest.mark.parametrize(
    ("said", "anchor", "since", "expected"),
    [
        pytest.param({}, date(2026, 5, 4), date(2026, 3, 2), date(2026, 5, 4), id="the day itself"),
        pytest.param({"before": "2 weeks"}, date(2026, 5, 4), date(2026, 3, 2), date(2026, 4, 20), id="two weeks before"),
        pytest.param({"before": "2 business days"}, date(2026, 5, 4), date(2026, 3, 2), date(2026, 4, 29), id="two business days before, over May Day"),
        pytest.param({"after": "1 business day"}, date(2026, 4, 30), date(2026, 3, 2), date(2026, 5, 4), id="a business day after"),
        pytest.param({"before": "30 days"}, date(2026, 1, 5), date(2026, 3, 2), date(2025, 12, 6), id="past is past"),
        pytest.param({"yearly": True}, date(2019, 3, 2), date(2026, 3, 2), date(2026, 3, 2), id="today is not too late"),
        pytest.param({"yearly": True}, date(2019, 3, 1), date(2026, 3, 2), date(2027, 3, 1), id="gone by this year, so next year"),
        pytest.param({"yearly": True, "before": "30 days"}, date(2019, 1, 10), date(2026, 3, 2), date(2026, 12, 11), id="over the turn of the year"),
        pytest.param({"yearly": True}, date(2024, 2, 29), date(2027, 1, 1), date(2027, 2, 28), id="C3 the leap day in another year"),
        pytest.param({"yearly": True}, date(2024, 2, 29), date(2028, 1, 1), date(2028, 2, 29), id="C3 the leap day in a leap year"),
    ],
)
def test_a_touch_has_its_turn_on_a_day(said, anchor, since, expected):
    assert day_of(a_touch(**said), anchor, since, CALENDAR) == expected


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 400), st.booleans())
def test_a_yearly_touch_has_one_turn_within_a_year_and_never_in_the_past(anchor, since, days, before):
    day = day_of(a_touch(yearly=True, **{"before" if before else "after": f"{days} days"}), anchor, since, CALENDAR)

    assert since <= day
    assert (day - since).days <= 366


ARMS = a_touch(split={"a": 3, "b": 1}, hold_out=20).arms


def lots(touch: str, count: int = 10_000) -> pl.Series:
    rows = pl.DataFrame({"row": range(count), "lead_id": range(1, count + 1)}).with_columns(arm_of=pl.lit("it"), salt=pl.lit(salt_of("track", touch)))
    return drawn(rows, arms_frame([("it", ARMS)])).sort("row")["variant"]


def test_lots_fall_by_their_shares_and_the_same_way_for_ever():
    fallen = Counter(lots("renewal"))

    assert lots("renewal").equals(lots("renewal"))
    assert all(abs(fallen[arm] - expected) < 150 for arm, expected in (("hold_out", 2000), ("a", 6000), ("b", 2000)))
    assert lots("renewal", 8).to_list() == ["a", "a", "a", "b", "a", "hold_out", "a", "a"], "a lead that was held out once is held out for ever"


def test_each_touch_draws_anew():
    """Whoever is held out of one touch is held out of another no more often than anybody."""
    both = pl.DataFrame({"one": lots("renewal"), "other": lots("upgrade")}).filter(pl.col("one") == "hold_out")

    assert abs(both.filter(pl.col("other") == "hold_out").height / both.height - 0.2) < 0.03


@given(st.integers(1, 2**62), st.text(max_size=8))
def test_a_share_is_below_one_whatever_the_lead(lead, touch):
    share = pl.select(share_drawn(pl.lit(lead), pl.lit(salt_of("track", touch)))).item()

    assert 0 <= share < 1
