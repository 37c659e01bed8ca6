"""Single events and unsubscribes, recorded in the caller's transaction: for web, deliver and the command line, where an answer cannot wait for a sweep."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models import Actor, Lead, SuppressionReason
from ripeline.sweep.board import raise_facts
from ripeline.sweep.ingest.correcting import correct_doers
from ripeline.sweep.ingest.naming import known_leads, reference, went_into
from ripeline.sweep.ingest.parking import park
from ripeline.sweep.ingest.properties import as_columns, as_frame
from ripeline.sweep.ingest.storing import store_events
from ripeline.sweep.ingest.worth import EARLIEST, LEEWAY
from ripeline.sweep.suppressing import EVERYTHING, suppress
from ripeline.values import Tally, event_id


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as somebody tells it. `lead` is our id, an address, or the id in the system it comes from; (source, source_id) is its identity."""

    lead: int | str
    kind: str
    at: datetime
    source: str
    source_id: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    actor: Actor = Actor.HUMAN
    message_id: UUID | None = None


def record_events(session: Session, events: Sequence[NewEvent], now: datetime) -> Tally:
    """Record events in the caller's transaction and return how many were imported, unchanged, parked and refused.

    Known ones are unchanged, or corrected where they turn out to be no human's; those of an unknown lead are parked until it comes. Refused are
    those from the future or before 1990, and those that hold what no database takes: a NUL, a number that is none.
    """
    timely = [event for event in events if EARLIEST <= event.at <= now + LEEWAY and _can_be_stored(event)]
    references = {event.lead: reference(event.lead) for event in timely if isinstance(event.lead, str)}
    found = known_leads(session, references.values()) if references else {}
    rows = [_row(event, references[event.lead] if isinstance(event.lead, str) else None) for event in timely]
    moved = went_into(session, {event.lead for event in timely if isinstance(event.lead, int)})
    for row in rows:
        row["lead_id"] = moved.get(row["lead_id"], row["lead_id"]) or found.get(row["lead_ref"])
    known = as_frame(row for row in rows if row["lead_id"] is not None)
    fresh = store_events(session, known, now)
    corrected = correct_doers(session, known, fresh, now)
    raise_facts(session, {*fresh["lead_id"], *corrected})
    parked = len(park(session, _unknown(rows), now))
    counts = {
        "imported": fresh.height,
        "unchanged": len(timely) - fresh.height - parked - len(corrected),
        "parked": parked,
        "refused": len(events) - len(timely),
    }
    return Tally.of(**counts | ({"corrected": len(corrected)} if corrected else {}))


def unsubscribe(
    session: Session, lead: Lead, *, at: datetime, now: datetime, source: str, source_id: str, pepper: bytes,
    touch: str | None = None, message_id: UUID | None = None, scope: str = EVERYTHING,
) -> bool:  # fmt: skip
    """Write the suppression, then the event, in the caller's transaction; return whether the suppression is new.

    Every lead with this address stops, also one that comes later. Doing it again changes nothing.
    """
    assert lead.id is not None, "only a stored lead can unsubscribe"
    is_new = suppress(session, lead.address_key, SuppressionReason.UNSUBSCRIBED, source, at=at, now=now, pepper=pepper, scope=scope)
    properties = {} if touch is None else {"touch": touch}
    record_events(session, [NewEvent(lead.id, "unsubscribed", at, source, source_id, properties, message_id=message_id)], now)
    return is_new


def _can_be_stored(event: NewEvent) -> bool:
    values = [event.kind, event.source, event.source_id, *event.properties, *event.properties.values()]
    return not any((isinstance(value, str) and "\x00" in value) or (isinstance(value, float) and not isfinite(value)) for value in values)


def _row(event: NewEvent, lead_ref: str | None) -> dict[str, Any]:
    return as_columns(event.properties) | {
        "lead_id": event.lead if isinstance(event.lead, int) else None, "lead_ref": lead_ref, "at": event.at,
        "id": event_id(event.source, event.source_id), "kind": event.kind, "actor": event.actor.value,
        "message_id": event.message_id.hex if event.message_id else None, "source": event.source, "source_id": event.source_id,
    }  # fmt: skip


def _unknown(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    empty = dict.fromkeys(("path", "form", "asset", "touch", "seconds", "amount", "more"))
    return [empty | row for row in rows if row["lead_id"] is None]
