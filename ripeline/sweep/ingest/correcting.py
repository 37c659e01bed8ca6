"""Events told again with another doer: what turns out to be a scanner's gives its points back, and the rest of it stays as it was told first."""

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Actor, Event
from ripeline.sweep.bulk import is_one_of


def correct_doers(session: Session, events: pl.DataFrame, fresh: pl.DataFrame) -> list[int]:
    """Take it over where stored events of a human are told again as a machine's, or nobody knows whose; return their leads' ids, one an event.

    `events` and those `fresh` among them have EVENT_SCHEMA. A human's word changes nothing: most files say nothing of the doer, and mean one.
    Raising facts is left to the caller.
    """
    doubted = events.filter(pl.col("actor") != Actor.HUMAN.value)  # few, or none: the join below is for them alone
    again = doubted.join(fresh, on=["source", "source_id"], how="anti")
    return [lead_id for (source, actor), told in again.group_by("source", "actor") for lead_id in _corrected(session, str(source), Actor(actor), told)]


def _corrected(session: Session, source: str, actor: Actor, told: pl.DataFrame) -> list[int]:
    ids = is_one_of(session, Event.source_id, told["source_id"].to_list())
    theirs = sa.update(Event).where(col(Event.source) == source, ids, col(Event.actor) == Actor.HUMAN)
    changed = theirs.values(actor=actor).returning(col(Event.lead_id))
    return list(session.execute(changed, execution_options={"synchronize_session": False}).scalars())
