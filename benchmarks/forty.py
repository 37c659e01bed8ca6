"""Forty rules of every kind (card.toml): everybody beside SQL and beside plain Python, only those with news, and `explain`."""

import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks.bases import NAMES, base
from benchmarks.beside_sql import Referee, beside_sql
from benchmarks.card_sql import parameters, statement
from benchmarks.goals import EXPLAIN, FORTY, NEWS
from benchmarks.ours import Told, ours, playbook_with
from benchmarks.population import NOW, fill, happenings
from benchmarks.row import Row
from models import PlaybookApplication
from ripeline.database import engine_for, open_session
from ripeline.playbook.applied import store_version
from ripeline.sweep.board import raise_facts
from ripeline.sweep.explaining import explain_lead

CARD = Path(__file__).with_name("card.toml")
PEAK_MIB = 1536
SHARE, MORE_SECONDS = 0.03, 1.0
EXPLAIN_MS = 100
EACH = 10
EXPLAINED = 50
NEWS_EVERY = 100


def rows(dialect: str, leads: int, rounds: int) -> list[Row]:
    """Return the rows of so many leads on one database: everybody beside SQL, those with news, and `explain`."""
    with base(dialect, leads, EACH) as url:
        return list(_on(dialect, url, leads, rounds))


def _on(dialect: str, url: str, leads: int, rounds: int) -> Iterator[Row]:
    told, seconds = beside_sql(url, CARD, Referee(statement(dialect, playbook_with(None).lists), parameters(NOW, dialect)), rounds)
    what = f"rescore {leads:,} leads, {leads * EACH:,} events, 40 rules, {NAMES[dialect]}"
    said, ratio = f"SQL, totals alone: {seconds:.2f} s", told.seconds / seconds
    yield Row(FORTY, what, f"{told.seconds:.2f} s", said, ratio, "below 1, under 1.5 GiB", ratio < 1 and told.peak_mib < PEAK_MIB, told.peak_mib)
    _rested(url)
    yield _news(NAMES[dialect], url, told, leads)
    yield _explained(NAMES[dialect], url, leads)


def _rested(url: str) -> None:
    """Let PostgreSQL do what it puts off after a million new rows, and would do meanwhile: those with news come in peace. SQLite puts nothing off."""
    if not url.startswith("sqlite"):
        with engine_for(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE score")


def _news(name: str, url: str, full: Told, leads: int) -> Row:
    """Give one lead in a hundred an event more, and rescore whoever has news."""
    more = happenings(range(1, leads + 1), 1).filter(pl.col("lead_id") % NEWS_EVERY == 0)
    fill(engine_for(url), "event", more.with_columns(pl.col("id") + leads * EACH).with_columns(source_id=pl.col("id").cast(pl.String)))
    with open_session(url) as session:
        raise_facts(session, range(NEWS_EVERY, leads + 1, NEWS_EVERY))
        session.commit()
    told = ours("rescore", url, CARD)
    if told.counts["scored"] != leads // NEWS_EVERY:
        raise SystemExit(f"{leads // NEWS_EVERY} leads have news, and {told.counts['scored']} were scored")
    most, what = SHARE * full.seconds + MORE_SECONDS, f"rescore 1 % of {leads:,} leads, 40 rules, {name}"
    asked = f"at most 3 % of the whole and 1 s: {most:.2f} s"
    said, ratio = f"all of them: {full.seconds:.2f} s", told.seconds / full.seconds
    return Row(NEWS, what, f"{told.seconds:.2f} s", said, ratio, asked, told.seconds <= most, told.peak_mib)


def _explained(name: str, url: str, leads: int) -> Row:
    """Explain some leads of the base, by the playbook as it is shipped, after one that starts everything up."""
    shipped, applied = playbook_with(None), NOW - timedelta(days=1)
    with open_session(url) as session:
        store_version(session, shipped, now=applied, by="benchmark")
        session.add(PlaybookApplication(hash=shipped.hash, applied_at=applied, applied_by="benchmark"))
        session.commit()
    every = max(leads // EXPLAINED, NEWS_EVERY)
    took = [[_explain(url, lead_id) for _ in range(3)] for lead_id in range(1, leads + 1, every)][1:]
    slowest = max(min(times) for times in took)  # the best of three, since a machine has hiccups
    said = f"{median(times[0] for times in took):.0f} ms when first asked, the slowest {slowest:.0f} ms"
    return Row(EXPLAIN, f"explain one of {leads:,} leads, {name}", said, "", None, f"under {EXPLAIN_MS} ms", slowest < EXPLAIN_MS)


def _explain(url: str, lead_id: int) -> float:
    begun = time.perf_counter()
    with open_session(url, writes=False) as session:
        explain_lead(session, lead_id, NOW)
    return (time.perf_counter() - begun) * 1000


def _usual(dialect: str, small: bool) -> list[Row]:
    return rows(dialect, 400 if small else 200_000, 1 if small else 2)


STEPS = {dialect: partial(_usual, dialect) for dialect in NAMES}
