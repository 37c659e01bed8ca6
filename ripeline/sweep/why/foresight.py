"""The touches that are still to come of one lead, as the schedule sweep would plan them one after the other."""

from dataclasses import replace
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import LIVE_STATES, Enrolment, Lead, Message, MessageKind
from ripeline.decide.schedule import heard
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.schedule.gather import Found, Whose, gather
from ripeline.sweep.schedule.planning import planned
from ripeline.sweep.schedule.record import rule_text

MOST_TOUCHES = 100
"""A track is shorter than this."""


def rows_ahead(session: Session, lead_id: int, playbook: Playbook, now: datetime, pepper: bytes) -> pl.DataFrame:
    """Return the touches to come of all tracks the lead is in, as `planned` gives them, in order of time; empty where there are none.

    Added: `rule`, the words in which `schedule` would store how the instant came about. What is planned already counts as gone when it is due.
    Consent, hold and hand-off are taken as given.
    """
    whose = Whose(col(Lead.id) == lead_id, col(Enrolment.ended_at).is_(None), sa.false())
    found = gather(session, range(lead_id, lead_id + 1), playbook, now, pepper, whose)
    rows = rows_planned(_with_live(session, found, lead_id), playbook, now)
    return rows.with_columns(rule=rule_text()) if rows.height else rows


def rows_planned(found: Found, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Return every touch that is to come of these enrolments, each planned when the one before has gone."""
    rest = replace(found, enrolments=found.enrolments.with_columns(barred=pl.lit(None, pl.String)))
    parts: list[pl.DataFrame] = []
    for _ in range(MOST_TOUCHES):
        plan = planned(rest, playbook, now).messages
        if plan.is_empty():
            break
        parts.append(plan.filter(~pl.col("is_expired")))
        gone = plan.select("enrolment_id", "touch", variant=pl.lit(""), went_at=pl.when(~pl.col("is_expired")).then("due_at"))
        rest = replace(rest, done=pl.concat([rest.done, gone]), occupied=pl.concat([rest.occupied, heard(parts[-1])]))
    return pl.concat(parts).sort("due_at") if parts else pl.DataFrame()


def _with_live(session: Session, found: Found, lead_id: int) -> Found:
    """Return what was found with the planned touches counted as done when they are due."""
    live = select(Message).where(col(Message.lead_id) == lead_id, col(Message.kind) == MessageKind.TOUCH, col(Message.state).in_(LIVE_STATES))
    rows = [(row.enrolment_id, row.touch, "", row.due_at) for row in session.exec(live) if row.enrolment_id is not None]
    return replace(found, done=pl.concat([found.done, pl.DataFrame(rows, schema=found.done.schema, orient="row")]))
