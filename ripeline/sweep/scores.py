"""Storing scores in bulk: first ones are appended; others go by a temporary table of news and two statements that put it where it belongs."""

from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from models import Lead, Role, Score, ScoreChange
from models.columns import Key, UtcDateTime
from ripeline.sweep.bulk import is_most, is_one_of, is_sqlite, table_of
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.bulk_write import AlreadyThere, append

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
"""Key of the PostgreSQL advisory lock between rescores. Who renews scores holds it alone, so that each grade change is told once; those who give
leads their first ones share it.

Nobody waits for another in a ring: it is taken before anything else is written and never raised from shared to alone, and those who share it
write in the order of the leads.
"""


class Overtaken(Exception):
    """Another rescore scored leads that were to get their first score: roll back and store them all again, alone."""


def are_first(engine: sa.Engine, ids: range) -> bool:
    """Return whether nobody in this range had a score in any role just now. Reads outside any transaction."""
    among = (col(Score.lead_id) >= ids.start, col(Score.lead_id) < ids.stop)
    return read_bulk(engine, sa.select(col(Score.lead_id)).where(*among).limit(1), {"lead_id": pl.Int64()}).is_empty()


def store_scores(
    session: Session, scores: pl.DataFrame, version: str, as_of: datetime, role: Role = Role.LIVE, alone: bool = True
) -> tuple[int, int]:  # fmt: skip
    """Store `scores` in a role and return how many were stored, and how many changed their grade. Commits nothing.

    `scores` has the columns of `score_by_market`, and `facts_seq`; they are in the order of their leads. A stored score stays where it saw more
    facts, or a later instant. A first grade is no change, nor is any in shadow: history tells what people acted on.
    On PostgreSQL others wait until this transaction ends; where it is not `alone`, those only who renew scores, and Overtaken is raised
    if somebody has one.
    """
    if scores.is_empty():
        return 0, 0
    _wait(session, alone)
    scored_seq, reasons = pl.col("facts_seq").alias("scored_seq"), pl.col("reasons").fill_null("")
    news = scores.select("lead_id", "fit", "engagement", "total", "grade", "market", "excluded", "next_review_at", scored_seq, reasons)
    known = _known(session, news["lead_id"], role, version)
    is_known = pl.col("lead_id").is_in(known["lead_id"].implode())
    first, again = news.filter(~is_known), news.filter(is_known)
    if again.height and not alone:
        raise Overtaken
    _append(session, first, {"role": role.value, "version": version, "as_of": as_of, "revision": 1})
    stored, changed = _renew(session, again, version, as_of, role, is_other=known["is_other"].any()) if again.height else (0, 0)
    return first.height + stored, changed


def withhold(session: Session, lead_ids: pl.Series, role: Role, alone: bool = True) -> int:
    """Delete scores nobody may keep and return how many: of leads who objected to profiling, of erased ones, and of a card that left the shadow."""
    if lead_ids.is_empty():
        return 0
    _wait(session, alone)
    return _rows_touched(session, sa.delete(Score).where(is_one_of(session, col(Score.lead_id), lead_ids.to_list()), col(Score.role) == role))


def _wait(session: Session, alone: bool) -> None:
    """Wait until we may write. SQLite has one writer at a time anyway."""
    if not is_sqlite(session):
        lock = sa.func.pg_advisory_xact_lock if alone else sa.func.pg_advisory_xact_lock_shared
        session.execute(sa.select(lock(WRITERS_LOCK)))


def _append(session: Session, first: pl.DataFrame, shared: dict[str, Any]) -> None:
    try:
        append(session, table_of(Score), first, shared)
    except AlreadyThere as error:
        raise Overtaken from error


def _known(session: Session, lead_ids: pl.Series, role: Role, version: str) -> pl.DataFrame:
    """Return which leads among these have a score in this role, and perhaps others, as `lead_id` and whether it `is_other` than this version.

    Nobody else gives them one before we end, if we are alone.
    """
    ids = lead_ids.sort()
    is_dense = is_most(len(ids), ids[-1] - ids[0] + 1)
    among = col(Score.lead_id).between(ids[0], ids[-1]) if is_dense else is_one_of(session, col(Score.lead_id), ids.to_list())
    query = sa.select(col(Score.lead_id), col(Score.version) != version).where(among, col(Score.role) == role)
    rows = [tuple(row) for row in session.execute(query)]
    return pl.DataFrame(rows, {"lead_id": pl.Int64(), "is_other": pl.Boolean()}, orient="row")


def _renew(session: Session, again: pl.DataFrame, version: str, as_of: datetime, role: Role, *, is_other: bool) -> tuple[int, int]:
    """Put scores in the place of older ones and return how many did, and how many changed their grade. is_other: some are by another version."""
    session.execute(sa.schema.CreateTable(NEWS))
    append(session, NEWS, again)
    changed = _rows_touched(session, _changes(version, as_of)) if role is Role.LIVE else 0
    stored = _rows_touched(session, _upsert(is_sqlite(session), version, as_of, role, is_other=is_other))
    session.execute(sa.schema.DropTable(NEWS))
    return stored, changed


def _rows_touched(session: Session, statement: sa.Insert | sa.Delete) -> int:
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


def _upsert(on_sqlite: bool, version: str, as_of: datetime, role: Role, *, is_other: bool) -> sa.Insert:
    """Return the statement. What is by this version already is not told so again: SQLite would write its entry in the index by version anew."""
    copied = ["lead_id", "fit", "engagement", "total", "grade", "market", "excluded", "next_review_at", "scored_seq", "reasons"]
    values: dict[str, sa.ColumnElement[Any]] = {name: NEWS.c[name] for name in copied}
    values |= {"role": sa.literal(role.value), "version": sa.literal(version)}
    values |= {"as_of": sa.literal(as_of, UtcDateTime), "revision": sa.literal(1)}
    query = sa.select(*values.values()).where(sa.true()).order_by(NEWS.c.lead_id)  # without a WHERE, SQLite reads ON CONFLICT as a join
    names = list(values)
    insert: Any = (sqlite.insert if on_sqlite else postgresql.insert)(Score).from_select(names, query)
    new = insert.excluded
    stays = {"lead_id", "role", "revision"} | (set() if is_other else {"version"})
    renewed = {name: new[name] for name in names if name not in stays}
    renewed["revision"] = col(Score.revision) + sa.case((_may_matter(new, as_of, version), 1), else_=0)
    upsert: sa.Insert = insert.on_conflict_do_update(index_elements=["lead_id", "role"], set_=renewed, where=_is_newer(new, as_of, version))
    return upsert
