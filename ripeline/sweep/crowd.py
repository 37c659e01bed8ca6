"""Crowds of events: what is read at once stays bounded, whatever one lead, or a thousand busy ones, did."""

import logging
from collections.abc import Callable, Iterator, Sequence

import polars as pl

from ripeline.decide.rules.limit import newest_first

log = logging.getLogger(__name__)

MOST_EVENTS = 50_000
"""Of one lead at most so many of the events that are asked for count, the newest: whoever does more is a program."""

MOST_ROWS = 750_000
"""So many events are read at once: some 200 MB."""


class TooManyEvents(Exception):
    """Of these leads there are more events than are read at once. `parts` are the leads in portions that can be."""

    def __init__(self, parts: Sequence[pl.Series]) -> None:
        super().__init__(f"too many events at once: read {len(parts)} portions one by one")
        self.parts = parts


def in_portions(work: Callable[[pl.Series], pl.DataFrame], lead_ids: pl.Series) -> pl.DataFrame:
    """Return what `work` makes of these leads; where it raises TooManyEvents, of each portion that it names, one after another.

    So what is held at once is the facts of one portion, and the rows, mostly one a lead, that were made of those before.
    """
    try:
        return work(lead_ids)
    except TooManyEvents as crowd:
        return pl.concat([in_portions(work, part) for part in crowd.parts])


def parts_by_events(lead_ids: pl.Series, counts: pl.DataFrame, most: int) -> list[pl.Series]:
    """Return the leads in order, in portions of at most `most` events; one who has more is alone. `counts`: `lead_id`, `events`."""
    known = lead_ids.sort().to_frame("lead_id").join(counts, on="lead_id", how="left", maintain_order="left").with_columns(pl.col("events").fill_null(0))
    portion = pl.Series("portion", list(_portions(known["events"].to_list(), most)), dtype=pl.Int64)
    return [part["lead_id"] for part in known.with_columns(portion).partition_by("portion", maintain_order=True)]


def _portions(counts: Sequence[int], most: int) -> Iterator[int]:
    """Yield the number of the portion into which each lead goes."""
    portion, filled = 0, 0
    for count in counts:
        if filled and filled + count > most:
            portion, filled = portion + 1, 0
        filled += count
        yield portion


def newest_of_each(events: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the events without those of a lead that come after its newest `most`, by time and then id; who had more is logged."""
    if events.height <= most or _is_quiet(events["lead_id"], most):
        return events
    crowded = events.group_by("lead_id").len().filter(pl.col("len") > most)["lead_id"].sort()
    if crowded.is_empty():
        return events
    told_of(crowded, most)
    is_crowded = pl.col("lead_id").is_in(crowded.implode())
    kept = newest_first(events.lazy().filter(is_crowded)).filter(pl.int_range(pl.len()).over("lead_id") < most).collect()
    return pl.concat([events.filter(~is_crowded), kept])


def _is_quiet(lead_ids: pl.Series, most: int) -> bool:
    """Tell at a glance that nobody has more than `most` events, where they come lead by lead, as they mostly do; False tells nothing."""
    lead = pl.col("lead_id")
    return bool(lead_ids.to_frame().select(((lead >= lead.shift()) & (lead != lead.shift(most)).fill_null(True)).all()).item())


def told_of(lead_ids: pl.Series, most: int) -> None:
    """Log a line for each lead of whom only the newest events count."""
    for lead_id in lead_ids:
        log.warning("lead %d has more than %d events that are asked for: only the newest count", lead_id, most)
