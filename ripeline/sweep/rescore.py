"""Rescore: leads with news, and leads whose points cross a boundary by now, get the score that follows from their facts."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Score
from ripeline.decide.scoring import score_by_market
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.facts import Reading, read_facts
from ripeline.sweep.news import everybody, leads_to_score, ranges, scores_to_withhold, within
from ripeline.sweep.scores import rows_touched, store_scores
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Tally

log = logging.getLogger(__name__)


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int, full: bool = False) -> Sequence[range]:
    """Return half-open ranges of lead ids that hold leads to be scored; with `full`, all of them."""
    return ranges(session, sa.union(_to_score(playbook, now, full), scores_to_withhold(now)), batch_size)


def rescore(session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False, full: bool = False) -> Tally:
    """Score the leads in `ids` that are due and return how many were `scored`, and how many scores were `withheld`.

    Facts are read outside the transaction, before the session is used: call it with a fresh session. A score from newer facts or of a
    later instant is never overwritten, so that rescores at the same time lose nothing.
    """
    by = scoring_of(playbook)
    reading = read_facts(session.get_bind().engine, ids, by.needs, playbook.fields, now, only=within(_to_score(playbook, now, full), ids))
    scores = score_by_market(reading.facts, by, now)
    withheld = _withhold(session, ids, now)
    scored, changed = store_scores(session, _with_reading(scores, reading), by.version, now)
    if dry_run:
        session.rollback()
    else:
        session.commit()
    log.info("scored %d leads, %d changed grade, %d scores withheld", scored, changed, withheld)
    return Tally.of(scored=scored, changed_grade=changed, withheld=withheld)


def _to_score(playbook: Playbook, now: datetime, full: bool) -> sa.Select[Any]:
    return everybody(now) if full else leads_to_score(scoring_of(playbook).version, now)


def _with_reading(scores: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Return scores with the `facts_seq` they have seen, reviewed at the latest when an event comes that is stored already."""
    known = scores.join(reading.seen, on="lead_id", how="left").join(reading.pending, on="lead_id", how="left")
    return known.with_columns(next_review_at=pl.min_horizontal("next_review_at", "pending_at")).drop("pending_at").sort("lead_id")


def _withhold(session: Session, ids: range, now: datetime) -> int:
    """Delete the scores nobody may keep: of leads who objected to profiling, and of erased ones."""
    return rows_touched(session, sa.delete(Score).where(col(Score.lead_id).in_(within(scores_to_withhold(now), ids))))
