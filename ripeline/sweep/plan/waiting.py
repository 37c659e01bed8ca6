"""What is stored of people in flight: the touches that wait, planned and never seen by any server, and the tracks they are in."""

from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Message
from ripeline.decide.facts import INSTANT
from ripeline.decide.lineage import NewNames
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.schedule.due import is_untried

WAITING = {"enrolment_id": pl.Int64(), "track": pl.String(), "touch": pl.String(), "due_at": INSTANT}
_RENAMED = {"track": pl.String(), "new": pl.String(), "leads": pl.Int64()}


def waiting_touches(session: Session, ids: range) -> pl.DataFrame:
    """Return WAITING of the leads among `ids`, by the names that touches have today; an enrolment has at most one."""
    columns: list[Any] = [col(Message.enrolment_id), col(Enrolment.track), col(Message.touch), col(Message.due_at)]
    query: sa.Select[Any] = sa.select(*columns).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    those = query.where(col(Enrolment.ended_at).is_(None), col(Message.lead_id).between(ids.start, ids.stop - 1), is_untried())
    return read_bulk(session.get_bind().engine, those, WAITING)


def renamed_tracks(session: Session, ids: range, names: NewNames) -> pl.DataFrame:
    """Return `track`, `new` and `leads` of the tracks that have another name now, and how many of the leads in `ids` are in each."""
    of = (col(Enrolment.track).in_(names.tracks), col(Enrolment.ended_at).is_(None), col(Enrolment.lead_id).between(ids.start, ids.stop - 1))
    query = sa.select(col(Enrolment.track), sa.func.count()).where(*of).group_by(col(Enrolment.track)).order_by(col(Enrolment.track))
    rows = [(track, names.tracks[track], leads) for track, leads in session.execute(query)] if names.tracks else []
    return pl.DataFrame(rows, schema=_RENAMED, orient="row")
