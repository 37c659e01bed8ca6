"""Writing down what shall change: stages and their history, enrolments ended and begun, messages that lost their purpose."""

from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Lead, Message, MessageState, ScoreChange, Stage
from ripeline.sweep.bulk import insert_new, is_one_of
from ripeline.sweep.segment.judge import Verdict
from ripeline.sweep.segment.rules import Rules
from ripeline.values import Tally

WAITING = (MessageState.SCHEDULED, MessageState.DEFERRED)
"""States in which a message can still be called off; what a worker holds is that worker's."""


def record(session: Session, verdict: Verdict, rules: Rules, now: datetime) -> Tally:
    """Write the verdict in the caller's transaction and return its counts."""
    cancelled = sum(_end(session, because, part, now) for (because,), part in verdict.ended.sort("enrolment_id").group_by("because", maintain_order=True))
    begun = _enter(session, verdict.entered, rules, now)
    moved = verdict.leads.filter(pl.col("stage_because").is_not_null())
    _remember(session, moved, now)
    _mark(session, verdict.leads, rules)
    return Tally.of(
        judged=verdict.leads.height,
        moved=moved.height,
        entered=begun,
        left=verdict.ended.height,
        cancelled=cancelled,
        on_hold=int(verdict.leads["is_on_hold"].sum()),
        unknown_stages=verdict.unknown_stages,
    )


def _end(session: Session, because: object, ended: pl.DataFrame, now: datetime) -> int:
    """End enrolments for one reason and return how many messages are cancelled by that."""
    ids = ended["enrolment_id"].to_list()
    these = sa.update(Enrolment).where(is_one_of(session, col(Enrolment.id), ids), col(Enrolment.ended_at).is_(None))
    session.execute(these.values(ended_at=now, ended_because=because).execution_options(synchronize_session=False))
    waiting = sa.update(Message).where(is_one_of(session, col(Message.enrolment_id), ids), col(Message.state).in_(WAITING))
    cancel = waiting.values(state=MessageState.CANCELLED, reason=f"left the track: {because}").execution_options(synchronize_session=False)
    return int(session.execute(cancel).rowcount)  # type: ignore[attr-defined]


def _enter(session: Session, entered: pl.DataFrame, rules: Rules, now: datetime) -> int:
    rows = [
        {
            "lead_id": lead_id, "track": track, "group": group, "version": rules.playbook.hash, "entered_at": now, "entered_because": because,
        }
        for lead_id, track, group, because in entered.sort("lead_id", "group").iter_rows()
    ]  # fmt: skip
    return len(insert_new(session, Enrolment, rows, returning=[col(Enrolment.id)]))


def _remember(session: Session, moved: pl.DataFrame, now: datetime) -> None:
    rows = [
        {
            "lead_id": row["id"], "at": now, "total": row["total"] or 0, "grade": row["grade"] or "", "stage": row["stage"], "version": row["version"] or "",
            "reasons": row["reasons"] or "", "because": row["stage_because"],
        }
        for row in moved.iter_rows(named=True)
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(ScoreChange), rows)


def _mark(session: Session, leads: pl.DataFrame, rules: Rules) -> None:
    """Write stage, hold and what was judged. A lead that lost its score keeps no revision: its next score is news."""
    types = sa.inspect(Lead).columns
    new = {name: sa.bindparam(f"new_{name}", type_=types[name].type) for name in ("stage", "stage_at", "is_on_hold", "segmented_revision", "segment_review_at")}
    statement = sa.update(Lead).where(col(Lead.id) == sa.bindparam("lead")).values(**new, segmented_version=rules.version)
    rows = [
        {
            "lead": lead,
            "new_stage": Stage(stage),
            "new_stage_at": at,
            "new_is_on_hold": held,
            "new_segmented_revision": seen or 0,
            "new_segment_review_at": review,
        }
        for lead, stage, at, held, seen, review in leads.select("id", "stage", "stage_at", "is_on_hold", "revision", "review_at").iter_rows()
    ]
    session.connection().execute(statement, rows)
