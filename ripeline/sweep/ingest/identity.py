"""The identity of events that come without an id: a hash of lead, kind, time, properties, and which of several equal ones it is."""

from binascii import b2a_base64
from hashlib import blake2b

import polars as pl

from ripeline.sweep.ingest.storing import PROPERTY_TYPES
from ripeline.values import event_id

_BETWEEN = "\x1f"


class Occurrences:
    """Counts equal things of one file, chunk after chunk, in eight bytes each: sorted runs of hashes, merged when they have grown alike."""

    def __init__(self) -> None:
        self._runs: list[pl.Series] = []

    def number(self, things: pl.Series) -> pl.Series:
        """Return for each text how many equal ones came before it, in this file so far."""
        frame = pl.DataFrame({"hash": things.hash()}).with_columns(pl.int_range(pl.len()).over("hash").alias("here"))
        hashes = frame["hash"]
        before = frame["here"]
        for run in self._runs:
            before = before + run.search_sorted(hashes, "right").cast(pl.Int64) - run.search_sorted(hashes, "left").cast(pl.Int64)
        self._remember(hashes.sort())
        return before

    def _remember(self, run: pl.Series) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = pl.concat([self._runs.pop(), run]).sort()
        self._runs.append(run)


def identified(events: pl.DataFrame, source: str, occurrences: Occurrences) -> pl.DataFrame:
    """Return events with `source`, `source_id` and `id`. They have `lead_ref`, `kind`, `at`, properties, and a `source_id` that may be null.

    What is hashed is text that no library formats, so that it is the same for ever.
    """
    amounts = pl.Series("amount", [None if amount is None else repr(amount) for amount in events["amount"]], pl.String)
    texts = events.with_columns(amounts, pl.col("at").dt.epoch("us"))
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in ("lead_ref", "kind", "at", *PROPERTY_TYPES, "more")]
    whole = texts.select(pl.concat_str(parts, separator=_BETWEEN).alias("whole"))["whole"]
    given = events["source_id"] if "source_id" in events.columns else pl.Series("source_id", [None] * events.height, pl.String)
    if given.null_count():
        number = occurrences.number(whole)
        made = [_hashed(text, count) for text, count in zip(whole, number, strict=True)]
        given = given.fill_null(pl.Series("source_id", made, pl.String))
    ids = pl.Series("id", [event_id(source, each) for each in given], pl.Int64)
    return events.with_columns(pl.lit(source).alias("source"), given.alias("source_id"), ids)


def _hashed(text: str, count: int) -> str:
    whole = f"{text}{_BETWEEN}{count}" if count else text
    return b2a_base64(blake2b(whole.encode(), digest_size=12).digest(), newline=False).decode()
