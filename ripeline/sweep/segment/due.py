"""Whom the sweep must judge: leads with a new score, with a review that has come, judged by other rules, or no longer scored."""

from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Lead, Role, Score
from ripeline.playbook.playbook import Playbook
from ripeline.sweep import foreseen
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.news import batches
from ripeline.sweep.segment.rules import Rules, rules_of


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int) -> list[range]:
    """Return half-open ranges of the ids of leads to judge, `batch_size` of them each."""
    engine, rules = session.get_bind().engine, rules_of(playbook)
    wanted: sa.Select[Any] = sa.select(col(Lead.id)).where(is_due(rules, now)).order_by(col(Lead.id))
    found = read_bulk(engine, wanted, {"id": pl.Int64()})
    ranges = batches(found["id"], batch_size)
    foreseen.keep(_run(engine, rules, now), ranges, [found], sparse=True)
    return ranges


def is_due(rules: Rules, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Lead."""
    live = sa.select(col(Score.lead_id)).where(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE).correlate(Lead)
    has_news = live.where(sa.or_(col(Score.revision) != col(Lead.segmented_revision), col(Lead.segmented_version) != rules.version)).exists()
    running = sa.select(col(Enrolment.id)).where(col(Enrolment.lead_id) == col(Lead.id), col(Enrolment.ended_at).is_(None)).correlate(Lead).exists()
    lost_its_score = sa.and_(sa.not_(live.exists()), running)  # in this order: nearly everybody has a score, and is done with here
    return sa.and_(col(Lead.erased_at).is_(None), sa.or_(col(Lead.segment_review_at) <= now, has_news, lost_its_score))


def is_among(ids: range, rules: Rules, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Lead: due, and one of these."""
    return sa.and_(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop, is_due(rules, now))


def lock(session: Session, ids: range, rules: Rules, now: datetime) -> pl.Series:
    """Hold the due leads until the transaction ends, so that a second sweep waits and then finds them judged; return their ids, in order.

    Where `due` has just found few in a wide range, those alone are looked at again: who came to be due meanwhile is the next run's.
    """
    engine, among = session.get_bind().engine, is_among(ids, rules, now)
    for kept in foreseen.take(_run(engine, rules, now), ids) or ():
        among = sa.and_(is_one_of(session, col(Lead.id), kept["id"].to_list()), is_due(rules, now))
    wanted = sa.select(col(Lead.id)).where(among).order_by(col(Lead.id)).with_for_update(of=Lead, key_share=True)
    return pl.Series("id", session.connection().execute(wanted).scalars().all(), dtype=pl.Int64())


def _run(engine: sa.Engine, rules: Rules, now: datetime) -> foreseen.Run:
    return foreseen.Run(engine.url, rules.playbook.hash, now, sweep="segment")
