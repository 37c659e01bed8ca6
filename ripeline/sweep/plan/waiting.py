"""The touches that wait for people in flight, as they are stored: planned, and never seen by any server."""

from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Message
from ripeline.decide.facts import INSTANT
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.schedule.due import is_untried

WAITING = {"enrolment_id": pl.Int64(), "track": pl.String(), "touch": pl.String(), "due_at": INSTANT}


def waiting_touches(session: Session, ids: range) -> pl.DataFrame:
    """Return WAITING of the leads among `ids`, by the names that touches have today; an enrolment has at most one."""
    columns: list[Any] = [col(Message.enrolment_id), col(Enrolment.track), col(Message.touch), col(Message.due_at)]
    query: sa.Select[Any] = sa.select(*columns).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    those = query.where(col(Enrolment.ended_at).is_(None), col(Message.lead_id).between(ids.start, ids.stop - 1), is_untried())
    return read_bulk(session.get_bind().engine, those, WAITING)
