"""Events whose lead nobody knows yet: parked when they come, attached when the lead does."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Actor, Lead, ParkedEvent
from ripeline.sweep.bulk import insert_new, is_one_of
from ripeline.sweep.ingest.properties import as_columns, as_frame, as_properties
from ripeline.sweep.ingest.storing import store_events
from ripeline.sweep.ingest.unsubscribed import suppress_unsubscribed
from ripeline.values import event_id

BATCH = 20_000


def park(session: Session, rows: Iterable[Mapping[str, Any]], now: datetime) -> set[str]:
    """Park events, rows of EVENT_SCHEMA with `lead_ref` in place of `lead_id`; return the source ids of those not parked before."""
    parked = (
        {
            "lead_ref": row["lead_ref"], "at": row["at"], "received_at": now, "kind": row["kind"], "actor": Actor(row["actor"]),
            "properties": as_properties(row), "source": row["source"], "source_id": row["source_id"],
        }
        for row in rows
    )  # fmt: skip
    return {row.source_id for row in insert_new(session, ParkedEvent, parked, returning=[col(ParkedEvent.source_id)])}


def has_parked(session: Session) -> bool:
    """Tell whether any event is parked."""
    return session.execute(sa.select(col(ParkedEvent.id)).limit(1)).first() is not None


def has_attachable(session: Session) -> bool:
    """Tell whether a parked event waits whose lead we know by now."""
    return session.execute(_attachable(None).limit(1)).first() is not None


def attach(session: Session, now: datetime, references: Collection[str] | None = None, *, pepper: bytes) -> list[int]:
    """Attach parked events whose lead we know by now and return their leads' ids, one an event; raising facts is left to the caller.

    `references` narrows it to events parked under these names. `now` becomes `received_at`: a score of before never saw them.
    """
    attached: list[int] = []
    while rows := session.execute(_attachable(_narrowed(session, references)).limit(BATCH)).all():
        fresh = store_events(session, as_frame(_event(row) for row in rows), now)
        suppress_unsubscribed(session, fresh, now, pepper)
        attached += fresh["lead_id"].to_list()
        gone = is_one_of(session, ParkedEvent.id, [row.id for row in rows])
        session.execute(sa.delete(ParkedEvent).where(gone), execution_options={"synchronize_session": False})
    return attached


def _narrowed(session: Session, references: Collection[str] | None) -> sa.ColumnElement[bool] | None:
    return None if references is None else is_one_of(session, ParkedEvent.lead_ref, references)


def _attachable(narrowed: sa.ColumnElement[bool] | None) -> sa.Select[Any]:
    """Return parked events with their lead's id; an id from outside goes before an address."""
    by_id, by_address = sa.orm.aliased(Lead), sa.orm.aliased(Lead)
    lead_id = sa.func.coalesce(col(by_id.merged_into), col(by_id.id), col(by_address.merged_into), col(by_address.id)).label("lead_id")
    query = (
        sa.select(*ParkedEvent.__table__.columns, lead_id)  # type: ignore[attr-defined]
        .outerjoin(by_id, col(by_id.external_id) == col(ParkedEvent.lead_ref))
        .outerjoin(by_address, col(by_address.address_key) == col(ParkedEvent.lead_ref))
        .where(sa.or_(col(by_id.id).is_not(None), col(by_address.id).is_not(None)))
        .order_by(col(ParkedEvent.id))
    )
    return query if narrowed is None else query.where(narrowed)


def _event(row: sa.Row[Any]) -> dict[str, Any]:
    return as_columns(row.properties) | {
        "lead_id": row.lead_id, "at": row.at, "id": event_id(row.source, row.source_id), "kind": row.kind, "actor": row.actor.value,
        "source": row.source, "source_id": row.source_id,
    }  # fmt: skip
