"""News: which leads' scores must be computed anew, and of whom nobody may have one."""

from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from models import Consent, ConsentState, Lead, News, Purpose, Role, Score
from ripeline.sweep.bulk_read import read_bulk

DUE = {"id": pl.Int64(), "is_unwanted": pl.Boolean()}
"""Who is due: their ids, and whether nobody may have a score of them."""


class Standing(NamedTuple):
    """Conditions on a lead and its score in one role, where it has one.

    is_unwanted: nobody may have one. is_due: it is to be made or withheld. is_behind: it has not seen the newest facts.
    """

    is_unwanted: sa.ColumnElement[bool]
    is_due: sa.ColumnElement[bool]
    is_behind: sa.ColumnElement[bool]


def standing(version: str, now: datetime, *, full: bool = False) -> Standing:
    """Return the conditions of a role whose card has this version.

    Made is what is missing, older than its facts, due for review or by another version; with `full`, everybody's. Withheld is what
    nobody may have. Nobody is scored before the instant they came.
    """
    has_score, unwanted, has_news = col(Score.lead_id).is_not(None), is_unwanted(now), col(Score.scored_seq) != col(Lead.facts_seq)
    stale = sa.or_(has_news, col(Score.next_review_at) <= now, col(Score.version) != version)
    made = sa.and_(col(Lead.created_at) <= now, sa.true() if full else sa.or_(~has_score, stale))
    is_behind = sa.and_(col(Lead.erased_at).is_(None), sa.or_(~has_score, has_news))
    return Standing(unwanted, sa.or_(sa.and_(made, ~unwanted), sa.and_(has_score, unwanted)), is_behind)


def leads_due(version: str, now: datetime, *, full: bool = False, role: Role = Role.LIVE) -> sa.Select[Any]:
    """Return a query for `id` and `is_unwanted`, in order, of leads whose score in this role is to be made or withheld, see `standing`."""
    stands = standing(version, now, full=full)
    return _of_role(role, col(Lead.id), stands.is_unwanted.label("is_unwanted")).where(stands.is_due)


def leads_open(version: str, now: datetime, role: Role) -> sa.Select[Any]:
    """Return a query for `id`, `is_unwanted`, `is_due` and `is_behind`, in order, of leads that are due or behind, see `standing`."""
    stands = standing(version, now)
    query = _of_role(role, col(Lead.id), *(condition.label(name) for name, condition in stands._asdict().items()))
    return query.where(sa.or_(stands.is_due, stands.is_behind))


def _of_role(role: Role, *columns: Any) -> sa.Select[Any]:
    theirs = sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == role)
    return sa.select(*columns).select_from(Lead).outerjoin(Score, theirs).order_by(col(Lead.id))


def leads_left_in(role: Role) -> sa.Select[Any]:
    """Return a query for `id` and `is_unwanted` (true), in order, of all leads with a score in a role that no card has any more."""
    columns: list[Any] = [col(Lead.id), sa.true().label("is_unwanted")]
    return sa.select(*columns).join(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == role)).order_by(col(Lead.id))


def told_of(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Lead that it is told of alone on the board, the review of a score has come, or it objects to profiling.

    Where all scores are by the card in use, nobody else is due but those that a row of the board tells of together.
    """
    alone = sa.select(col(News.first)).where(col(News.first) == col(News.last))
    # In whichever role: asked for one, SQLite would go through all scores of that.
    reviewed = sa.select(col(Score.lead_id)).where(col(Score.next_review_at) <= now)
    return col(Lead.id).in_(sa.union(alone, reviewed, sa.select(col(Consent.lead_id)).where(*_objects(Consent, now))))


def is_by_one_card(engine: sa.Engine, role: Role, version: str) -> bool:
    """Tell whether there are scores in a role, all of them by this version of a card."""
    by = col(Score.role) == role
    least, most = (sa.select(which(col(Score.version))).where(by).scalar_subquery() for which in (sa.func.min, sa.func.max))
    found = read_bulk(engine, sa.select(least.label("least"), most.label("most")), {"least": pl.String(), "most": pl.String()})
    return found.row(0) == (version, version)


def within(query: sa.Select[Any], ids: range) -> sa.Select[Any]:
    """Return a query over Lead for the ids in this range alone."""
    return query.where(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop)


def is_unwanted(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Lead that nobody may score it: it was erased, or its newest word on profiling is an objection (GDPR article 21)."""
    return sa.or_(col(Lead.erased_at).is_not(None), col(Lead.id).in_(_objectors(now)))


def objecting(engine: sa.Engine, ids: range, now: datetime) -> pl.Series:
    """Return the ids of the leads in a range whose newest word on profiling is an objection. Reads outside any transaction."""
    query = _objectors(now).subquery()
    among = sa.select(query.c.lead_id).where(query.c.lead_id >= ids.start, query.c.lead_id < ids.stop)
    return read_bulk(engine, among, {"lead_id": pl.Int64()})["lead_id"]


def _objectors(now: datetime) -> sa.Select[Any]:
    this, newer = aliased(Consent), aliased(Consent)
    later = sa.or_(col(newer.at) > col(this.at), sa.and_(col(newer.at) == col(this.at), col(newer.id) > col(this.id)))
    again = sa.select(col(newer.id)).where(col(newer.lead_id) == col(this.lead_id), col(newer.purpose) == Purpose.PROFILING, col(newer.at) <= now, later)
    return sa.select(col(this.lead_id)).where(*_objects(this, now), ~again.exists())


def _objects(consent: Any, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return col(consent.purpose) == Purpose.PROFILING, col(consent.state) == ConsentState.WITHDRAWN, col(consent.at) <= now


def found(engine: sa.Engine, query: sa.Select[Any]) -> pl.DataFrame:
    """Return what `leads_due` gives as a frame with the columns of DUE, ordered by id. Reads outside any transaction."""
    return read_bulk(engine, query, DUE)


def batches(ids: pl.Series, batch_size: int) -> list[range]:
    """Return half-open ranges of ids, in order, that each hold at most `batch_size` of those given."""
    parts = (ids[first : first + batch_size] for first in range(0, len(ids), batch_size))
    return [range(part[0], part[-1] + 1) for part in parts]
