"""Rescoring everybody from end to end, beside hand-written SQL for the same card over the same tables and indexes that writes only totals.

Ours finds who is due, reads the facts, scores, and stores points, grade, reasons and the next review; the SQL puts totals into the same table.
"""

from functools import partial

from benchmarks.bases import NAMES, base
from benchmarks.beside_sql import Referee, beside_sql
from benchmarks.goals import REFERENCE
from benchmarks.population import NOW
from benchmarks.row import Row
from ripeline.settings import CLONE

GOALS = {"sqlite": ("at most 2", 2.0), "postgresql": ("below 1", 1.0)}
EACH = 10
PEAK_MIB = 1536
CARD = CLONE / "playbook/scoring/reference.toml"

_SQL = """
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


def _usual(dialect: str, small: bool) -> list[Row]:
    return rows(dialect, 400 if small else 200_000, 1 if small else 3)


STEPS = {dialect: partial(_usual, dialect) for dialect in NAMES}


def rows(dialect: str, leads: int, rounds: int) -> list[Row]:
    """Return a row for the textbook card on one database, best of so many rounds."""
    with base(dialect, leads, EACH) as url:
        now = int(NOW.timestamp()) * 1_000_000 if dialect == "sqlite" else NOW
        told, seconds = beside_sql(url, CARD, Referee(_SQL, {"now": now}), rounds)
    goal, most = GOALS[dialect]
    ratio = told.seconds / seconds
    what = f"rescore {leads:,} leads, {leads * EACH:,} events, {NAMES[dialect]}"
    is_met = ratio <= most and told.peak_mib < PEAK_MIB
    said = f"SQL, totals alone: {seconds:.2f} s"
    return [Row(REFERENCE, what, f"{told.seconds:.2f} s", said, ratio, f"{goal}, under 1.5 GiB", is_met, told.peak_mib)]
