"""Segmenting everybody by the shipped playbook, beside reading the same leads: the first pass, and a pass after which one in a hundred had news.

To read a lead is to read, in bulk, its standing and its live score; the first pass judges by what leads did, so there its facts belong to it. Scores
are made by ours, unmeasured: before the second pass every single one is made anew, and the sweep must find out by itself that few of them matter.
"""

import time
from collections.abc import Callable
from datetime import timedelta

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from benchmarks.bases import sqlite
from benchmarks.goals import SEGMENT
from benchmarks.ours import BATCH, Told, ours, playbook_with
from benchmarks.population import NOW, fill, happenings
from benchmarks.row import Row
from models import Lead
from ripeline.database import engine_for
from ripeline.sweep.facts import read_facts
from ripeline.sweep.segment.gather import read_standing
from ripeline.sweep.segment.rules import needs_of, rules_of

EACH = 10
MOVING_EVERY = 100
READS, FIRST_READS = 3, 5


def run(small: bool) -> list[Row]:
    """Return the rows at the usual size."""
    return rows(400, 1) if small else rows(200_000, 3)


def rows(leads: int, rounds: int) -> list[Row]:
    """Return a row for the first pass over so many leads, and one for the pass after news of some, the best of so many rounds."""
    with sqlite(leads, EACH) as url:
        ours("rescore", url)
        first = ours("segment", url)
        with_facts = min(_read(url, leads, _whole) for _ in range(rounds))
        passes = [_after_news(url, leads, number) for number in range(1, rounds + 1)]
    read, second = min(read for read, _ in passes), min((told for _, told in passes), key=lambda told: told.seconds)
    what = f"segment {leads:,} leads, SQLite"
    written, judged = f"and {first.writing:.2f} s of writing", f"{second.counts['judged']:,} judged, {second.counts['moved']:,} moved"
    alone, beside = first.seconds - first.writing, "reading them and their facts"
    return [
        _row(f"{what}, first pass, its writes apart", alone, written, beside, with_facts, FIRST_READS, first.peak_mib),
        _row(f"{what}, 1 % with news, all scored anew", second.seconds, judged, "reading them", read, READS, second.peak_mib),
    ]


def _after_news(url: str, leads: int, number: int) -> tuple[float, Told]:
    """Return how long it takes to read everybody, and the pass so many hours later, when some had news and all were scored anew."""
    later = NOW + timedelta(hours=number)
    read = _read(url, leads, _standing)
    _give_news(url, leads, number)
    ours("rescore", url, full=True, now=later)
    return read, ours("segment", url, now=later)


def _row(what: str, seconds: float, more: str, said: str, read: float, most: int, peak: float) -> Row:
    return Row(SEGMENT, what, f"{seconds:.2f} s, {more}", f"{said}: {read:.2f} s", seconds / read, f"at most {most}", seconds / read <= most, peak)


def _read(url: str, leads: int, read: Callable[[str, range], pl.DataFrame]) -> float:
    """Return how long it takes to read them all, after one batch that starts everything up."""
    batches = [range(first, first + BATCH) for first in range(1, leads + 1, BATCH)]
    read(url, batches[0])
    begun = time.perf_counter()
    for batch in batches:
        read(url, batch)
    return time.perf_counter() - begun


def _standing(url: str, ids: range) -> pl.DataFrame:
    return read_standing(engine_for(url), sa.and_(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop), len(ids))


def _whole(url: str, ids: range) -> pl.DataFrame:
    rules = rules_of(playbook_with(None))
    conditions = [*rules.stages.conditions, *(each for book in rules.tracks.values() for each in book.conditions)]
    standing = _standing(url, ids)
    facts = read_facts(engine_for(url), ids, needs_of(conditions), rules.playbook.fields, NOW, only=standing["id"]).facts
    return standing.join(facts.leads, on="id", how="inner")


def _give_news(url: str, leads: int, number: int) -> None:
    """One lead in a hundred asks for a demo, that many hours later; in each round others."""
    asked = happenings(range(1, leads + 1), 1).filter(pl.col("lead_id") % MOVING_EVERY == number)
    empty = (pl.lit(None).cast(asked.schema[name]).alias(name) for name in ("path", "seconds", "asset", "touch", "form"))
    at = pl.lit(NOW + timedelta(hours=number), pl.Datetime("us", "UTC"))
    rows = asked.with_columns(*empty, pl.col("id") + leads * EACH * number, at=at, received_at=at, kind=pl.lit("demo_requested"))
    fill(engine_for(url), "event", rows.with_columns(source_id=pl.col("id").cast(pl.String)))
    with engine_for(url).begin() as connection:
        connection.execute(sa.text(f"UPDATE lead SET facts_seq = facts_seq + 1 WHERE id % {MOVING_EVERY} = {number}"))
    engine_for(url).dispose()
