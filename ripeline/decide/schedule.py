"""Scheduling: the instant of each lead's next touch, for many leads at once.

A wait ends; the lead's window opens; within the `spread` from there each lead has its own minute, always the same share of it;
what the frequency caps do not allow is put off to where they do. Each distinct timing is asked once, not each lead.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import polars as pl

from ripeline.decide.caps import put_off
from ripeline.decide.duration import Duration, Unit
from ripeline.decide.facts import INSTANT
from ripeline.decide.local_time import with_local_time
from ripeline.decide.send_time import at_best_hour
from ripeline.decide.timing import PIECES, Timing, business_hours_after, date_after, midnight, pieces
from ripeline.decide.touch import HOLD_OUT
from ripeline.decide.window import NeverOpens

_MINUTE = timedelta(minutes=1)

GOLDEN = 2_654_435_769
"""2**32 divided by the golden ratio: multiples of it, modulo 2**32, fall apart as evenly as can be, also for ids in a row."""

OCCUPIED = {"lead_id": pl.Int64(), "at": INSTANT}


PLANNED = {"due_at": INSTANT, "local_at": pl.Datetime("us"), "resolution": pl.String(), "cap": pl.String(), "first_local_at": pl.Datetime("us")}


def plan(wanted: pl.DataFrame, timings: Sequence[Timing], occupied: pl.DataFrame) -> pl.DataFrame:
    """Return `wanted` with an instant for each row, the frequency caps kept, and the columns PLANNED.

    wanted: `row`, `lead_id`, `timing` (a number in `timings`), `earliest` (Datetime UTC), `rank` (0: goes first where a lead has several),
    and, where there are lots, `variant`.
    occupied: when each lead heard or will hear from us, OCCUPIED. `due_at` null: the window never opens. `cap` names what put a row off from
    `first_local_at`; null: nothing did.
    """
    parts = [wanted.clear().with_columns(pl.lit(None, dtype).alias(name) for name, dtype in PLANNED.items())]
    for rank in sorted(wanted["rank"].unique()):
        parts.append(_settled(wanted.filter(rank=rank), timings, occupied))
        occupied = pl.concat([occupied, heard(parts[-1])])
    return pl.concat(parts).sort("row")


def heard(planned: pl.DataFrame) -> pl.DataFrame:
    """Return when leads will hear from us by planned touches, OCCUPIED. By one whose `variant` is to get nothing they never do.

    planned: `lead_id`, `due_at` (null: the window never opens) and, where there are lots, `variant`.
    """
    going = planned.filter(pl.col("variant") != HOLD_OUT) if "variant" in planned.columns else planned
    return going.select("lead_id", at="due_at").drop_nulls()


def _settled(rows: pl.DataFrame, timings: Sequence[Timing], occupied: pl.DataFrame) -> pl.DataFrame:
    open_rows = first_fit(rows, timings).with_columns(cap=pl.lit(None, pl.String), first_local_at="local_at")
    settled = []
    while not open_rows.is_empty():
        later = put_off(open_rows, timings, occupied)
        settled.append(open_rows.join(later, on="row", how="anti"))
        moved = open_rows.drop("earliest", "cap", "due_at", "local_at", "resolution").join(later, on="row", how="inner")
        open_rows = first_fit(moved, timings).select(open_rows.columns)
    return pl.concat([open_rows, *settled]).select(*rows.columns, *PLANNED)


def share_of(lead_id: pl.Expr) -> pl.Expr:
    """Return a lead's own share of a spread, from 0 up to but not at 1: the same for ever, evenly spread over leads."""
    return ((lead_id % 2**31) * GOLDEN % 2**32).cast(pl.Float64) / 2**32


def waits_over(wanted: pl.DataFrame, timings: Sequence[Timing], waits: Sequence[Duration]) -> pl.Series:
    """Return when each wait is over (Datetime UTC; null: never).

    wanted: `since` (Datetime UTC), `timing` and `wait` (numbers in `timings` and `waits`). Waits in days count dates on the lead's clock and
    end with the first instant of a date, though not before `since`; hours pass as they do, business hours while the window is open.
    """
    parts = [_over(part, timings, waits[number]) for (number,), part in wanted.select("since", "timing", "wait").with_row_index("row").group_by("wait")]
    empty = pl.DataFrame(schema={"row": pl.UInt32(), "over": INSTANT})
    return pl.concat([empty, *parts]).sort("row")["over"]


