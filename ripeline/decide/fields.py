"""The catalogue of fields: every lead attribute and event property that a condition, a rule or a template may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FieldType(StrEnum):
    """What kind of value a field holds. POINTS are Int64 hundredths in frames, while people write whole points."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    DATE = "date"
    INSTANT = "instant"
    POINTS = "points"


@dataclass(frozen=True)
class Field:
    """One field. `example` is shown by `ripeline fields`; `choices` bind a CHOICE; `is_personal` keeps it out of reports."""

    name: str
    type: FieldType
    meaning: str = ""
    example: object = None
    choices: tuple[str, ...] = ()
    is_personal: bool = False


@dataclass(frozen=True)
class Fields:
    """All fields: of a lead by name, of an event by kind, then name. A kind without properties is still a kind."""

    lead: Mapping[str, Field] = field(default_factory=dict)
    event: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)


STANDING: Mapping[str, Field] = {
    each.name: each
    for each in (
        Field("total", FieldType.POINTS, "Fit and engagement after caps", 62),
        Field("fit", FieldType.POINTS, "Points from attributes", 40),
        Field("engagement", FieldType.POINTS, "Points from events", 22),
        Field("grade", FieldType.TEXT, "Fit band and engagement band", "B2"),
        Field("stage", FieldType.TEXT, "Funnel stage", "marketing_qualified"),
        Field("is_on_hold", FieldType.FLAG, "Nothing is sent for now", False),
        Field("market", FieldType.TEXT, "The market whose overlay applies", "jp"),
    )
}
"""What a lead's standing adds to its attributes wherever stages, tracks, routing and audiences are decided."""

ENTERED_TOTAL = "entered_total"

IN_A_TRACK: Mapping[str, Field] = {
    **STANDING,
    ENTERED_TOTAL: Field(ENTERED_TOTAL, FieldType.POINTS, "The total with which the lead entered its track", 31),
}
"""What the conditions of a touch may ask beside the lead's attributes."""
