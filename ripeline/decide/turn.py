"""Turns of touches that go by a date: a contract that ends, a birthday of a purchase, a day of the calendar."""

from calendar import isleap
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from ripeline.decide.calendar import Calendar
from ripeline.decide.duration import Duration, Unit
from ripeline.decide.facts import INSTANT
from ripeline.decide.schedule import with_local
from ripeline.decide.timing import Timing, midnight
from ripeline.decide.touch import Touch

_LEAP_DAY = (2, 29)


def day_of(touch: Touch, anchor: date, since: date, calendar: Calendar) -> date:
    """Return the local date on which a touch's turn comes by the date it hangs on.

    Not yearly: the one day, even if it is past. Yearly: the first on or after `since`; the 29th of February is the 28th in other years.
    """
    if not touch.yearly:
        return _moved(touch, anchor, calendar)
    days = (_moved(touch, _in_year(anchor, year), calendar) for year in range(since.year - 1, since.year + 4))
    return next(day for day in days if day >= since)


def _in_year(anchor: date, year: int) -> date:
    is_missing = (anchor.month, anchor.day) == _LEAP_DAY and not isleap(year)
    return date(year, 2, 28) if is_missing else anchor.replace(year=year)


def _moved(touch: Touch, day: date, calendar: Calendar) -> date:
    distance, sign = (touch.before, -1) if touch.before else (touch.after, 1)
    if distance is None:
        return day
    return _business(day, distance, sign, calendar) if distance.unit is Unit.BUSINESS_DAY else day + sign * distance.span


def _business(day: date, distance: Duration, sign: int, calendar: Calendar) -> date:
    if sign > 0:
        return calendar.business_day_after(day, distance.amount)
    left, back = distance.amount, day
    for _ in range(366 + distance.amount * 14):
        if not left:
            return back
        back -= timedelta(days=1)
        left -= calendar.is_business(back)
    raise ValueError(f"calendar {calendar.name!r} has too few business days before {day}")


def with_turns(rows: pl.DataFrame, timings: Sequence[Timing], dated: Sequence[Touch]) -> pl.DataFrame:
    """Return `rows` with `over` moved to the first instant of the day that a dated touch hangs on, and `lapse`, why it has no turn (null: it has one).

    rows: `row`, `timing`, `over` (Datetime UTC: the wait has ended), `dated` (a number in `dated`; null: by its wait alone), `anchor` (Date of the lead;
    null: nobody knows it).
    """
    none = pl.DataFrame(schema={"row": pl.UInt32(), "turn": INSTANT, "lapse": pl.String()})
    asked = rows.filter(pl.col("dated").is_not_null())
    turns = none if asked.is_empty() else pl.concat([none, _turns(asked, timings, dated)])
    joined = rows.join(turns, on="row", how="left", maintain_order="left")
    return joined.with_columns(over=pl.max_horizontal("over", "turn")).drop("turn")


def _turns(asked: pl.DataFrame, timings: Sequence[Timing], dated: Sequence[Touch]) -> pl.DataFrame:
    """Work each distinct day out once."""
    local = with_local(asked, "over", timings).with_columns(since=pl.col("local").dt.date())
    keys = ["timing", "dated", "anchor", "since"]
    distinct = local.select(keys).unique()
    answers = [turn_of(timings[timing], dated[number], anchor, since) for timing, number, anchor, since in distinct.iter_rows()]
    told = pl.DataFrame(answers, schema={"turn": INSTANT, "lapse": pl.String()}, orient="row")
    return local.select("row", *keys).join(pl.concat([distinct, told], how="horizontal"), on=keys, nulls_equal=True).select("row", "turn", "lapse")


def turn_of(timing: Timing, touch: Touch, anchor: date | None, since: date) -> tuple[datetime | None, str | None]:
    """Return when a dated touch has its turn, and why it has none; one of them is None. since: the local date on which its wait has ended."""
    if anchor is None:
        return None, f"skipped: {touch.on} is not known"
    day = day_of(touch, anchor, since, timing.calendar)
    if day < since:
        return None, f"skipped: its day, {day}, was past when its turn came"
    return midnight(day, timing.zone.name), None
