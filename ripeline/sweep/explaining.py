"""Explaining one lead's score out of the database: as it is now, or as it was at a past instant from what was known then."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import Lead, PlaybookApplication, Role, Score
from ripeline.decide.explain import Explanation, explain
from ripeline.playbook.applied import applied_playbook, playbook_version
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.facts import facts_then
from ripeline.sweep.news import is_unwanted
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Refusal


@dataclass(frozen=True)
class Explained:
    """An explanation, the `market` whose card it is by (None: the card everywhere), that card's `version`, and the `stored` score (None: none)."""

    explanation: Explanation
    market: str | None
    version: str
    playbook: str
    stored: Score | None


def explain_lead(session: Session, lead_id: int, at: datetime, *, is_past: bool) -> Explained:
    """Return why a lead has its score at `at`; Refusal where nobody may score it, or nobody knew it then.

    With `is_past`, the playbook is the one that was applied at `at`, the first one for instants before any was.
    """
    if session.exec(select(Lead.id).where(col(Lead.id) == lead_id, is_unwanted(at))).first() is not None:
        raise Refusal(f"lead {lead_id} has no score: it objected to profiling, or was erased")
    playbook = _applied_at(session, at) if is_past else applied_playbook(session)
    stored = session.get(Score, (lead_id, Role.LIVE))
    by = scoring_of(playbook)
    facts = facts_then(session.get_bind().engine, lead_id, by.needs, playbook.fields, at)
    market = by.markets(facts, at)["market"].item()
    return Explained(explain(facts, by.bound_in(market), at), market, by.version, playbook.hash, stored)


def _applied_at(session: Session, at: datetime) -> Playbook:
    applied = select(PlaybookApplication.hash, PlaybookApplication.applied_at).order_by(col(PlaybookApplication.id))
    every = [(version, moment) for version, moment in session.exec(applied)]
    if not every:
        return applied_playbook(session)
    by_then = [version for version, moment in every if moment <= at]
    return playbook_version(session, by_then[-1] if by_then else every[0][0])
