"""Claiming: which messages are due, and taking a few so that no other worker does."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message, MessageKind, MessageState
from ripeline.database import database_now
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.deliver.tour import unleased

READY = (MessageState.SCHEDULED, MessageState.DEFERRED)
HELD = (MessageState.CLAIMED, MessageState.SUBMITTING)


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a message waits and its time has come."""
    return sa.and_(col(Message.state).in_(READY), col(Message.due_at) <= now)


def is_let_through(only_to: str) -> sa.ColumnElement[bool]:
    """Return the condition that RIPELINE_ONLY_TO, an address or @domain, lets a message go; empty lets everything go."""
    if not only_to:
        return sa.true()
    wanted, recipient = only_to.strip().casefold(), col(Message.recipient_key)
    return recipient.endswith(wanted, autoescape=True) if wanted.startswith("@") else recipient == wanted


def is_among(ids: range) -> sa.ColumnElement[bool]:
    """Return the condition that a message is about one of these leads."""
    return sa.and_(col(Message.lead_id) >= ids.start, col(Message.lead_id) < ids.stop)


def is_left_behind(session: Session) -> sa.ColumnElement[bool]:
    """Return the condition that a worker took a message and let its lease run out, by the database's own clock."""
    return sa.and_(col(Message.state).in_(HELD), col(Message.lease_until) < database_now(session))


def claim(session: Session, ids: range, *, now: datetime, pace: Pace, worker: str, only_to: str) -> tuple[str, list[UUID]]:
    """Take the few messages that have been due the longest; commit; return the lease's token and their ids in that order.

    One statement: on PostgreSQL it passes over what another worker is just taking, on SQLite the write lock keeps others out.
    The lease runs by the database's own clock, since workers' clocks may differ.
    """
    token = uuid4().hex
    oldest = (
        sa.select(col(Message.id), col(Message.due_at))
        .where(is_due(now), is_let_through(only_to), is_among(ids))
        .order_by(col(Message.due_at), col(Message.id))
        .limit(pace.claim)
        .with_for_update(skip_locked=True)
        .cte("oldest")
    )
    taken: dict[str, Any] = {"state": MessageState.CLAIMED, "lease_token": token, "lease_until": database_now(session) + pace.lease, "worker": worker}
    statement = (
        sa.update(Message)
        .where(col(Message.id).in_(sa.select(oldest.c.id)))
        .values(**taken, phase="", reason="", attempt=col(Message.attempt) + 1)
        .returning(col(Message.id), col(Message.due_at))
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(statement).all()
    session.commit()
    return token, [row.id for row in sorted(rows, key=lambda row: (row.due_at, row.id))]


def release(session: Session, token: str) -> int:
    """Put back what a lease still holds unsubmitted, as if it had never been claimed; commit; return how many."""
    statement = (
        sa.update(Message)
        .where(col(Message.lease_token) == token, col(Message.state) == MessageState.CLAIMED)
        .values(**_waiting(), attempt=col(Message.attempt) - 1)
        .execution_options(synchronize_session=False)
    )
    released = _count(session, statement)
    session.commit()
    return released


def recover(session: Session, ids: range, *, now: datetime, pace: Pace) -> dict[str, int]:
    """Take back what workers left behind whose lease ran out; commit; return counts by word.

    Before the final dot nothing can have been delivered: those wait again. After it a touch is in doubt, for people to decide;
    what sales needs goes again with the same bytes, a few times.
    """
    left = sa.and_(is_left_behind(session), is_among(ids))
    after_dot = col(Message.phase) == "dot_pending"
    may_repeat = sa.and_(col(Message.kind) != MessageKind.TOUCH, col(Message.attempt) <= pace.identical_resends)
    doubt = {"state": MessageState.IN_DOUBT, "in_doubt_at": now, "reason": "its worker ended after the final dot", **unleased()}
    counts = {
        "in_doubt": _count(session, sa.update(Message).where(left, after_dot, sa.not_(may_repeat)).values(doubt)),
        "recovered": _count(session, sa.update(Message).where(left).values(_waiting())),
    }
    session.commit()
    return counts


def _waiting() -> dict[str, Any]:
    """Return the values of a message that waits again: DEFERRED once it has bytes, since those were tried before."""
    was_tried = col(Message.raw).is_not(None)
    state = sa.case((was_tried, MessageState.DEFERRED.value), else_=MessageState.SCHEDULED.value)
    return {"state": sa.type_coerce(state, sa.String), **unleased()}


def _count(session: Session, statement: sa.Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
