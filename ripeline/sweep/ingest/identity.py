"""The identity of events that come without an id: a hash of lead, kind, time, properties, and which of several equal ones it is.

The hash is ours to the last bit, so that no release of a library changes it: BLAKE2b of each distinct text, mixed by splitmix64.
"""

from hashlib import blake2b
from struct import unpack

import polars as pl

from ripeline.sweep.ingest.storing import PROPERTY_TYPES

_PARTS = ("lead_ref", "kind", "at", *PROPERTY_TYPES, "more")
_BITS = 2**59
"""What is kept of a hash: 18 digits. Beside the second they make a chance of 4 in 10 million that two of a million events of one second meet."""


class Occurrences:
    """Counts equal things of one file, batch after batch, in eight bytes each: sorted runs of hashes, merged when they have grown alike."""

    def __init__(self) -> None:
        self._runs: list[pl.Series] = []

    def number(self, hashes: pl.Series) -> pl.Series:
        """Return for each hash how many equal ones came before it, in this file so far."""
        ordered = hashes.sort()
        is_single = ordered.n_unique() == len(ordered)
        before = pl.repeat(0, len(hashes), eager=True, dtype=pl.Int64) if is_single else hashes.to_frame("hash").select(_place("hash")).to_series()
        for run in self._runs:
            first = run.search_sorted(hashes, "left")
            if (run.gather(first.clip(0, len(run) - 1)) == hashes).any():
                before = before + run.search_sorted(hashes, "right").cast(pl.Int64) - first.cast(pl.Int64)
        self._remember(ordered)
        return before

    def _remember(self, run: pl.Series) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = pl.concat([self._runs.pop(), run]).sort()
        self._runs.append(run)


def _place(name: str) -> pl.Expr:
    """Return which of the equal ones a value is, counted from 0 in the order of rows."""
    return pl.int_range(pl.len()).over(name)


def identified(events: pl.DataFrame, source: str, occurrences: Occurrences) -> pl.DataFrame:
    """Return events with `source`, `source_id` and `id`. They have `lead_ref`, `kind`, `at`, properties, and perhaps a `source_id`."""
    given = events["source_id"] if "source_id" in events.columns else pl.Series("source_id", [None] * events.height, pl.String)
    if given.null_count():
        given = given.fill_null(_made(events, occurrences))
    return events.with_columns(pl.lit(source).alias("source"), given, event_ids(source, given))


def event_ids(source: str, source_ids: pl.Series) -> pl.Series:
    """Return `values.event_id` of many, several times as fast."""
    before = f"{source}\x00"
    return (_blake(before, source_ids.to_list()) // 2).cast(pl.Int64).alias("id")


def _made(events: pl.DataFrame, occurrences: Occurrences) -> pl.Series:
    """Return ids that begin with the time, so that the index over ids grows at its end where events come in order."""
    hashes = _content(events)
    numbers = occurrences.number(hashes)
    frame = pl.DataFrame({"at": events["at"].dt.epoch("s"), "hash": hashes, "number": numbers.cast(pl.UInt64)})
    told_apart = pl.when(pl.col("number") > 0).then(_mixed(pl.col("hash") ^ pl.col("number"))).otherwise("hash") % _BITS
    return frame.select(pl.concat_str("at", pl.lit("-"), told_apart.cast(pl.String)).alias("source_id")).to_series()


def _content(events: pl.DataFrame) -> pl.Series:
    """Return a hash of everything each event says, part by part in a fixed order."""
    hashes = pl.Series("hash", [0], pl.UInt64).new_from_index(0, events.height)
    for name in _PARTS:
        frame = pl.DataFrame([hashes, _hash_of(events[name]).alias("part")])
        hashes = frame.select(_mixed(pl.col("hash") ^ pl.col("part")).alias("hash")).to_series()
    return hashes


def _hash_of(column: pl.Series) -> pl.Series:
    """Return a hash of each value, 0 where there is none; each distinct text is hashed once."""
    if column.null_count() == len(column):
        return pl.Series(column.name, [0], pl.UInt64).new_from_index(0, len(column))
    if column.dtype == pl.Float64:
        column = pl.Series(column.name, [None if number is None else repr(number) for number in column.to_list()], pl.String)
    if column.dtype != pl.String:
        return column.to_physical().cast(pl.Int64).reinterpret(signed=False).fill_null(0)
    texts = column.drop_nulls().unique()
    return column.replace_strict(texts, _blake("", texts.to_list()), default=None, return_dtype=pl.UInt64).fill_null(0)


def _blake(before: str, texts: list[str]) -> pl.Series:
    """Return the first 64 bits of BLAKE2b of each text behind `before`; what is the same in all is hashed once, and its state copied."""
    begun = blake2b(before.encode(), digest_size=8)
    digests = []
    for text in texts:
        hashed = begun.copy()
        hashed.update(text.encode())
        digests.append(hashed.digest())
    return pl.Series("hash", unpack(f">{len(texts)}Q", b"".join(digests)), pl.UInt64)


def _mixed(bits: pl.Expr) -> pl.Expr:
    """Return bits stirred by the finisher of splitmix64 (Steele, Lea, Flood, 2014); dividing by a power of two shifts."""
    bits = (bits ^ (bits // 2**30)) * pl.lit(0xBF58476D1CE4E5B9, pl.UInt64)
    bits = (bits ^ (bits // 2**27)) * pl.lit(0x94D049BB133111EB, pl.UInt64)
    return bits ^ (bits // 2**31)
