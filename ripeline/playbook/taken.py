"""Taken names: what no declared field may be called, since a table or a frame has a column of that name which means something else."""

from collections.abc import Iterator, Mapping

from models import Event, Lead
from ripeline.decide.facts import event_schema
from ripeline.decide.fields import IN_A_TRACK, Field, Fields, FieldType
from ripeline.letter.data import LEAD_FIELDS
from ripeline.playbook.finding import Finding
from ripeline.playbook.positions import line_of, positions

PROPERTIES = frozenset({"path", "form", "asset", "touch", "seconds", "amount"})
"""The event properties that have a column of their own."""

_OF_SCORES = frozenset({"excluded", "next_review_at", "reasons", "revision", "row", "soonest", "steady", "version"})
_OF_JUDGING = frozenset({
    "at", "barred", "converted", "enrolment_id", "exhausted_in", "group", "had_converted", "handoff_state", "has_score", "is_handed_off", "is_other",
    "is_taken", "lead_id", "leads", "leaves_because", "message", "number", "stage_because", "stage_review_at", "told_because", "told_stage", "was",
})  # fmt: skip
"""Columns that sweeps lay beside a lead's attributes while conditions are asked."""

_OF_EXAMPLES = frozenset({"events", "changes"})
_OF_EVENTS = frozenset(event_schema(Fields(), frozenset())) | {"raw", "exact", "given", "until", "began"}
_OF_TOUCHES = frozenset({
    "address_key", "anchor", "arm_of", "consent", "consent_id", "dated", "day_text", "due_was", "entered_at", "expires", "first_at", "last_at", "letter",
    "lives_in", "not_before", "position", "priority", "rule_was", "salt", "since", "template", "timing", "touch", "track", "variant", "wait", "wait_text",
    "window_text", "zone_source", "zone_was",
})  # fmt: skip
"""Columns of planned touches, beside which the dates are laid that they hang on."""

OF_LEADS = (frozenset(Lead.model_fields) - {*LEAD_FIELDS, "source", "created_at"}) | frozenset(IN_A_TRACK) | _OF_SCORES | _OF_JUDGING | _OF_EXAMPLES
OF_EVENTS = (frozenset(Event.model_fields) - PROPERTIES) | _OF_EVENTS


def check_names(files: Mapping[str, str], path: str, fields: Fields) -> Iterator[Finding]:
    """Yield a finding for each field that is called like something of ours: conditions would read that instead."""
    taken: list[tuple[tuple[str, ...], str]] = [(("lead", name), f"crm_{name}") for name, field in fields.lead.items() if _is_taken(field)]
    for kind, known in fields.event.items():
        taken += [(("event", kind, name), f"{kind.split('_')[0]}_{name}") for name in known if name in OF_EVENTS]
    lines = positions(files[path]) if taken else {}
    for place, other in taken:
        what = f"[{'.'.join(place)}]: '{place[-1]}' is the name of something else that Ripeline keeps, and would be read in its place."
        yield Finding(path, line_of(lines, place), what, f"Choose another name, such as {other}.")


def _is_taken(field: Field) -> bool:
    return field.name in OF_LEADS or (field.type in (FieldType.DATE, FieldType.INSTANT) and field.name in _OF_TOUCHES)
