"""What is due: whose messages wait, and how many a run would send."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message
from ripeline.playbook.playbook import Playbook
from ripeline.settings import load_settings
from ripeline.sweep.deliver.claim import is_due, is_left_behind, is_let_through
from ripeline.sweep.ranges import id_ranges


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int) -> list[range]:
    """Return half-open ranges of the ids of leads with messages that are due, or that a worker left behind, `batch_size` leads each."""
    waiting = sa.and_(is_due(now), is_let_through(load_settings().only_to))
    return id_ranges(session, sa.select(col(Message.lead_id)).where(sa.or_(waiting, is_left_behind(session))).distinct(), batch_size)


def planned_count(session: Session, now: datetime) -> int:
    """Return how many messages a run at `now` would try to send, at most: each is looked at again before it goes."""
    query = sa.select(sa.func.count()).select_from(Message).where(is_due(now), is_let_through(load_settings().only_to))
    return int(session.execute(query).scalar_one())


def held_back_count(session: Session, ids: range, now: datetime, only_to: str) -> int:
    """Return how many due messages wait only because RIPELINE_ONLY_TO does not let them go. They stay scheduled, and expire as they would."""
    held = (is_due(now), sa.not_(is_let_through(only_to)), col(Message.lead_id) >= ids.start, col(Message.lead_id) < ids.stop)
    return int(session.execute(sa.select(sa.func.count()).select_from(Message).where(*held)).scalar_one())
