"""The cast. Four real people, and plain functions that make more."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from models import Actor, Event, Lead, News
from ripeline.values import event_id

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday: 11:00 in Berlin, 19:00 in Tokyo, 07:00 in São Paulo."""

JOINED = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)

_numbers = count(1)


@sa.event.listens_for(Lead, "after_insert")
@sa.event.listens_for(Lead, "after_update")
def put_up(mapper: Any, connection: sa.Connection, lead: Lead) -> None:
    """Tell `rescore` of leads that tests lay into the base, or whose facts they raise, as ingest does."""
    if sa.inspect(lead).attrs.facts_seq.history.has_changes() or sa.inspect(lead).attrs.id.history.has_changes():
        connection.execute(sa.insert(sa.inspect(News).local_table).values(first=lead.id, last=lead.id))


def a_lead(**changes: Any) -> Lead:
    """Return an unsaved lead of whom nothing is known but an address."""
    number = next(_numbers)
    address = changes.pop("address", f"lead{number}@example.com")
    given = {"address": address, "address_key": address.casefold(), "created_at": JOINED, "updated_at": JOINED, "stage_at": JOINED}
    return Lead(**given | changes)


def an_event(lead: Lead, kind: str, at: datetime, **properties: Any) -> Event:
    """Return an unsaved event of a saved lead; `actor`, `source_id` and `received_at` may be given with the properties."""
    assert lead.id is not None, "save the lead first: an event carries its id"
    source_id = properties.pop("source_id", f"{lead.id}-{kind}-{at.isoformat()}-{next(_numbers)}")
    columns = {name: properties.pop(name) for name in ("path", "form", "asset", "touch", "seconds", "amount") if name in properties}
    return Event(
        lead_id=lead.id,
        at=at,
        id=event_id("test", source_id),
        received_at=properties.pop("received_at", at),
        kind=kind,
        actor=properties.pop("actor", Actor.HUMAN),
        source="test",
        source_id=source_id,
        more=properties or None,
        **columns,
    )


def ada(**changes: Any) -> Lead:
    """Ada, a vice president in Berlin, reads German."""
    return a_lead(**{
        "address": "ada@example.com", "first_name": "Ada", "last_name": "Neumann", "company": "Spreewerk", "title": "VP Operations", "seniority": "vp",
        "industry": "Technology", "employees": 200, "country": "DE", "region": "BE", "city": "Berlin", "locale": "de", "zone": "Europe/Berlin",
    } | changes)  # fmt: skip


def kenji(**changes: Any) -> Lead:
    """Kenji, a manager in Tokyo, reads Japanese; his zone is not given."""
    return a_lead(**{
        "address": "kenji@example.org", "first_name": "健二", "last_name": "田中", "company": "みどり商会", "title": "部長", "seniority": "manager",
        "industry": "Retail", "employees": 80, "country": "JP", "city": "Tokyo", "locale": "ja",
    } | changes)  # fmt: skip


def maya(**changes: Any) -> Lead:
    """Maya, a specialist in São Paulo, reads Brazilian Portuguese."""
    return a_lead(**{
        "address": "maya@example.net", "first_name": "Maya", "last_name": "Oliveira", "company": "Ipê Logística", "title": "Analista",
        "seniority": "specialist", "industry": "Logistics", "employees": 900, "country": "BR", "region": "SP",
        "city": "São Paulo", "locale": "pt_BR", "zone": "America/Sao_Paulo",
    } | changes)  # fmt: skip


def sam(**changes: Any) -> Lead:
    """Sam, a chief executive in Chicago, who unsubscribed."""
    return a_lead(**{
        "address": "sam@example.com", "first_name": "Sam", "last_name": "Rivers", "company": "Lakeside Tools", "title": "CEO", "seniority": "c_level",
        "industry": "Technology", "employees": 60, "country": "US", "region": "IL", "city": "Chicago", "locale": "en", "zone": "America/Chicago",
    } | changes)  # fmt: skip
