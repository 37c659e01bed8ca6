"""Ranges of ids: the batches that a sweep works off."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session


def id_ranges(session: Session, ids: sa.Select[Any], batch_size: int) -> list[range]:
    """Return half-open ranges that hold `batch_size` each of the ids that a query selects (one column, each id once), in order."""
    found = ids.subquery()
    number = found.c[0]
    batch = ((sa.func.row_number().over(order_by=number) - 1) / sa.literal(batch_size, sa.Integer())).label("batch")
    numbered = sa.select(number.label("id"), sa.cast(sa.func.floor(batch), sa.Integer()).label("batch")).subquery()
    bounds = sa.select(sa.func.min(numbered.c.id), sa.func.max(numbered.c.id)).group_by(numbered.c.batch).order_by(numbered.c.batch)
    return [range(first, last + 1) for first, last in session.execute(bounds)]
