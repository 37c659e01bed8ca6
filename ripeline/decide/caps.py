"""Frequency caps: which planned touches come too soon, and from when on they do not."""

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from ripeline.decide.facts import INSTANT
from ripeline.decide.limits import WEEK
from ripeline.decide.local_time import with_local_time
from ripeline.decide.timing import Timing, midnight

_DAY = timedelta(days=1)

PUT_OFF = {"row": pl.UInt32(), "earliest": INSTANT, "cap": pl.String()}


def put_off(rows: pl.DataFrame, timings: Sequence[Timing], occupied: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that a cap does not allow where they are, with the columns PUT_OFF: from when on to look again, and which cap.

    rows: `row`, `lead_id`, `timing`, `due_at`, `local_at` (naive). occupied: `lead_id`, `at`, also what is planned after `due_at`: a week is
    any seven times 24 hours around it. Every answer is later than `due_at`, so that looking again comes to an end.
    """
    placed = rows.select("row", "lead_id", "timing", "due_at", "local_at").filter(pl.col("due_at").is_not_null())
    pairs = placed.join(occupied, on="lead_id", how="inner")
    if pairs.is_empty():
        return pl.DataFrame(schema=PUT_OFF)
    table = _caps_of(timings)
    near = pairs.join(table, on="timing", how="left").with_columns(day=pl.col("local_at").dt.date(), apart=(pl.col("at") - pl.col("due_at")).abs())
    near = with_local_time(near, "at").with_columns(same_day=pl.col("local").dt.date() == pl.col("day"))
    held = near.group_by("row").agg(
        pl.col("zone", "day").first(),
        gap=pl.when(pl.col("apart") < pl.col("gap_span")).then(pl.col("at") + pl.col("gap_span")).max(),
        is_full_day=pl.col("same_day").sum() >= pl.col("per_day").first(),
        week=_week_over(),
        gap_name=pl.col("gap_name").first(),
        day_name=pl.format("cap of {} a day", pl.col("per_day").first()),
        week_name=pl.format("cap of {} in seven days", pl.col("per_week").first()),
    )
    return _latest(held.with_columns(day=_next_midnight(held)))


def _caps_of(timings: Sequence[Timing]) -> pl.DataFrame:
    schema = {"timing": pl.Int32(), "zone": pl.String(), "per_day": pl.Int64(), "per_week": pl.Int64(), "gap_span": pl.Duration("us"), "gap_name": pl.String()}
    rows = [
        (number, timing.zone.name, timing.caps.per_day, timing.caps.per_week, timing.caps.gap.span if timing.caps.gap else None, f"gap of {timing.caps.gap}")
        for number, timing in enumerate(timings)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _week_over() -> pl.Expr:
    """Return from when on fewer than `per_week` others lie within seven days of a row; null: they do already."""
    others = pl.col("at").filter(pl.col("apart") < WEEK).sort()
    surplus = others.len().cast(pl.Int64) - pl.col("per_week").first()
    return pl.when(surplus >= 0).then(others.get(surplus.clip(0), null_on_oob=True) + WEEK)


def _next_midnight(held: pl.DataFrame) -> pl.Series:
    """Return the first instant of the next local date where a day is full; null elsewhere."""
    full = held["is_full_day"].fill_null(False)
    days = zip(held["day"], held["zone"], full, strict=True)
    return pl.Series([midnight(day + _DAY, zone) if is_full else None for day, zone, is_full in days], dtype=INSTANT)


def _latest(held: pl.DataFrame) -> pl.DataFrame:
    latest = pl.max_horizontal("gap", "day", "week")
    named = pl.when(latest == pl.col("week")).then("week_name").when(latest == pl.col("gap")).then("gap_name").otherwise("day_name")
    return held.select("row", earliest=latest, cap=named).drop_nulls("earliest").cast(PUT_OFF)  # type: ignore[arg-type]
