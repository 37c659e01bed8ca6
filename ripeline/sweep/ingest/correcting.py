"""Events told again with another doer: what turns out to be a scanner's gives its points back, and the rest of it stays as it was told first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Actor, Event, Handoff
from ripeline.sweep.bulk import insert_new, is_one_of
from ripeline.values import event_id

CORRECTED = "doer_corrected"
"""The kind of the event that says when a deed turned out to be no human's; `form` is the id of that deed's event."""

SOURCE = "corrections"


def correct_doers(session: Session, events: pl.DataFrame, fresh: pl.DataFrame, now: datetime) -> list[int]:
    """Take it over where stored events of a human are told again as a machine's, or nobody knows whose; return their leads' ids, one an event.

    `events` and those `fresh` among them have EVENT_SCHEMA. A human's word changes nothing: most files say nothing of the doer, and mean one.
    Of leads that sales has, or had, an event says when it came to light. Raising facts is left to the caller.
    """
    doubted = events.filter(pl.col("actor") != Actor.HUMAN.value)  # few, or none: the join below is for them alone
    again = doubted.join(fresh, on=["source", "source_id"], how="anti")
    rows = [row for (source, actor), told in again.group_by("source", "actor") for row in _corrected(session, str(source), Actor(actor), told)]
    _remember(session, rows, now)
    return [lead_id for lead_id, _ in rows]


def _remember(session: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> None:
    """Write down when it came to light, for the `handoff` sweep and whoever reads the lead's story."""
    if not rows:
        return
    at_sales = set(session.execute(sa.select(col(Handoff.lead_id)).where(is_one_of(session, col(Handoff.lead_id), [row.lead_id for row in rows]))).scalars())
    insert_new(session, Event, [_told(lead_id, deed, now) for lead_id, deed in rows if lead_id in at_sales], returning=[col(Event.id)])


def _told(lead_id: int, deed: int, now: datetime) -> dict[str, Any]:
    said = {"kind": CORRECTED, "actor": Actor.MACHINE, "form": str(deed), "source": SOURCE, "source_id": str(deed)}
    nothing = dict.fromkeys(("path", "asset", "touch", "seconds", "amount", "more", "message_id"))
    return nothing | said | {"lead_id": lead_id, "at": now, "received_at": now, "id": event_id(SOURCE, str(deed))}


def _corrected(session: Session, source: str, actor: Actor, told: pl.DataFrame) -> Sequence[sa.Row[Any]]:
    ids = is_one_of(session, Event.source_id, told["source_id"].to_list())
    theirs = sa.update(Event).where(col(Event.source) == source, ids, col(Event.actor) == Actor.HUMAN)
    changed = theirs.values(actor=actor).returning(col(Event.lead_id), col(Event.id))
    return session.execute(changed, execution_options={"synchronize_session": False}).all()
