"""Which leads go to sales now: the query that `due` asks and the sweep turns into waiting handoffs."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, HandoffState, Lead, Role, Score
from ripeline.decide.eligible import BEFORE_SALES
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.rows import insert_from
from ripeline.sweep.handoff.thresholds import begins_at_by_market
from ripeline.sweep.news import is_unwanted
from ripeline.sweep.scoring import scoring_of

COPIED = ("total", "fit", "engagement", "reasons", "grade", "version")
"""What a handoff remembers of the score it was opened for."""


def candidates(playbook: Playbook, now: datetime) -> sa.Select[Any]:
    """Return the ids and scores of the leads that begin a handoff now.

    They may be scored, reached the threshold of their market by the scorecard in use, nobody in sales has them, and no earlier handoff
    stands in the way: none is open; none was answered within the cooling time; after an acceptance the lead came back to
    marketing since.
    """
    return (
        sa.select(col(Lead.id).label("lead_id"), *(getattr(Score, name) for name in COPIED))
        .join(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE))
        .where(
            col(Score.total) >= _threshold(playbook),
            col(Score.excluded).is_(None),
            col(Score.version) == scoring_of(playbook).version,
            col(Lead.stage).in_(BEFORE_SALES),
            ~is_unwanted(now),
            sa.not_(stands_in_the_way(playbook, now)),
        )
    )


def open_handoffs(session: Session, ids: range, by: JudgedBy) -> int:
    """Insert a waiting handoff for every candidate; return how many are new. Another sweep's are left as they are."""
    cycle = sa.select(sa.func.count() + 1).where(col(Handoff.lead_id) == col(Lead.id)).correlate(Lead).scalar_subquery()
    begun = {
        "cycle": cycle,
        "state": sa.literal(HandoffState.WAITING, Handoff.__table__.c.state.type),  # type: ignore[attr-defined]
        "opened_at": sa.literal(by.now, Handoff.__table__.c.opened_at.type),  # type: ignore[attr-defined]
        "because": sa.literal(""),
        "meeting_because": sa.literal(""),
    }
    among = candidates(by.playbook, by.now).add_columns(*begun.values()).where(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop)
    return insert_from(session, Handoff, ("lead_id", *COPIED, *begun), among, returning=col(Handoff.id))


def stands_in_the_way(playbook: Playbook, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Lead that an earlier handoff keeps a new one from being opened."""
    answered = col(Handoff.state).in_((HandoffState.ACCEPTED, HandoffState.REJECTED))
    is_cooling = sa.and_(answered, col(Handoff.closed_at) > now - playbook.handoff.cooling.span)
    is_with_sales = sa.and_(col(Handoff.state) == HandoffState.ACCEPTED, col(Lead.stage_at) <= col(Handoff.closed_at))
    blocks = sa.or_(col(Handoff.closed_at).is_(None), is_cooling, is_with_sales)
    return sa.exists().where(col(Handoff.lead_id) == col(Lead.id), blocks).correlate(Lead)


def _threshold(playbook: Playbook) -> sa.ColumnElement[int]:
    """Return the total, in hundredths, at which a lead of its score's market goes to sales."""
    usual, of_markets = playbook.handoff.threshold, begins_at_by_market(playbook)
    return sa.case(of_markets, value=col(Score.market), else_=usual) if of_markets else sa.literal(usual)
