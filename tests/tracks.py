"""What the tests of tracks share: playbooks of one track, and people in it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from mailing import a_consent, saved
from people import NOW, ada
from shipped import in_english
from sqlmodel import Session

from models import Consent, Enrolment, Lead, Score
from ripeline.decide.fields import Field, Fields, FieldType
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook

ANY_TIME = {"days": "any", "from": "00:00", "to": "00:00", "spread": "1 minute"}

_numbers = count(1)


@cache
def shipped() -> Playbook:
    """Return the shipped playbook, with a date that leads have."""
    playbook = in_english()
    return replace(playbook, fields=Fields({**playbook.fields.lead, "contract_ends": Field("contract_ends", FieldType.DATE)}, playbook.fields.event))


@cache
def at_any_time() -> Playbook:
    """Return that playbook without caps, quiet hours and blackout dates, its window always open."""
    limits = shipped().limits
    caps = limits.caps.model_copy(update={"per_day": None, "per_week": None, "gap": None})
    free = limits.model_copy(update={"caps": caps, "quiet": None, "blackout": (), "window": limits.window.model_validate(ANY_TIME)})
    return replace(shipped(), limits=free)


def with_touches(*touches: Mapping[str, object], of: Playbook | None = None, **track: object) -> Playbook:
    """Return a playbook whose one track, proof, has these touches; `of` None: one without limits."""
    said = {"title": "Proof", "enter": {"when": "TRUE"}, "touch": list(touches)} | track
    return replace(of or at_any_time(), hash=f"touches {next(_numbers)}", tracks={"proof": Track.model_validate(said)})


def in_track(
    session: Session, playbook: Playbook, lead: Lead | None = None, *, total: int = 3000, entered_total: int | None = 3000, entered_at: datetime = NOW,
    consent: Consent | None = None, track: str = "proof",
) -> Enrolment:  # fmt: skip
    """Return the saved enrolment of a lead who agreed to be written to and has a score."""
    lead = saved(session, lead or ada())
    given: dict[str, Any] = {"fit": 0, "engagement": 0, "grade": "C3", "version": "card", "as_of": NOW, "scored_seq": 1}
    enrolment = Enrolment(lead_id=lead.id or 0, track=track, group="nurture", version=playbook.hash, entered_at=entered_at, entered_total=entered_total)
    saved(session, consent or a_consent(lead), Score(lead_id=lead.id or 0, total=total, **given), enrolment)
    return enrolment
