"""Every zone of the database, over every jump of its clock from 2024 to 2030, in every kind of window: nothing lost, doubled, or outside (RELIABILITY C).

Zones whose clocks show the same over these years are one zone to every rule, so each kind of clock is asked once; no example is drawn by chance.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl

from ripeline.decide.calendar import WORLD, Calendar
from ripeline.decide.duration import Duration
from ripeline.decide.limits import Caps
from ripeline.decide.schedule import OCCUPIED, plan, waits_over
from ripeline.decide.timing import Timing
from ripeline.decide.window import Quiet, Window
from ripeline.zones import Transition, Zone, offset_at, to_local, to_utc, transitions, zone_names

SINCE, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
DAYS = 4
"""So many touches go, a day apart, beginning the day before the jump."""

ONE_A_DAY = Caps(per_day=1, per_week=None)
QUIET = Quiet.model_validate({"from": "21:00", "to": "08:00"})


def a_window(opens: str, closes: str, days: str = "any") -> Window:
    return Window.model_validate({"from": opens, "to": closes, "days": days, "spread": "30 minutes"})


DAYTIME = a_window("09:00", "17:00")
WINDOWS = {
    "daytime": (DAYTIME, None),
    "overnight": (a_window("22:00", "06:00"), None),
    "mostly swallowed by a gap": (a_window("02:15", "02:45"), None),
    "over midnight": (a_window("23:30", "00:30"), None),
    "always but for quiet hours": (a_window("00:00", "00:00"), QUIET),
    "business days, the day of the jump a holiday": (a_window("09:00", "17:00", "business"), QUIET),
    "named weekdays, early": (a_window("00:15", "04:00", "mon-fri"), None),
}


@cache
def clocks() -> dict[tuple[timedelta, tuple[Transition, ...]], list[str]]:
    """Return the zones of the database by what their clocks show from 2024 to 2030."""
    found: dict[tuple[timedelta, tuple[Transition, ...]], list[str]] = defaultdict(list)
    for name in zone_names():
        found[offset_at(SINCE, Zone(name)), transitions(Zone(name), SINCE, UNTIL)].append(name)
    return dict(found)


@cache
def cases() -> tuple[list[Timing], list[datetime], list[str]]:
    """Return a timing for each kind of clock, jump and window, when to begin, and the window's name; a clock that never jumps is asked once."""
    timings, begins, kinds = [], [], []
    for (_, jumps), (name, *_) in clocks().items():
        for at in [jump.at for jump in jumps] or [SINCE + timedelta(days=500)]:
            day = to_local(at, Zone(name)).date()
            for kind, (window, quiet) in WINDOWS.items():
                timings.append(Timing(Zone(name), Calendar("feast", holidays=frozenset({day})) if "holiday" in kind else WORLD, window, quiet, ONE_A_DAY))
                begins.append(at - timedelta(days=1))
                kinds.append(kind)
    return timings, begins, kinds


@cache
def series() -> pl.DataFrame:
    """Return `row` (a case), `day` and what `plan` tells of its touch, one a day, each planned when the last has gone."""
    timings, begins, _ = cases()
    base = pl.DataFrame({"row": range(len(timings)), "since": begins}, schema={"row": pl.UInt32(), "since": pl.Datetime("us", "UTC")})
    rows = base.with_columns(lead_id=pl.col("row").cast(pl.Int64) + 1, timing=pl.col("row").cast(pl.Int32), rank=pl.lit(0, pl.Int64))
    occupied, parts, waits = pl.DataFrame(schema=OCCUPIED), [], [Duration.parse("0 days"), Duration.parse("1 day")]
    for day in range(DAYS):
        asked = rows.with_columns(wait=pl.lit(min(day, 1), pl.Int32))
        planned = plan(asked.with_columns(earliest=waits_over(asked, timings, waits)), timings, occupied)
        parts.append(planned.with_columns(day=pl.lit(day)))
        occupied = pl.concat([occupied, planned.select("lead_id", at="due_at")])
        rows = rows.with_columns(since=planned["due_at"])
    return pl.concat(parts).sort("row", "day")


def told() -> list[tuple[Timing, str, list[dict[str, Any]]]]:
    """Return each case with its window's name and its touches."""
    timings, _, kinds = cases()
    rows = series().select("row", "due_at", "local_at", "resolution").partition_by("row", as_dict=True)
    return [(timing, kind, rows[number,].to_dicts()) for number, (timing, kind) in enumerate(zip(timings, kinds, strict=True))]


def wall_is_open(local: datetime, timing: Timing) -> bool:
    """Say by the clock on the wall alone whether a touch may go: an oracle that knows no zone."""
    window, minute = timing.window, local.time()
    is_past_midnight = window.is_overnight and minute < window.closes
    inside = is_past_midnight or (minute >= window.opens if window.is_overnight else window.opens <= minute < window.closes)
    opened_on = local.date() - timedelta(days=is_past_midnight)
    noisy = timing.quiet is None or timing.quiet.closes <= minute < timing.quiet.opens
    return inside and noisy and window.allows(local.date(), timing.calendar) and window.allows(opened_on, timing.calendar)


def test_every_zone_and_every_jump_of_seven_years_is_asked():
    zones = [name for names in clocks().values() for name in names]

    assert sorted(zones) == sorted(zone_names())
    assert {timing.zone.name for timing in cases()[0]} == {names[0] for names in clocks().values()}
    assert len(cases()[0]) == len(WINDOWS) * sum(max(1, len(jumps)) for _, jumps in clocks())


def test_over_every_jump_no_touch_is_lost_doubled_outside_its_window_or_second_on_its_day():
    """One test, so that one process of a run works the touches out."""
    for timing, kind, touches in told():
        assert [touch["due_at"] for touch in touches if touch["due_at"] is None] == [], (timing.zone, kind)
        _its_wall_time_means_its_instant(timing, kind, touches)
        _is_inside_its_window(timing, kind, touches)
        _one_local_day_has_one(timing, kind, touches)


def _its_wall_time_means_its_instant(timing: Timing, kind: str, touches: list[dict[str, Any]]) -> None:
    """Say that none is lost in a gap, in the second pass of a repeated hour, or on a date that does not exist."""
    for touch in touches:
        assert to_local(touch["due_at"], timing.zone) == touch["local_at"], (timing.zone, kind, touch)
        assert to_utc(touch["local_at"], timing.zone).at == touch["due_at"], (timing.zone, kind, touch)


def _is_inside_its_window(timing: Timing, kind: str, touches: list[dict[str, Any]]) -> None:
    for touch in touches:
        assert touch["resolution"] == "gap" or wall_is_open(touch["local_at"], timing), (timing.zone, kind, touch)


def _one_local_day_has_one(timing: Timing, kind: str, touches: list[dict[str, Any]]) -> None:
    """Say that no day has two, and that in the daytime none is without."""
    dates: list[date] = [touch["local_at"].date() for touch in touches]
    assert all(one < other for one, other in pairwise(dates)), (timing.zone, kind, dates)
    if timing.window == DAYTIME:
        assert dates == [dates[0] + timedelta(days=day) for day in range(DAYS)], (timing.zone, dates)
    elif timing.window.days == "any":
        assert all(other - one <= timedelta(days=2) for one, other in pairwise(dates)), (timing.zone, kind, dates)
