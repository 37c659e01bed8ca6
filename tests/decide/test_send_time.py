"""Send-time optimisation: within a window that is open anyway, at the hour that fits the lead best; never outside it, never by chance alone."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.decide.calendar import WORLD
from ripeline.decide.duration import Duration
from ripeline.decide.limits import Caps
from ripeline.decide.schedule import first_fit
from ripeline.decide.send_time import DEEDS, HABITS, SendTime, habits, with_hours
from ripeline.decide.timing import Timing
from ripeline.decide.window import Quiet, Window, is_open
from ripeline.zones import Zone, to_local

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "UTC")
FREE = Caps(per_day=None, per_week=None)
MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
ASKED = {"row": pl.UInt32(), "lead_id": pl.Int64(), "timing": pl.Int32(), "earliest": pl.Datetime("us", "UTC"), "hours": pl.List(pl.Int64())}


def deeds(*some: tuple[int, str | None, int, int]) -> pl.DataFrame:
    """Return DEEDS: (lead, market, hour, how many)."""
    return pl.DataFrame([(lead, market, hour) for lead, market, hour, count in some for _ in range(count)], schema=DEEDS, orient="row")


def best_of(own: pl.DataFrame, others: pl.DataFrame | None = None, **rules: float) -> dict[int, int]:
    """Return the best hour of each lead of whom enough is known."""
    found = habits(own, deeds() if others is None else others, SendTime.model_validate(rules))
    return {lead: best[0] for lead, best in found.select("lead_id", "best").iter_rows()}


def a_timing(zone: str = "Europe/Berlin", opens: str = "09:00", closes: str = "17:00", quiet: Quiet | None = None) -> Timing:
    return Timing(Zone(zone), WORLD, Window.model_validate({"from": opens, "to": closes}), quiet, FREE)


def due(timing: Timing, earliest: datetime, hours: list[int] | None, lead_id: int = 7) -> datetime:
    found: datetime = first_fit(pl.DataFrame([(0, lead_id, 0, earliest, hours)], schema=ASKED, orient="row"), [timing])["due_at"].item()
    return found


def test_the_hour_of_most_deeds_is_the_best() -> None:
    assert best_of(deeds((1, None, 15, 20), (1, None, 9, 4), (2, None, 8, 30))) == {1: 15, 2: 8}


def test_nobodys_habits_are_used_before_enough_is_known() -> None:
    assert best_of(deeds((1, None, 15, 11), (2, None, 8, 12)), after=12) == {2: 8}


def test_the_market_speaks_where_the_lead_has_said_little() -> None:
    japan = deeds(*((lead, "jp", 11, 10) for lead in range(100, 150)))
    little = deeds((1, "jp", 16, 2), (1, "jp", 14, 1))

    assert best_of(little, japan, after=3, market=100) == {1: 11}
    assert best_of(little, japan, after=3, market=0) == {1: 16}


def test_deeds_around_an_hour_speak_for_it() -> None:
    assert best_of(deeds((1, None, 10, 5), (1, None, 12, 5), (1, None, 11, 4), (1, None, 20, 6))) == {1: 11}


def test_midnight_lies_between_eleven_and_one() -> None:
    assert best_of(deeds((1, None, 23, 8), (1, None, 1, 8), (1, None, 0, 7))) == {1: 0}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param([15, 9], 15, id="the best, where the window allows it"),
        pytest.param([20, 3, 14], 14, id="the best of those it allows"),
        pytest.param(None, 9, id="with nothing known, as ever"),
    ],
)
def test_a_touch_goes_at_the_best_hour_that_is_open(hours: list[int] | None, expected: int) -> None:
    assert to_local(due(a_timing(), MONDAY, hours), Zone("Europe/Berlin")).hour in (expected, expected + (hours is None))


def test_what_is_late_in_its_window_does_not_wait_for_tomorrow() -> None:
    at = due(a_timing(), datetime(2026, 3, 2, 14, 30, tzinfo=UTC), [9, *range(10, 24), *range(9)])

    assert to_local(at, Zone("Europe/Berlin")).date().isoformat() == "2026-03-02"


@tried(25)
@given(
    zone=st.sampled_from(ZONES), opens=st.integers(0, 23), length=st.integers(1, 23), is_quiet=st.booleans(),
    asked=st.lists(st.tuples(st.integers(0, 60 * 24 * 365 * 6), st.permutations(range(24)), st.integers(1, 10**9)), min_size=1, max_size=12),
)  # fmt: skip
def test_whatever_the_habits_a_touch_never_leaves_its_window(
    zone: str, opens: int, length: int, is_quiet: bool, asked: list[tuple[int, list[int], int]]
) -> None:
    quiet = Quiet.model_validate({"from": "21:00", "to": "08:00"}) if is_quiet else None
    timing = a_timing(zone, f"{opens:02}:00", f"{(opens + length) % 24:02}:30", quiet)
    rows = [(number, lead, 0, LONG_AGO + timedelta(minutes=minutes), hours) for number, (minutes, hours, lead) in enumerate(asked)]

    fitted = first_fit(pl.DataFrame(rows, schema=ASKED, orient="row"), [timing])

    assert fitted.equals(first_fit(pl.DataFrame(rows[::-1], schema=ASKED, orient="row"), [timing]))
    for earliest, at in fitted.select("earliest", "due_at").drop_nulls().iter_rows():
        assert earliest <= at
        assert is_open(at, timing.zone, timing.window, timing.calendar, quiet)


def touches(*rows: tuple[int, int, str]) -> pl.DataFrame:
    """Return touches: (lead, enrolment, name)."""
    frame = pl.DataFrame(rows, schema={"lead_id": pl.Int64(), "enrolment_id": pl.Int64(), "touch": pl.String()}, orient="row")
    return frame.with_row_index("row")


def known(*leads: int) -> pl.DataFrame:
    return pl.DataFrame([(lead, 30, list(range(24))) for lead in leads], schema=HABITS, orient="row")


def test_a_stated_share_explores_and_each_touch_by_its_own_key() -> None:
    many = touches(*((number, number, "case-study") for number in range(1, 4001)))

    shown = with_hours(many, known(*range(1, 4001)), SendTime(explore=0.2))
    backwards = with_hours(many.reverse(), known(*range(1, 4001)), SendTime(explore=0.2)).sort("row")

    assert shown["is_exploring"].mean() == pytest.approx(0.2, abs=0.03)
    assert shown.equals(backwards)
    assert shown.filter("is_exploring")["hours"].list.first().n_unique() == 24
    assert shown.filter(~pl.col("is_exploring"))["hours"].list.first().unique().to_list() == [0]


def test_who_is_not_known_and_who_does_not_want_it_keep_the_window() -> None:
    some = touches((1, 1, "case-study"), (2, 2, "case-study"))

    assert with_hours(some, known(1), SendTime())["hours"].is_null().to_list() == [False, True]
    assert with_hours(some, known(1, 2), None)["hours"].is_null().all()


def test_where_nobody_has_a_touch_left_nobody_has_an_hour() -> None:
    assert with_hours(touches(), known(1), SendTime()).is_empty()


def test_habits_are_counted_in_elapsed_time() -> None:
    with pytest.raises(ValueError, match='"90 business days" needs a calendar'):
        SendTime(within=Duration.parse("90 business days"))
