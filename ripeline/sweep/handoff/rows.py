"""Writing rows that another sweep may be writing at the same moment."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from ripeline.sweep.bulk import is_sqlite

_LOCK = 0x68616E646F66  # "handof": any number that no other sweep locks


def lock_handoffs(session: Session) -> None:
    """Wait until no other handoff sweep is at work, so that no rep is booked or loaded twice; the transaction's end lets go.

    SQLite has one writer at a time anyway.
    """
    if not is_sqlite(session):
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def insert_from(session: Session, table: type[SQLModel], columns: Sequence[str], query: sa.Select[Any], *, returning: Any) -> int:
    """Insert what `query` selects, leave rows whose key is there already, and return how many were new. `returning` is any column."""
    insert = sqlite.insert(table) if is_sqlite(session) else postgresql.insert(table)
    statement = insert.from_select(list(columns), query, include_defaults=False).on_conflict_do_nothing().returning(returning)
    return len(session.execute(statement).all())  # neither driver tells a row count here


def changed(session: Session, statement: sa.Update) -> int:
    """Execute an update and return how many rows it changed."""
    return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
