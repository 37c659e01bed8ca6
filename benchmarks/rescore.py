"""Rescoring everybody from end to end, beside hand-written SQL for the same card over the same tables and indexes that writes only totals.

Ours finds who is due, reads the facts, scores, and stores points, grade, reasons and the next review; the SQL puts totals into the same table.
"""

import os

from benchmarks.beside_sql import Referee, beside_sql
from benchmarks.population import NOW, databases, populate
from benchmarks.row import Row
from ripeline.settings import CLONE

GOALS = {"SQLite": ("at most 2", 2.0), "PostgreSQL": ("below 1", 1.0)}
PEAK_MIB = 1536
CARD = CLONE / "playbook/scoring/reference.toml"

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
    """Return a row a database: the textbook card, best of three rounds."""
    leads, each, rounds = (400, 10, 1) if small else (200_000, 10, 3)
    with databases(os.environ.get("RIPELINE_TEST_POSTGRES_URL")) as urls:
        return [_measured(name, url, leads, each, rounds) for name, url in urls.items()]


def _measured(name: str, url: str, leads: int, each: int, rounds: int) -> Row:
    populate(url, leads, each)
    now = int(NOW.timestamp()) * 1_000_000 if name == "SQLite" else NOW
    told, seconds = beside_sql(url, CARD, Referee(REFEREE, {"now": now}), rounds)
    goal, most = GOALS[name]
    ratio = told.seconds / seconds
    what = f"rescore {leads:,} leads, {leads * each:,} events, {name}"
    is_met = ratio <= most and told.peak_mib < PEAK_MIB
    return Row(what, f"{told.seconds:.2f} s", f"SQL, totals alone: {seconds:.2f} s", ratio, f"{goal}, under 1.5 GiB", is_met, told.peak_mib)