def _over(part: pl.DataFrame, timings: Sequence[Timing], wait: Duration) -> pl.DataFrame:
    if wait.unit in (Unit.MINUTE, Unit.HOUR):
        return part.select("row", over=pl.col("since") + wait.span)
    if wait.unit is Unit.BUSINESS_HOUR:
        return _by_key(part, ["timing", "since"], lambda timing, since: _hours(since, wait, timings[timing]))
    dated = with_local(part, "since", timings).with_columns(day=pl.col("local").dt.date())
    over = _by_key(dated, ["timing", "day"], lambda timing, day: midnight(date_after(day, wait, timings[timing].calendar), timings[timing].zone.name))
    return over.join(part.select("row", "since"), on="row").select("row", over=pl.max_horizontal("over", "since"))


def _hours(since: datetime, wait: Duration, timing: Timing) -> datetime | None:
    try:
        return business_hours_after(since, wait, timing)
    except NeverOpens:
        return None


def _by_key(frame: pl.DataFrame, keys: list[str], answer: Callable[..., datetime | None]) -> pl.DataFrame:
    """Return `row` and `over`, the answer worked out once for each distinct key."""
    distinct = frame.select(keys).unique()
    answers = pl.Series("over", [answer(*key) for key in distinct.iter_rows()], dtype=INSTANT)
    return frame.join(distinct.with_columns(answers), on=keys).select("row", "over")


def with_local(frame: pl.DataFrame, column: str, timings: Sequence[Timing]) -> pl.DataFrame:
    """Return `frame` with `local`, the naive wall time that each row's `timing` shows at its instant `column`."""
    names = pl.DataFrame({"timing": range(len(timings)), "zone": [timing.zone.name for timing in timings]}, schema={"timing": pl.Int32(), "zone": pl.String()})
    zoned = frame.select("timing", column).join(names, on="timing", how="left", maintain_order="left")  # of leads, `zone` is what they say of themselves
    return frame.with_columns(with_local_time(zoned, column)["local"])


def first_fit(wanted: pl.DataFrame, timings: Sequence[Timing]) -> pl.DataFrame:
    """Return `wanted` with the instant chosen for each row, caps aside.

    wanted: `row`, `lead_id`, `timing`, `earliest` (Datetime UTC), and, where send times are learned, `hours` (List, the best first; null: any).
    Added: `due_at` (Datetime UTC, null: the window never opens), `local_at` (naive) and `resolution`. Wall times are whole minutes.
    """
    chosen = ["due_at", "local_at", "resolution"]
    if wanted.is_empty():
        return wanted.with_columns(due_at=pl.lit(None, INSTANT), local_at=pl.lit(None, pl.Datetime("us")), resolution=pl.lit(None, pl.String))
    rows = wanted.with_columns(start=(pl.col("earliest") + _MINUTE - timedelta(microseconds=1)).dt.truncate("1m"))
    table = _pieces_for(rows, timings)
    joined = rows.sort("start").join_asof(
        table, left_on="start", right_on="closes", by="timing", strategy="forward", allow_exact_matches=False, coalesce=False, check_sortedness=False
    )
    opened = joined.with_columns(begins=pl.when(pl.col("opens").is_not_null()).then(pl.max_horizontal("opens", "start"))).with_columns(
        room=pl.col("closes") - pl.col("begins")
    )
    if "hours" in wanted.columns:
        better = at_best_hour(opened)
        opened = opened.update(better, on="row") if better.height else opened
    minutes = pl.min_horizontal("room", "spread").dt.total_minutes()
    step = (share_of(pl.col("lead_id")) * minutes).floor().cast(pl.Int64) * 60_000_000
    return (
        opened.with_columns(due_at=pl.col("begins") + step.cast(pl.Duration("us")))
        .with_columns(local_at=pl.col("due_at").dt.replace_time_zone(None) + pl.col("offset"))
        .select(*wanted.columns, *chosen)
        .sort("row")
    )


def _pieces_for(rows: pl.DataFrame, timings: Sequence[Timing]) -> pl.DataFrame:
    """Return the pieces that these rows can fall into, with the `spread` of their timing."""
    asked = rows.group_by("timing").agg(first=pl.col("start").min(), last=pl.col("start").max()).iter_rows()
    found = [
        (number, max(timings[number].window.spread.span, _MINUTE), *piece) for number, first, last in asked for piece in pieces(timings[number], first, last)
    ]
    return pl.DataFrame(found, schema={"timing": pl.Int32(), "spread": pl.Duration("us"), **PIECES}, orient="row").sort("timing", "closes")
