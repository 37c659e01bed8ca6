"""What the tests of scoring share: the shipped cards and fields, and facts about leads in few words."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from ripeline.decide.facts import CHANGE_SCHEMA, Facts, column_type, event_schema
from ripeline.decide.scorecard import BoundCard, Scorecard, bind
from ripeline.playbook.fields import FieldsFile
from ripeline.settings import CLONE

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)

FIELDS = FieldsFile.model_validate(tomllib.loads((CLONE / "playbook/fields.toml").read_text())).as_fields()

LISTS = {
    file.stem: frozenset(line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    for file in sorted((CLONE / "playbook/lists").glob("*.txt"))
}


def shipped(name: str) -> Scorecard:
    """Return the shipped card of this name."""
    return Scorecard.model_validate(tomllib.loads((CLONE / f"playbook/scoring/{name}.toml").read_text()))


def card(text: str, boundaries: frozenset[tuple[str, int]] = frozenset()) -> BoundCard:
    """Return the card that `text` says, its title aside."""
    return bind(Scorecard.model_validate({"title": "Test", **tomllib.loads(text)}), FIELDS, LISTS, boundaries)


def ago(days: float) -> datetime:
    """Return the instant so many days before NOW."""
    return NOW - timedelta(days=days)


def facts(*leads: Mapping[str, Any]) -> Facts:
    """Return facts about leads 1, 2, …: attributes, `events` as (kind, at, properties) and `changes` as (attribute, at)."""
    people: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for number, given in enumerate(leads, start=1):
        lead = {"created_at": ago(1)} | dict(given)
        events += [_event(number, *event) for event in lead.pop("events", ())]
        changes += [{"lead_id": number, "attribute": name, "at": at} for name, at in lead.pop("changes", ())]
        people.append({"id": number} | lead)
    schema = {"id": pl.Int64(), **{name: column_type(field) for name, field in FIELDS.lead.items()}}
    rows = [{**row, "id": number} for number, row in enumerate(events)]
    return Facts(
        pl.DataFrame([dict.fromkeys(schema) | row for row in people], schema=schema),
        pl.DataFrame([dict.fromkeys(EVENTS) | row for row in rows], schema=EVENTS),
        pl.DataFrame([dict.fromkeys(CHANGE_SCHEMA) | row for row in changes], schema=CHANGE_SCHEMA),
    )


EVENTS = event_schema(FIELDS, frozenset(name for kind in FIELDS.event.values() for name in kind))


def _event(lead: int, kind: str, at: datetime = NOW, properties: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"lead_id": lead, "at": at, "kind": kind, **(properties or {})}


def views(path: str, *days_ago: float) -> Sequence[tuple[str, datetime, dict[str, Any]]]:
    """Return views of a page so many days ago."""
    return [("page_viewed", ago(days), {"path": path}) for days in days_ago]
