"""Forty rules of every kind (card.toml): everybody beside SQL and beside plain Python, only those with news, bases of several sizes, and `explain`.

Plain Python works off some of the leads and is scaled up per lead: all of them would take it many minutes.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import polars as pl
import sqlalchemy as sa

from benchmarks.beside_sql import Referee, beside_sql
from benchmarks.card_sql import parameters, statement
from benchmarks.ours import Told, ours, playbook_with
from benchmarks.plainly import plainly
from benchmarks.population import NOW, databases, fill, happenings, populate, sqlite_base
from benchmarks.row import Row
from models import PlaybookApplication
from ripeline.database import engine_for, open_session
from ripeline.playbook.applied import store_version
from ripeline.sweep.explaining import explain_lead

CARD = Path(__file__).with_name("card.toml")
PEAK_MIB = 1536
TIMES_PLAIN = 5
SHARE, MORE_SECONDS = 0.03, 1.0
STEADY = 1.2
EXPLAIN_MS = 100
EACH = 10
SAMPLE = 5_000
EXPLAINED = 50
NEWS_EVERY = 100


def run(small: bool) -> list[Row]:
    """Return the rows at the usual sizes; `million` measures the whole one."""
    return rows(400, [200, 400]) if small else rows(200_000, [10_000, 50_000, 200_000])


def rows(leads: int, sizes: list[int]) -> list[Row]:
    """Return every row for so many leads; `sizes` are the bases whose cost a lead is compared."""
    with databases(os.environ.get("RIPELINE_TEST_POSTGRES_URL")) as urls:
        return [row for name, url in urls.items() for row in _on(name, url, leads)] + [_steady(sizes)]


def _on(name: str, url: str, leads: int) -> Iterator[Row]:
    populate(url, leads, EACH)
    dialect = engine_for(url).dialect.name
    told, seconds = beside_sql(url, CARD, Referee(statement(dialect, playbook_with(None).lists), parameters(NOW, dialect)), rounds=1)
    what = f"rescore {leads:,} leads, {leads * EACH:,} events, 40 rules, {name}"
    said, ratio = f"SQL, totals alone: {seconds:.2f} s", told.seconds / seconds
    yield Row(what, f"{told.seconds:.2f} s", said, ratio, "below 1, under 1.5 GiB", ratio < 1 and told.peak_mib < PEAK_MIB, told.peak_mib)
    if name == "SQLite":
        yield _beside_plain(what, url, told, leads)
    yield _news(name, url, told, leads)
    yield _explained(name, url, leads)


def _beside_plain(what: str, url: str, told: Told, leads: int) -> Row:
    sample = min(SAMPLE, leads)
    plain = plainly(url, sample) / sample * leads
    said, ratio = f"plain Python, {sample:,} leads scaled up: {plain:.0f} s", told.seconds / plain
    return Row(what, f"{told.seconds:.2f} s", said, ratio, f"at most {1 / TIMES_PLAIN}", ratio * TIMES_PLAIN <= 1)


def _news(name: str, url: str, full: Told, leads: int) -> Row:
    """Give one lead in a hundred an event more, and rescore whoever has news."""
    more = happenings(range(1, leads + 1), 1).filter(pl.col("lead_id") % NEWS_EVERY == 0)
    fill(engine_for(url), "event", more.with_columns(pl.col("id") + leads * EACH).with_columns(source_id=pl.col("id").cast(pl.String)))
    with engine_for(url).begin() as connection:
        connection.execute(sa.text(f"UPDATE lead SET facts_seq = facts_seq + 1 WHERE id % {NEWS_EVERY} = 0"))
    told = ours("rescore", url, CARD)
    if told.counts["scored"] != leads // NEWS_EVERY:
        raise SystemExit(f"{leads // NEWS_EVERY} leads have news, and {told.counts['scored']} were scored")
    most, what = SHARE * full.seconds + MORE_SECONDS, f"rescore 1 % of {leads:,} leads, 40 rules, {name}"
    goal = f"at most 3 % of the whole and 1 s: {most:.2f} s"
    return Row(what, f"{told.seconds:.2f} s", f"all of them: {full.seconds:.2f} s", told.seconds / full.seconds, goal, told.seconds <= most, told.peak_mib)


def _explained(name: str, url: str, leads: int) -> Row:
    """Explain some leads of the base, by the playbook as it is shipped, after one that starts everything up."""
    shipped, applied = playbook_with(None), NOW - timedelta(days=1)
    with open_session(url) as session:
        store_version(session, shipped, now=applied, by="benchmark")
        session.add(PlaybookApplication(hash=shipped.hash, applied_at=applied, applied_by="benchmark"))
        session.commit()
    every = max(leads // EXPLAINED, NEWS_EVERY)
    took = [_explain(url, lead_id) for lead_id in range(1, leads + 1, every)][1:]
    said = f"{median(took):.0f} ms, the slowest {max(took):.0f} ms"
    return Row(f"explain one of {leads:,} leads, {name}", said, "", None, f"under {EXPLAIN_MS} ms", max(took) < EXPLAIN_MS)


def _explain(url: str, lead_id: int) -> float:
    begun = time.perf_counter()
    with open_session(url, writes=False) as session:
        explain_lead(session, lead_id, NOW)
    return (time.perf_counter() - begun) * 1000


def _steady(sizes: list[int]) -> Row:
    """Rescore bases of several sizes and compare what a lead costs in them."""
    with TemporaryDirectory(prefix="ripeline-bench-") as folder:
        costs = {leads: ours("rescore", sqlite_base(Path(folder, f"{leads}.db"), leads, EACH), CARD).seconds / leads * 1e6 for leads in sizes}
    smallest, told = costs[min(sizes)], ", ".join(f"{leads:,}: {cost:.0f} µs" for leads, cost in costs.items())
    what, ratio = f"rescore a lead in a base of {min(sizes):,} to {max(sizes):,}, SQLite", max(costs.values()) / smallest
    return Row(what, told, f"in the smallest: {smallest:.0f} µs", ratio, f"at most {STEADY}", ratio <= STEADY)
