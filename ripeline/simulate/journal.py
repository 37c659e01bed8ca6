"""The journal: what the rows themselves forget once a mail has left. Kept by triggers in the private file, beside the sweeps that know nothing of it."""

from typing import Any

import polars as pl
import sqlalchemy as sa

from ripeline.decide.facts import INSTANT
from ripeline.sweep.bulk_read import read_bulk

_TABLE = sa.table("put_off", *(sa.column(name) for name in ("lead_id", "enrolment_id", "touch", "since", "until", "reason")))

_STATEMENTS = (
    "CREATE TABLE put_off (lead_id INTEGER, enrolment_id INTEGER, touch TEXT, since INTEGER, until INTEGER, reason TEXT)",
    """CREATE TRIGGER planned_later AFTER INSERT ON message WHEN NEW.kind = 'touch' AND NEW.reason LIKE 'put off%' BEGIN
    INSERT INTO put_off VALUES (NEW.lead_id, NEW.enrolment_id, NEW.touch, NEW.planned_at, NEW.due_at, NEW.reason); END""",
    """CREATE TRIGGER sent_later AFTER UPDATE OF state ON message WHEN NEW.kind = 'touch' AND NEW.state = 'deferred' AND OLD.state <> 'deferred' BEGIN
    INSERT INTO put_off VALUES (NEW.lead_id, NEW.enrolment_id, NEW.touch, OLD.due_at, NEW.due_at, NEW.reason); END""",
)

PUT_OFF = {"lead_id": pl.Int64(), "enrolment_id": pl.Int64(), "touch": pl.String(), "since": INSTANT, "until": INSTANT, "reason": pl.String()}


def keep_journal(connection: Any) -> None:
    """Begin the journal, over a plain SQLite connection to the private file."""
    for statement in _STATEMENTS:
        connection.execute(statement)


def put_off(engine: sa.Engine) -> pl.DataFrame:
    """Return every touch that was put off, PUT_OFF: in planning, or when it was about to go. `reason` says by what."""
    return read_bulk(engine, sa.select(*_TABLE.columns).order_by(_TABLE.c.since, _TABLE.c.lead_id), PUT_OFF)
