"""Whoever unsubscribed in another system is not written to from here either."""

from collections.abc import Iterable
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead, SuppressionReason
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.suppressing import suppression_row, write_suppressions

UNSUBSCRIBED = "unsubscribed"


def suppress_unsubscribed(session: Session, events: pl.DataFrame, now: datetime, pepper: bytes) -> None:
    """Suppress the addresses of leads who, by these events, unsubscribed somewhere else."""
    told = events.filter(pl.col("kind") == UNSUBSCRIBED)
    if told.is_empty():
        return
    wanted = sa.select(col(Lead.id), col(Lead.address_key)).where(is_one_of(session, Lead.id, told["lead_id"].unique().to_list()))
    keys = {row.id: row.address_key for row in session.execute(wanted)}
    suppress_all(session, [(keys[row["lead_id"]], row["at"], row["source"]) for row in told.sort("at").iter_rows(named=True)], now, pepper)


def suppress_all(session: Session, told: Iterable[tuple[str, datetime, str]], now: datetime, pepper: bytes) -> None:
    """Suppress addresses, each with the instant and the source at which its owner unsubscribed."""
    reason = SuppressionReason.UNSUBSCRIBED
    write_suppressions(session, [suppression_row(key, reason, source, at=at, now=now, pepper=pepper) for key, at, source in told])
