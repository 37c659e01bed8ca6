"""News: which leads' scores must be computed anew, and of whom nobody may have one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Consent, ConsentState, Lead, Purpose, Role, Score


def leads_to_score(version: str, now: datetime) -> sa.Select[Any]:
    """Return a query for the ids of leads whose live score is missing, older than its facts, due for review or by another version."""
    stale = sa.or_(col(Score.scored_seq) != col(Lead.facts_seq), col(Score.next_review_at) <= now, col(Score.version) != version)
    return _with_score().where(sa.or_(col(Score.lead_id).is_(None), stale), ~is_unwanted(now))


def everybody(now: datetime) -> sa.Select[Any]:
    """Return a query for the ids of all leads that may be scored."""
    return sa.select(col(Lead.id)).where(~is_unwanted(now))


def scores_to_withhold(now: datetime) -> sa.Select[Any]:
    """Return a query for the ids of leads that have a score and may not have one."""
    return _with_score().where(col(Score.lead_id).is_not(None), is_unwanted(now))


def within(query: sa.Select[Any], ids: range) -> sa.Select[Any]:
    """Return a query over Lead for the ids in this range alone."""
    return query.where(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop)


def _with_score() -> sa.Select[Any]:
    return sa.select(col(Lead.id)).outerjoin(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE))


def is_unwanted(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Lead that nobody may score it: it was erased, or its newest word on profiling is an objection (GDPR article 21)."""
    this, newer = aliased(Consent), aliased(Consent)
    later = sa.or_(col(newer.at) > col(this.at), sa.and_(col(newer.at) == col(this.at), col(newer.id) > col(this.id)))
    again = sa.select(col(newer.id)).where(col(newer.lead_id) == col(this.lead_id), col(newer.purpose) == Purpose.PROFILING, col(newer.at) <= now, later)
    withdrawn = (col(this.purpose) == Purpose.PROFILING, col(this.state) == ConsentState.WITHDRAWN, col(this.at) <= now)
    objectors = sa.select(col(this.lead_id)).where(*withdrawn, ~again.exists())
    return sa.or_(col(Lead.erased_at).is_not(None), col(Lead.id).in_(objectors))


def ranges(session: Session, query: sa.Select[Any] | sa.CompoundSelect[Any], batch_size: int) -> Sequence[range]:
    """Return half-open ranges of lead ids, in order, that each hold at most `batch_size` of the ids that `query` gives."""
    found = query.subquery()
    lead_id = found.c[0]
    batch = (sa.func.row_number().over(order_by=lead_id) - 1) // batch_size
    batched = sa.select(lead_id.label("id"), batch.label("batch")).subquery()
    first = sa.func.min(batched.c.id)
    rows = session.execute(sa.select(first, sa.func.max(batched.c.id)).group_by(batched.c.batch).order_by(first))
    return [range(start, last + 1) for start, last in rows]
