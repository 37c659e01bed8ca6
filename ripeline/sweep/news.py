"""News: which leads' scores must be computed anew, and of whom nobody may have one."""

from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from models import Consent, ConsentState, Lead, Purpose, Role, Score
from ripeline.sweep.bulk import is_one_of_ids
from ripeline.sweep.bulk_read import read_bulk


def leads_due(version: str, now: datetime, *, full: bool = False, role: Role = Role.LIVE) -> sa.Select[Any]:
    """Return a query for `id` and `is_unwanted`, in order, of leads whose score in this role is to be made or withheld.

    Made is what is missing, older than its facts, due for review or by another version; with `full`, everybody's. Withheld is what
    nobody may have. Nobody is scored before the instant they came.
    """
    has_score, unwanted = col(Score.lead_id).is_not(None), is_unwanted(now)
    stale = sa.or_(col(Score.scored_seq) != col(Lead.facts_seq), col(Score.next_review_at) <= now, col(Score.version) != version)
    news = sa.and_(col(Lead.created_at) <= now, sa.true() if full else sa.or_(~has_score, stale))
    theirs = sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == role)
    columns: list[Any] = [col(Lead.id), unwanted.label("is_unwanted")]
    return sa.select(*columns).outerjoin(Score, theirs).where(sa.or_(sa.and_(news, ~unwanted), sa.and_(has_score, unwanted))).order_by(col(Lead.id))


def leads_left_in(role: Role) -> sa.Select[Any]:
    """Return a query for `id` and `is_unwanted` (true), in order, of all leads with a score in a role that no card has any more."""
    columns: list[Any] = [col(Lead.id), sa.true().label("is_unwanted")]
    return sa.select(*columns).join(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == role)).order_by(col(Lead.id))


def within(engine: sa.Engine, query: sa.Select[Any], ids: range, among: pl.Series | None) -> sa.Select[Any]:
    """Return a query over Lead for the ids in this range alone, or for those `among` them."""
    if among is not None:
        return query.where(is_one_of_ids(engine, col(Lead.id), among))
    return query.where(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop)


def is_unwanted(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Lead that nobody may score it: it was erased, or its newest word on profiling is an objection (GDPR article 21)."""
    this, newer = aliased(Consent), aliased(Consent)
    later = sa.or_(col(newer.at) > col(this.at), sa.and_(col(newer.at) == col(this.at), col(newer.id) > col(this.id)))
    again = sa.select(col(newer.id)).where(col(newer.lead_id) == col(this.lead_id), col(newer.purpose) == Purpose.PROFILING, col(newer.at) <= now, later)
    withdrawn = (col(this.purpose) == Purpose.PROFILING, col(this.state) == ConsentState.WITHDRAWN, col(this.at) <= now)
    objectors = sa.select(col(this.lead_id)).where(*withdrawn, ~again.exists())
    return sa.or_(col(Lead.erased_at).is_not(None), col(Lead.id).in_(objectors))


def found(engine: sa.Engine, query: sa.Select[Any]) -> pl.DataFrame:
    """Return what `leads_due` gives as a frame: `id` Int64, `is_unwanted` Boolean, ordered by id. Reads outside any transaction."""
    return read_bulk(engine, query, {"id": pl.Int64(), "is_unwanted": pl.Boolean()})


def batches(ids: pl.Series, batch_size: int) -> list[range]:
    """Return half-open ranges of ids, in order, that each hold at most `batch_size` of those given."""
    parts = (ids[first : first + batch_size] for first in range(0, len(ids), batch_size))
    return [range(part[0], part[-1] + 1) for part in parts]
