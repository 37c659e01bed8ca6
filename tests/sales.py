"""Sales for tests: a playbook with few reps, consent, and what a handoff left in the tables."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from people import NOW
from shipped import shipped
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Message, Purpose
from ripeline.decide.handoff import HandoffRules
from ripeline.playbook.playbook import Playbook
from ripeline.values import Tally

DAY = timedelta(days=1)

Ready = Callable[..., Lead]
"""Stores a lead that is ready for sales."""

Sweep = Callable[..., Tally]
"""Runs the handoff sweep over everybody."""

OLE = {"name": "Ole", "email": "ole@example.com", "languages": ["de", "en"], "countries": ["DE"], "fallback": True, "zone": "Europe/Berlin"}


@cache
def the_playbook() -> Playbook:
    """Return the shipped playbook."""
    return shipped()


def with_reps(*reps: dict[str, Any], **changes: Any) -> Playbook:
    """Return the shipped playbook with these reps instead of its own; `changes` go to the top of handoff.toml."""
    rules = the_playbook().handoff.model_dump(by_alias=True) | {"rep": list(reps)} | changes
    return replace(the_playbook(), handoff=HandoffRules.model_validate(rules))


def a_consent(lead: Lead, state: ConsentState = ConsentState.GIVEN, at: datetime = NOW - 9 * DAY) -> Consent:
    """Return a lead's unsaved word on marketing."""
    assert lead.id is not None, "save the lead first"
    return Consent(lead_id=lead.id, subject_hash="", purpose=Purpose.MARKETING, state=state, basis="consent", at=at, received_at=at, source="test")


def an_objection(lead: Lead) -> Consent:
    """Return a lead's unsaved objection to profiling, of yesterday."""
    said = a_consent(lead, ConsentState.WITHDRAWN, NOW - DAY)
    said.purpose = Purpose.PROFILING
    return said


def only(session: Session, table: type[Any]) -> Any:
    """Return the one row of a table."""
    return session.exec(select(table)).one()


def messages(session: Session) -> dict[str, Message]:
    """Return every message by its key."""
    return {message.key: message for message in session.exec(select(Message).order_by(col(Message.key)))}
