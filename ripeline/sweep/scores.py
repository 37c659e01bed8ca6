"""Storing scores in bulk: first ones are appended; others go by a temporary table of news and two statements that put it where it belongs."""

from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from models import Lead, Role, Score, ScoreChange
from models.columns import Key, UtcDateTime
from ripeline.sweep.bulk import is_one_of, is_sqlite, table_of
from ripeline.sweep.bulk_write import append

NEWS = sa.Table(
    "score_news", sa.MetaData(),
    sa.Column("lead_id", Key, nullable=False),
    sa.Column("fit", Key, nullable=False),
    sa.Column("engagement", Key, nullable=False),
    sa.Column("total", Key, nullable=False),
    sa.Column("grade", sa.String, nullable=False),
    sa.Column("market", sa.String),
    sa.Column("excluded", sa.String),
    sa.Column("reasons", sa.String, nullable=False),
    sa.Column("next_review_at", UtcDateTime),
    sa.Column("scored_seq", Key, nullable=False),
    prefixes=["TEMPORARY"],
)  # fmt: skip
"""New scores of leads that have one already, for the length of one transaction."""

WRITERS_LOCK = 0x52495045
"""Key of the PostgreSQL advisory lock that lets one rescore write at a time, so that each grade change is told once."""


def store_scores(session: Session, scores: pl.DataFrame, version: str, as_of: datetime, role: Role = Role.LIVE) -> tuple[int, int]:
    """Store `scores` in a role and return how many were stored, and how many changed their grade. Commits nothing.

    `scores` has the columns of `score_by_market`, and `facts_seq`. A stored score stays where it saw more facts, or a later instant.
    A first grade is no change, nor is any in shadow: history tells what people acted on.
    """
    if scores.is_empty():
        return 0, 0
    if not is_sqlite(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS_LOCK)))
    scored_seq, reasons = pl.col("facts_seq").alias("scored_seq"), pl.col("reasons").fill_null("")
    news = scores.select("lead_id", "fit", "engagement", "total", "grade", "market", "excluded", "next_review_at", scored_seq, reasons)
    is_known = pl.col("lead_id").is_in(_known(session, news["lead_id"], role).implode())
    first, again = news.filter(~is_known), news.filter(is_known)
    append(session, table_of(Score), first, {"role": role.value, "version": version, "as_of": as_of, "revision": 1})
    stored, changed = _renew(session, again, version, as_of, role) if again.height else (0, 0)
    return first.height + stored, changed


def _known(session: Session, lead_ids: pl.Series, role: Role) -> pl.Series:
    """Return which leads among these have a score in this role, and perhaps others; nobody else gives them one before we end."""
    ids = lead_ids.sort()
    is_dense = len(ids) * 5 >= ids[-1] - ids[0]
    among = col(Score.lead_id).between(ids[0], ids[-1]) if is_dense else is_one_of(session, col(Score.lead_id), ids.to_list())
    return pl.Series(session.execute(sa.select(col(Score.lead_id)).where(among, col(Score.role) == role)).scalars().all(), dtype=pl.Int64)


def _renew(session: Session, again: pl.DataFrame, version: str, as_of: datetime, role: Role) -> tuple[int, int]:
    """Put scores in the place of older ones and return how many did, and how many changed their grade."""
    session.execute(sa.schema.CreateTable(NEWS))
    append(session, NEWS, again)
    changed = rows_touched(session, _changes(version, as_of)) if role is Role.LIVE else 0
    stored = rows_touched(session, _upsert(is_sqlite(session), version, as_of, role))
    session.execute(sa.schema.DropTable(NEWS))
    return stored, changed


def rows_touched(session: Session, statement: sa.Insert | sa.Delete) -> int:
    """Run a statement past the session's objects and return how many rows it touched."""
    return session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _is_newer(news: Any, as_of: datetime, version: str) -> sa.ColumnElement[bool]:
    """Return the condition that a new score may take a stored one's place."""
    seen, told = col(Score.scored_seq), col(Score.as_of)
    not_older = sa.and_(news.scored_seq >= seen, told <= as_of)
    return sa.and_(not_older, sa.or_(news.scored_seq > seen, told < as_of, col(Score.version) != version))


def _may_matter(news: Any, as_of: datetime, version: str) -> sa.ColumnElement[bool]:
    """Return the condition that a new score may lead to other verdicts than a stored one: by news, by another card, or since its review has come.

    A review is never late, so until it comes no point passes a boundary: who is scored anew before need not be judged anew.
    """
    return sa.or_(news.scored_seq > col(Score.scored_seq), col(Score.version) != version, col(Score.next_review_at) <= as_of)


def _changes(version: str, as_of: datetime) -> sa.Insert:
    new = NEWS.c
    told = {
        "lead_id": new.lead_id, "at": sa.literal(as_of, UtcDateTime), "total": new.total, "grade": new.grade, "stage": col(Lead.stage),
        "version": sa.literal(version), "reasons": new.reasons, "because": sa.literal(""),
    }  # fmt: skip
    is_replaced = sa.and_(col(Score.lead_id) == new.lead_id, col(Score.role) == Role.LIVE, _is_newer(new, as_of, version))
    # An inner join SQLite would begin at the stored scores, all of them: it believes that few have the role `live`.
    query = sa.select(*told.values()).select_from(NEWS).outerjoin(Score, is_replaced).join(Lead, col(Lead.id) == new.lead_id)
    return sa.insert(ScoreChange).from_select(list(told), query.where(sa.func.coalesce(col(Score.grade), new.grade) != new.grade))


def _upsert(on_sqlite: bool, version: str, as_of: datetime, role: Role) -> sa.Insert:
    copied = ["lead_id", "fit", "engagement", "total", "grade", "market", "excluded", "next_review_at", "scored_seq", "reasons"]
    values: dict[str, sa.ColumnElement[Any]] = {name: NEWS.c[name] for name in copied}
    values |= {"role": sa.literal(role.value), "version": sa.literal(version)}
    values |= {"as_of": sa.literal(as_of, UtcDateTime), "revision": sa.literal(1)}
    query = sa.select(*values.values()).where(sa.true()).order_by(NEWS.c.lead_id)  # without a WHERE, SQLite reads ON CONFLICT as a join
    names = list(values)
    insert: Any = (sqlite.insert if on_sqlite else postgresql.insert)(Score).from_select(names, query)
    new = insert.excluded
    renewed = {name: new[name] for name in names if name not in ("lead_id", "role", "revision")}
    renewed["revision"] = col(Score.revision) + sa.case((_may_matter(new, as_of, version), 1), else_=0)
    upsert: sa.Insert = insert.on_conflict_do_update(index_elements=["lead_id", "role"], set_=renewed, where=_is_newer(new, as_of, version))
    return upsert
