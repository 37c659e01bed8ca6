"""The virtual clock: it stands still until something is due, and then shows that instant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, HandoffState, Lead, Message, MessageState, Role, Score
from models.columns import EPOCH
from ripeline.playbook.playbook import Playbook

_READY = (MessageState.SCHEDULED, MessageState.DEFERRED)
_DAY = timedelta(days=1)


def next_mail_at(session: Session) -> datetime | None:
    """Return when the next message is due; None: none waits."""
    # State by state: so the index is asked for its first entry, and not for all that wait.
    firsts = (sa.select(sa.func.min(col(Message.due_at))).where(col(Message.state) == state) for state in _READY)
    return min((at for query in firsts if (at := session.execute(query).scalar_one()) is not None), default=None)


def next_judgement_at(session: Session, playbook: Playbook, now: datetime) -> datetime | None:
    """Return the first instant after `now` at which time alone gives rescore, segment or handoff something to do; None: never."""
    instants = [at for at in _instants(session, playbook, now) if at is not None]
    return min(instants, default=None)


def _instants(session: Session, playbook: Playbook, now: datetime) -> Iterator[datetime | None]:
    live = sa.select(sa.func.min(col(Score.next_review_at))).where(col(Score.next_review_at) > now, col(Score.role) == Role.LIVE)
    yield session.execute(live).scalar_one()
    yield session.execute(sa.select(sa.func.min(col(Lead.segment_review_at))).where(col(Lead.segment_review_at) > now)).scalar_one()
    cooling = playbook.handoff.cooling.span
    closed = sa.select(sa.func.min(col(Handoff.closed_at))).where(col(Handoff.closed_at) > now - cooling)
    cooled_from = session.execute(closed).scalar_one()
    yield cooled_from + cooling if cooled_from else None
    if session.execute(sa.select(col(Handoff.id)).where(col(Handoff.state) == HandoffState.WAITING).limit(1)).first():
        yield datetime(now.year, now.month, now.day, tzinfo=UTC) + _DAY  # reps come back from their days off at a midnight


def on_grid(at: datetime, step: timedelta) -> datetime:
    """Return the first instant at or after `at` that lies on the grid of `step`, counted from midnight UTC."""
    return at + (EPOCH - at) % step
