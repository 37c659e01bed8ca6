"""Rescoring everybody from end to end, beside hand-written SQL for the same card over the same tables and indexes that writes only totals.

Ours finds who is due, reads the facts, scores, and stores points, grade, reasons and the next review; the SQL puts totals into the same table.
"""

import json
import os
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from benchmarks.population import NOW, databases, populate
from benchmarks.row import Row
from ripeline.database import engine_for, open_session
from ripeline.decide.scorecard import Scorecard
from ripeline.playbook.files import read_folder
from ripeline.playbook.playbook import parse_playbook
from ripeline.settings import CLONE
from ripeline.sweep.rescore import due, rescore

GOALS = {"SQLite": ("at most 2", 2.0), "PostgreSQL": ("below 1", 1.0)}
PEAK_MIB = 1536
BATCH = 100_000

REFEREE = """
INSERT INTO score (lead_id, role, fit, engagement, total, grade, reasons, version, as_of, scored_seq, revision)
SELECT lead.id, 'live', 0, 0,
       CASE WHEN seniority IN ('c_level', 'vp') THEN 2000 WHEN seniority = 'manager' THEN 1000 ELSE 0 END
       + CASE WHEN industry = 'Technology' THEN 1500 ELSE 0 END
       + CASE WHEN employees BETWEEN 50 AND 500 THEN 1000 ELSE 0 END
       + CASE WHEN country IN ('US', 'GB', 'CA') THEN 500 ELSE 0 END
       + coalesce(did.points, 0),
       '', '', '', :now, 0, 1
FROM lead
LEFT JOIN (
    SELECT lead_id, sum(CASE kind
        WHEN 'page_viewed' THEN CASE WHEN path = '/pricing' THEN 1500 WHEN path LIKE '/careers%' THEN -500 ELSE 0 END
        WHEN 'asset_downloaded' THEN CASE WHEN asset LIKE 'case-study%' THEN 1000 ELSE 0 END
        WHEN 'webinar_attended' THEN 2000
        WHEN 'link_clicked' THEN CASE WHEN asset = 'product-demo' THEN 2500 ELSE 0 END
        WHEN 'mail_opened' THEN CASE WHEN touch IS NOT NULL THEN 500 ELSE 0 END
        WHEN 'unsubscribed' THEN -1000
        WHEN 'support_ticket' THEN CASE WHEN form <> 'purchase' OR form IS NULL THEN -300 ELSE 0 END
        ELSE 0 END) AS points
    FROM event
    WHERE actor = 'human' AND at <= :now AND received_at <= :now
    GROUP BY lead_id
) AS did ON did.lead_id = lead.id
WHERE lead.erased_at IS NULL
ON CONFLICT (lead_id, role) DO UPDATE SET total = excluded.total
"""


def run(small: bool) -> list[Row]:
    """Return a row a database. Best of three rounds in turn, so that both sides meet the same machine."""
    leads, each, rounds = (2_000, 10, 1) if small else (200_000, 10, 3)
    with databases(os.environ.get("RIPELINE_TEST_POSTGRES_URL")) as urls:
        return [_measured(name, url, leads, each, rounds) for name, url in urls.items()]


def _measured(name: str, url: str, leads: int, each: int, rounds: int) -> Row:
    populate(url, leads, each)
    referee, ours = [], []
    for _ in range(rounds):
        _empty(url)
        referee.append(_referee(url))
        totals = _totals(url)
        _empty(url)
        ours.append(_ours(url))
        _agree(totals, _totals(url))
    seconds, best = min(referee), min(told["seconds"] for told in ours)
    goal, most = GOALS[name]
    peak = max(told["peak_mib"] for told in ours)
    what = f"rescore {leads:,} leads, {leads * each:,} events, {name}"
    is_met = best / seconds <= most and peak < PEAK_MIB
    return Row(what, f"{best:.2f} s", f"SQL, totals alone: {seconds:.2f} s", best / seconds, f"{goal}, under 1.5 GiB", is_met, peak)


def _empty(url: str) -> None:
    with engine_for(url).begin() as connection:
        connection.exec_driver_sql("DELETE FROM score" if url.startswith("sqlite") else "TRUNCATE score")


def _referee(url: str) -> float:
    engine = engine_for(url)
    now = int(NOW.timestamp()) * 1_000_000 if engine.dialect.name == "sqlite" else NOW
    begun = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(sa.text(REFEREE), {"now": now})
    return time.perf_counter() - begun


def _ours(url: str) -> dict[str, float]:
    """Run in a process of its own, whose memory is its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.rescore", url], check=True, capture_output=True, text=True, cwd=CLONE)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _totals(url: str) -> list[tuple[int, int]]:
    with engine_for(url).begin() as connection:
        return [(lead_id, total) for lead_id, total in connection.exec_driver_sql("SELECT lead_id, total FROM score ORDER BY lead_id")]


def _agree(referee: list[tuple[int, int]], ours: list[tuple[int, int]]) -> None:
    """Both must have computed the same, or there is nothing to compare."""
    different = sum(1 for pair in zip(referee, ours, strict=True) if pair[0] != pair[1])
    if different:
        raise SystemExit(f"{different} totals differ from those of the SQL")


def _rescore_all(url: str) -> dict[str, float]:
    card = Scorecard.model_validate(tomllib.loads((CLONE / "playbook/scoring/reference.toml").read_text()))
    playbook = replace(parse_playbook(read_folder(CLONE)), hash="textbook", scorecard=card, markets={})
    begun = time.perf_counter()
    with open_session(url) as session:
        batches = due(session, playbook, now=NOW, batch_size=BATCH)
    for batch in batches:
        with open_session(url) as session:
            rescore(session, batch, playbook, now=NOW)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "peak_mib": sum(_peak_mib(process) for process in (os.getpid(), *_children()))}


def _children() -> list[int]:
    return [int(child) for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()]


def _peak_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_rescore_all(sys.argv[1])) + "\n")
