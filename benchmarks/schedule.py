"""Planning everybody's next touch by the shipped playbook, beside reading the same leads and their enrolments."""

import time
from datetime import timedelta

import polars as pl
import sqlalchemy as sa

from benchmarks.bases import sqlite
from benchmarks.goals import SCHEDULE
from benchmarks.ours import BATCH, Told, ours, playbook_with
from benchmarks.population import NOW, consents, fill
from benchmarks.row import Row
from ripeline.database import engine_for
from ripeline.sweep.schedule.due import Held
from ripeline.sweep.schedule.gather import Whose, read_enrolments

GOAL = 30_000
TRACKS = ("awareness", "consideration", "decision")
ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Lisbon", "Europe/Kyiv", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns",
    "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Shanghai", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Africa/Nairobi",
)  # fmt: skip


def run(small: bool) -> list[Row]:
    """Return the row at the usual size."""
    return rows(400, 1) if small else rows(200_000, 3)


def rows(leads: int, rounds: int) -> list[Row]:
    """Return a row for so many leads, each in a track since yesterday, half of them with a zone of their own; four in five agreed to mail."""
    every = [_round(leads) for _ in range(rounds)]
    read, told = min(read for read, _ in every), min((told for _, told in every), key=lambda told: told.seconds)
    rate, planned = leads / told.seconds, told.counts["planned"]
    said = f"reading them: {leads / read:,.0f} leads/s"
    return [
        Row(
            SCHEDULE, f"schedule the next touch of {leads:,} leads, SQLite", f"{rate:,.0f} leads/s, {planned:,} planned", said, told.seconds / read,
            f"at least {GOAL:,} leads/s", rate >= GOAL, told.peak_mib,
        )
    ]  # fmt: skip


def _round(leads: int) -> tuple[float, Told]:
    with sqlite(leads, 0) as url:
        _put_into_tracks(url, leads)
        read = _read(url, leads)
        engine_for(url).dispose()
        return read, ours("schedule", url)


def _put_into_tracks(url: str, leads: int) -> None:
    fill(engine_for(url), "consent", consents(leads))
    fill(engine_for(url), "enrolment", _enrolments(leads))
    with engine_for(url).begin() as connection:
        for number, zone in enumerate(ZONES):
            connection.execute(sa.text(f"UPDATE lead SET zone = :zone WHERE id % {2 * len(ZONES)} = {number}"), {"zone": zone})
        connection.exec_driver_sql("ANALYZE")


def _enrolments(leads: int) -> pl.DataFrame:
    ids = pl.DataFrame({"lead_id": pl.int_range(1, leads + 1, eager=True)})
    track = (pl.col("lead_id") % len(TRACKS)).replace_strict(dict(enumerate(TRACKS)), return_dtype=pl.String)
    words = {"group": "nurture", "version": playbook_with(None).hash, "entered_because": "benchmark"}
    entered_at = pl.lit(NOW - timedelta(days=1), pl.Datetime("us", "UTC"))
    return ids.with_columns(track=track, entered_at=entered_at, **{name: pl.lit(word) for name, word in words.items()})


def _read(url: str, leads: int) -> float:
    """Return how long it takes to read them all, after one batch that starts everything up."""
    batches = [range(first, first + BATCH) for first in range(1, leads + 1, BATCH)]
    _read_batch(url, batches[0])
    begun = time.perf_counter()
    for batch in batches:
        _read_batch(url, batch)
    return time.perf_counter() - begun


def _read_batch(url: str, batch: range) -> None:
    engine = engine_for(url)
    read_enrolments(engine, Whose.due(Held(engine, batch, BATCH)), NOW, BATCH)
