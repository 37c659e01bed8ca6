"""Scheduling: the instant of a touch, one by one and many at once, over every jump of every clock (RELIABILITY C, I15, I17, I18)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import tried

from models.message import Resolution
from ripeline.decide.calendar import WORLD, Calendar
from ripeline.decide.duration import Duration
from ripeline.decide.limits import Caps
from ripeline.decide.schedule import OCCUPIED, plan, share_of, waits_over
from ripeline.decide.timing import Timing
from ripeline.decide.window import NeverOpens, Quiet, Window
from ripeline.zones import Zone, first_instant, to_local, to_utc, transitions, zone_names

FREE = Caps(per_day=None, per_week=None)
NORMAL, GAP, AMBIGUOUS = Resolution.NORMAL, Resolution.GAP, Resolution.AMBIGUOUS


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_window(opens: str = "09:00", closes: str = "17:00", **changes) -> Window:
    return Window.model_validate({"from": opens, "to": closes} | changes)


def a_timing(zone: str = "Europe/Berlin", window: Window | None = None, calendar: Calendar = WORLD, quiet: Quiet | None = None, caps: Caps = FREE) -> Timing:
    return Timing(Zone(zone), calendar, window or a_window(), quiet, caps)


def asked(earliest: list[datetime], timings: list[int] | None = None, leads: list[int] | None = None, ranks: list[int] | None = None) -> pl.DataFrame:
    count = len(earliest)
    columns = {"row": range(count), "lead_id": leads or range(1, count + 1), "timing": timings or [0] * count, "earliest": earliest}
    schema = {"row": pl.UInt32(), "lead_id": pl.Int64(), "timing": pl.Int32(), "earliest": pl.Datetime("us", "UTC"), "rank": pl.Int64()}
    return pl.DataFrame(columns | {"rank": ranks or [0] * count}, schema=schema)


def heard(*pairs: tuple[int, datetime]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), schema=OCCUPIED, orient="row")


@pytest.mark.parametrize(
    ("wait", "since", "zone", "expected"),
    [
        pytest.param("3 hours", "2026-03-06 16:00", "Europe/Berlin", "2026-03-06 19:00", id="hours pass as they do"),
        pytest.param("2 days", "2026-03-06 16:00", "Europe/Berlin", "2026-03-07 23:00", id="days count dates: Sunday from its midnight on"),
        pytest.param("2 business days", "2026-03-06 16:00", "Europe/Berlin", "2026-03-09 23:00", id="business days leave the weekend out"),
        pytest.param("1 day", "2026-03-06 16:00", "Asia/Tokyo", "2026-03-07 15:00", id="in Tokyo it is Saturday already"),
        pytest.param("1 day", "2026-03-28 12:00", "Europe/Berlin", "2026-03-28 23:00", id="the day of spring-forward has its own midnight"),
        pytest.param("1 day", "2026-03-29 12:00", "Europe/Berlin", "2026-03-29 22:00", id="and the next begins an hour earlier in UTC"),
        pytest.param("0 days", "2026-03-06 16:00", "Europe/Berlin", "2026-03-06 16:00", id="no wait is never in the past"),
        pytest.param("0 business days", "2026-03-07 16:00", "Europe/Berlin", "2026-03-08 23:00", id="nor on a Saturday"),
        pytest.param("4 business hours", "2026-03-06 14:00", "Europe/Berlin", "2026-03-09 10:00", id="business hours pass in the window"),
        pytest.param("1 week", "2026-12-25 09:00", "Europe/Berlin", "2026-12-31 23:00", id="a week over the turn of the year"),
    ],
)
def test_a_wait_ends(wait, since, zone, expected):
    frame = asked([utc(since)]).with_columns(since="earliest", wait=pl.lit(0, pl.Int32))

    assert waits_over(frame, [a_timing(zone)], [Duration.parse(wait)]).to_list() == [utc(expected)]


def test_business_days_are_those_of_the_leads_country():
    kuwait = Calendar("KW", weekly=frozenset({4, 5}), holidays=frozenset({date(2026, 4, 12)}))
    frame = asked([utc("2026-04-08 10:00")] * 2, [0, 1]).with_columns(since="earliest", wait=pl.lit(0, pl.Int32))

    over = waits_over(frame, [a_timing("Asia/Kuwait", calendar=kuwait), a_timing("Asia/Kuwait")], [Duration.parse("2 business days")])

    assert over.to_list() == [utc("2026-04-12 21:00"), utc("2026-04-09 21:00")]


@pytest.mark.parametrize(
    ("zone", "window", "earliest", "local", "resolution"),
    [
        pytest.param("Asia/Kathmandu", a_window(), "2025-12-31 20:00", "2026-01-01 09:00", NORMAL, id="C9 Kathmandu, 5:45"),
        pytest.param("Pacific/Kiritimati", a_window(), "2025-12-31 12:00", "2026-01-01 09:00", NORMAL, id="C9 another year already"),
        pytest.param("America/Sao_Paulo", a_window("00:30", "05:00", days="any"), "2026-11-01 03:00", "2026-11-01 00:30", NORMAL, id="C10 no jump now"),
        pytest.param("Europe/Berlin", a_window("02:30", "02:45", days="any"), "2026-10-24 12:00", "2026-10-25 02:30", AMBIGUOUS, id="C2 the first 02:30"),
        pytest.param("Australia/Lord_Howe", a_window("01:30", "01:45", days="any"), "2027-04-03 12:00", "2027-04-04 01:30", AMBIGUOUS, id="C5 Lord Howe"),
        pytest.param("Europe/Berlin", a_window("02:15", "02:45", days="any"), "2027-03-27 23:00", "2027-03-28 03:00", GAP, id="C1 swallowed by the gap"),
        pytest.param("Europe/Berlin", a_window(), "2026-03-27 18:00", "2026-03-30 09:00", NORMAL, id="nine stays nine after spring-forward"),
    ],
)
def test_a_touch_goes_at_the_wall_time_that_the_lead_sees(zone, window, earliest, local, resolution):
    timing = a_timing(zone, window.model_copy(update={"spread": Duration.parse("1 minute")}))

    planned = plan(asked([utc(earliest)]), [timing], heard()).row(0, named=True)

    assert planned["local_at"] == datetime.fromisoformat(local)
    assert planned["resolution"] == resolution
    assert to_utc(planned["local_at"], Zone(zone)).at == planned["due_at"]


def test_the_second_pass_of_a_repeated_hour_is_never_chosen():
    window = a_window("01:00", "05:00", days="any", spread="1 minute")

    planned = plan(asked([utc("2026-10-25 01:20")]), [a_timing(window=window)], heard()).row(0, named=True)  # 02:20 for the second time

    assert (planned["local_at"], planned["resolution"]) == (datetime.fromisoformat("2026-10-25 03:00"), "normal")


def test_each_lead_has_its_own_minute_of_the_spread_and_keeps_it():
    earliest = [utc("2026-03-02 20:00")] * 600 + [utc("2026-03-03 20:00")] * 600
    leads = [*range(1, 601), *range(1, 601)]

    planned = plan(asked(earliest, leads=leads, ranks=[0] * 600 + [1] * 600), [a_timing()], heard())

    first, second = (planned.filter(rank=rank).sort("lead_id")["local_at"].dt.time() for rank in (0, 1))
    assert first.equals(second)
    per_minute = first.value_counts()["count"]
    assert (per_minute.len(), per_minute.max()) == (120, 6)


def test_shares_are_even_and_below_one():
    shares = pl.DataFrame({"lead_id": range(1, 10_001)}, schema={"lead_id": pl.Int64()}).select(share_of(pl.col("lead_id"))).to_series()

    tenths = (shares * 10).floor().value_counts()["count"]
    assert (shares.min() >= 0, shares.max() < 1, tenths.len()) == (True, True, 10)
    assert tenths.max() - tenths.min() <= 4


A_DAY, A_WEEK = Caps(per_day=1, per_week=None), Caps(per_day=None, per_week=2)
A_GAP = Caps(per_day=None, per_week=None, gap=Duration.parse("48 hours"))


@pytest.mark.parametrize(
    ("caps", "before", "expected", "cap"),
    [
        pytest.param(A_DAY, ["2026-03-03 06:00"], "2026-03-04", "cap of 1 a day", id="one a day"),
        pytest.param(Caps(per_day=2, per_week=None), ["2026-03-03 06:00"], "2026-03-03", None, id="two a day leave room"),
        pytest.param(A_DAY, ["2026-03-02 22:30"], "2026-03-03", None, id="a day is the lead's: 23:30 was yesterday in Berlin"),
        pytest.param(A_DAY, ["2026-03-02 23:30"], "2026-03-04", "cap of 1 a day", id="and 00:30 is today"),
        pytest.param(A_WEEK, ["2026-02-27 12:00", "2026-03-02 12:00"], "2026-03-06", "cap of 2 in seven days", id="the older of two must be a week past"),
        pytest.param(A_GAP, ["2026-03-02 09:00"], "2026-03-04", "gap of 48 hours", id="a gap in elapsed time"),
        pytest.param(A_DAY, ["2026-03-03 20:00", "2026-03-04 20:00"], "2026-03-05", "cap of 1 a day", id="what is planned for later counts too"),
    ],
)
def test_a_cap_puts_a_touch_off_and_says_which(caps, before, expected, cap):
    occupied = heard(*((1, utc(at)) for at in before))

    planned = plan(asked([utc("2026-03-03 05:00")]), [a_timing(caps=caps)], occupied).row(0, named=True)

    assert (str(planned["local_at"].date()), planned["cap"]) == (expected, cap)


def test_other_leads_mail_puts_nobody_off():
    planned = plan(asked([utc("2026-03-03 05:00")]), [a_timing(caps=Caps(per_day=1))], heard((2, utc("2026-03-03 08:30"))))

    assert planned["cap"].to_list() == [None]


def test_a_touch_that_is_held_out_puts_no_other_off():
    both = asked([utc("2026-03-03 05:00")] * 2, ranks=[0, 1], leads=[1, 1]).with_columns(variant=pl.Series(["hold_out", ""]))

    planned = plan(both, [a_timing(caps=A_DAY)], heard())

    assert planned["cap"].to_list() == [None, None]


def test_a_window_that_never_opens_has_no_instant():
    shut = a_timing(window=a_window("22:00", "23:00"), quiet=Quiet.model_validate({"from": "21:00", "to": "08:00"}))

    planned = plan(asked([utc("2026-03-03 05:00")] * 2, [0, 1]), [shut, a_timing()], heard())

    assert planned["due_at"].is_null().to_list() == [True, False]


CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
DAYS = st.sampled_from(["any", "business", "mon-fri", "sat, sun"])
SPREADS = st.sampled_from(["1 minute", "30 minutes", "2 hours", "24 hours"])
WINDOWS = st.builds(lambda opens, closes, days, spread: a_window(f"{opens:%H:%M}", f"{closes:%H:%M}", days=days, spread=spread), CLOCKS, CLOCKS, DAYS, SPREADS)
QUIET = st.none() | st.just(Quiet.model_validate({"from": "21:00", "to": "08:00"}))
HOLIDAYS = st.builds(lambda days: Calendar("random", holidays=frozenset(date(2024, 1, 1) + timedelta(days=day) for day in days)), st.sets(st.integers(0, 2556)))


@st.composite
def moments(draw: st.DrawFn, until: int = 1440) -> tuple[str, datetime]:
    """Return a zone of the database and an instant of 2024 to 2030, mostly within two days of a jump of its clock."""
    name = draw(st.sampled_from(zone_names()))
    jumps = transitions(Zone(name), utc("2024-01-01"), utc("2031-01-01"))
    about = draw(st.sampled_from(jumps)).at if jumps else utc("2024-01-01") + timedelta(hours=draw(st.integers(0, 7 * 8760)))
    return name, about + timedelta(seconds=draw(st.integers(-2 * 86400, until * 60)))


def wall_is_open(local: datetime, timing: Timing) -> bool:
    """Say by the clock on the wall alone whether a touch may go: an oracle that knows no zone."""
    window, minute = timing.window, local.time()
    is_past_midnight = minute < window.closes if window.is_overnight else False
    inside = is_past_midnight or (minute >= window.opens if window.is_overnight else window.opens <= minute < window.closes)
    opened_on = local.date() - timedelta(days=minute < window.opens)
    noisy = timing.quiet is None or timing.quiet.closes <= minute < timing.quiet.opens
    return inside and noisy and window.allows(local.date(), timing.calendar) and window.allows(opened_on, timing.calendar)


@given(moments(), WINDOWS, QUIET, HOLIDAYS, st.integers(1, 10**9))
def test_a_touch_is_inside_its_window_on_the_leads_wall_and_its_wall_time_means_that_instant(moment, window, quiet, calendar, lead):
    zone, earliest = moment
    timing = a_timing(zone, window, calendar, quiet)

    planned = plan(asked([earliest], leads=[lead]), [timing], heard()).row(0, named=True)

    if planned["due_at"] is None:
        with pytest.raises(NeverOpens):
            next(timing.openings(earliest))
        return
    assert planned["due_at"] >= earliest
    assert planned["local_at"] == to_local(planned["due_at"], Zone(zone))
    assert to_utc(planned["local_at"], Zone(zone)).at == planned["due_at"]
    assert planned["resolution"] == "gap" or wall_is_open(planned["local_at"], timing)
    assert planned["resolution"] == "gap" or planned["resolution"] == to_utc(planned["local_at"], Zone(zone)).resolution


@tried(20)
@given(st.lists(st.tuples(moments(), WINDOWS, st.integers(1, 10**9)), min_size=1, max_size=6, unique_by=lambda case: case[2]))
def test_many_at_once_are_planned_as_each_alone(cases):
    timings = [a_timing(zone, window) for (zone, _), window, _ in cases]
    frame = asked([at for (_, at), _, _ in cases], list(range(len(cases))), [lead for _, _, lead in cases])

    together = plan(frame, timings, heard())["due_at"].to_list()

    assert together == [plan(asked([at], leads=[lead]), [timing], heard())["due_at"].item() for ((_, at), _, lead), timing in zip(cases, timings, strict=True)]


def a_daily_series(timing: Timing, since: datetime, days: int) -> Iterator[datetime]:
    """Yield the instants of one touch a day: each is planned when the last has gone."""
    sent: list[datetime] = []
    while len(sent) < days:
        frame = asked([sent[-1] if sent else since]).with_columns(since="earliest", wait=pl.lit(0, pl.Int32))
        over = waits_over(frame, [timing], [Duration.parse("1 day" if sent else "0 days")]).item()
        sent.append(plan(asked([over]), [timing], heard(*((1, at) for at in sent)))["due_at"].item())
        yield sent[-1]


DAYTIME = st.tuples(CLOCKS, CLOCKS).filter(lambda pair: pair[0] < pair[1] and pair[1] <= time(22))


@tried(12)
@given(moments(until=0), DAYTIME, SPREADS)
def test_one_local_day_has_one_daily_touch_whatever_the_clock_does(moment, times, spread):
    zone, since = moment
    timing = a_timing(zone, a_window(f"{times[0]:%H:%M}", f"{times[1]:%H:%M}", days="any", spread=spread), caps=Caps(per_day=1, per_week=None))
    openings = [each for each, _ in zip(timing.openings(since), range(8), strict=False)]
    assume(all(to_local(each.opens, Zone(zone)).time() < time(22) for each in openings))

    dates = [to_local(at, Zone(zone)).date() for at in a_daily_series(timing, since, 6)]

    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(dates))


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [pytest.param("Pacific/Apia", date(2011, 12, 30), id="C6 Apia"), pytest.param("Pacific/Kwajalein", date(1993, 8, 21), id="C6 Kwajalein")],
)
def test_a_daily_series_has_one_touch_for_every_date_that_exists(zone, skipped):
    since = first_instant(datetime.combine(skipped - timedelta(days=3), time()), Zone(zone))
    timing = a_timing(zone, a_window(days="any"), caps=Caps(per_day=1, per_week=None))

    dates = [to_local(at, Zone(zone)).date() for at in a_daily_series(timing, since, 6)]

    assert dates == [skipped + timedelta(days=days) for days in (-3, -2, -1, 1, 2, 3)]


CAPS = st.builds(
    lambda day, week, hours: Caps(per_day=day, per_week=week, gap=Duration.parse(f"{hours} hours") if hours else None),
    st.none() | st.integers(1, 2),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 60),
)


@given(moments(), CAPS, st.lists(st.integers(-9 * 1440, 9 * 1440), max_size=6), st.integers(1, 3))
def test_caps_hold_over_what_went_before_and_what_is_planned_later(moment, caps, minutes, count):
    zone, earliest = moment
    timing = a_timing(zone, caps=caps)
    before = [earliest + timedelta(minutes=each) for each in minutes]

    planned = plan(asked([earliest] * count, leads=[7] * count, ranks=list(range(count))), [timing], heard(*((7, at) for at in before)))

    for row in planned.iter_rows(named=True):
        others = before + [each["due_at"] for each in planned.iter_rows(named=True) if each["row"] < row["row"]]
        same_day = [at for at in others if to_local(at, Zone(zone)).date() == row["local_at"].date()]
        assert caps.per_day is None or len(same_day) < caps.per_day
        assert caps.gap is None or all(abs(at - row["due_at"]) >= caps.gap.span for at in others)
        week = [at for at in others if row["due_at"] - timedelta(days=7) < at <= row["due_at"]]
        assert caps.per_week is None or len(week) < caps.per_week
    assert planned["due_at"].null_count() == 0
