"""Writing down what shall change: stages and their history, enrolments ended and begun, messages that lost their purpose."""

from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Lead, Message, MessageState, ScoreChange
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_write import insert_frame, update_frame
from ripeline.sweep.segment.judge import Verdict
from ripeline.sweep.segment.rules import Rules
from ripeline.values import Tally

WAITING = (MessageState.SCHEDULED, MessageState.DEFERRED)
"""States in which a message can still be called off; what a worker holds is that worker's."""


def record(session: Session, verdict: Verdict, rules: Rules, now: datetime) -> Tally:
    """Write the verdict in the caller's transaction and return its counts."""
    cancelled = sum(end(session, because, part, now) for (because,), part in verdict.ended.sort("enrolment_id").group_by("because", maintain_order=True))
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


def end(session: Session, because: object, ended: pl.DataFrame, now: datetime) -> int:
    """End enrolments (`enrolment_id`) for one reason, in the caller's transaction; return how many messages are cancelled by that."""
    ids = ended["enrolment_id"].to_list()
    these = sa.update(Enrolment).where(is_one_of(session, col(Enrolment.id), ids), col(Enrolment.ended_at).is_(None))
    session.execute(these.values(ended_at=now, ended_because=because).execution_options(synchronize_session=False))
    waiting = sa.update(Message).where(is_one_of(session, col(Message.enrolment_id), ids), col(Message.state).in_(WAITING))
    cancel = waiting.values(state=MessageState.CANCELLED, reason=f"left the track: {because}").execution_options(synchronize_session=False)
    return int(session.execute(cancel).rowcount)  # type: ignore[attr-defined]


def _enter(session: Session, entered: pl.DataFrame, rules: Rules, now: datetime) -> int:
    new = entered.sort("lead_id", "group").select("lead_id", "track", "group", entered_because="because", entered_total="total")
    return insert_frame(session, Enrolment, new, {"version": rules.playbook.hash, "entered_at": now})


def _remember(session: Session, moved: pl.DataFrame, now: datetime) -> None:
    told = (pl.col(name).fill_null("") for name in ("grade", "version", "reasons"))
    history = moved.select("stage", *told, pl.col("total").fill_null(0), lead_id="id", because="stage_because")
    insert_frame(session, ScoreChange, history, {"at": now})


def _mark(session: Session, leads: pl.DataFrame, rules: Rules) -> None:
    """Write stage, hold and what was judged. A lead that lost its score keeps no revision: its next score is news."""
    judged = {"segmented_revision": pl.col("revision").fill_null(0), "segment_review_at": pl.col("review_at")}
    update_frame(session, Lead, leads.select("id", "stage", "stage_at", "is_on_hold", **judged), {"segmented_version": rules.version})
