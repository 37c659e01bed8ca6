"""Local time of many instants at once: what each zone's clock shows."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from ripeline.decide.facts import INSTANT
from ripeline.zones import Zone, offset_at, transitions


def offsets(zones: Sequence[str], since: datetime, until: datetime) -> pl.DataFrame:
    """Return the offsets in force: `zone`, `at` (from when on) and `offset`, sorted, from before `since` to `until`."""
    rows = []
    for name in zones:
        zone = Zone(name)
        rows.append((name, since, offset_at(since, zone)))
        rows += [(name, jump.at, jump.after) for jump in transitions(zone, since, until) if jump.at > since]
    return pl.DataFrame(rows, schema={"zone": pl.String(), "at": INSTANT, "offset": pl.Duration("us")}, orient="row").sort("zone", "at")


def with_local_time(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return `frame` with `local`, the naive wall time that each row's `zone` (an IANA name) shows at its instant `column`."""
    if frame.is_empty():
        return frame.with_columns(local=pl.lit(None, pl.Datetime("us")))
    first, last = frame[column].min(), frame[column].max()
    table = offsets(sorted(set(frame["zone"])), first, last).rename({"at": "since"})  # type: ignore[arg-type]
    ordered = frame.with_row_index("_order").sort(column)
    joined = ordered.join_asof(table, left_on=column, right_on="since", by="zone", strategy="backward", coalesce=False, check_sortedness=False)
    return joined.with_columns(local=pl.col(column).dt.replace_time_zone(None) + pl.col("offset")).sort("_order").select(*frame.columns, "local")
