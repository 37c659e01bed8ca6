"""Tracks: planned sequences of touches; playbook/tracks/*.toml as values."""

import re
from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator, model_validator

from ripeline.decide.duration import Duration, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.window import WindowChange

NAME = r"^[a-z0-9][a-z0-9_-]*$"

_AFTER = re.compile(r"after (.+)")


def _read_again(value: object) -> timedelta | None:
    if value is None or isinstance(value, timedelta):
        return value
    if value == "never":
        return None
    if value == "always":
        return timedelta()
    found = _AFTER.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f'{value!r} does not say when a lead may enter again: write "never", "always" or "after 90 days"')
    return Duration.parse(found[1]).span


Again = Annotated[
    timedelta | None,
    BeforeValidator(_read_again),
    PlainSerializer(lambda span: "never" if span is None else f"after {span.days} days"),
    WithJsonSchema({"type": "string"}),
]
"""How long after it left a track a lead may enter it again; None: never."""


class Enter(Entry):
    """Who enters: leads of whom `when` holds, for the first time or `again`."""

    when: str
    again: Again = None


class Leave(Entry):
    """Who leaves before the end: leads of whom `when` holds, or who reached the `goal`. None: nobody for this reason."""

    when: str | None = None
    goal: str | None = None


class Touch(Entry):
    """One step. `name` is its own in its track, for ever; `template` is a folder below templates/email/, the name if not given.

    wait: since entering, or since the last touch went out; days, weeks and business days count dates on the lead's calendar,
    hours pass as they do. expires: so long after it could first have gone, the touch is skipped rather than sent stale.
    """

    name: str = Field(pattern=NAME)
    template: str = ""
    wait: Duration
    window: WindowChange | None = None
    expires: Duration | None = None

    @field_validator("expires")
    @classmethod
    def _is_elapsed_time(cls, expires: Duration | None) -> Duration | None:
        if expires is not None and expires.is_business:
            raise ValueError("'expires' is elapsed time: write it in hours, days or weeks")
        return expires

    @property
    def folder(self) -> str:
        """Return the name of the folder below templates/email/."""
        return self.template or self.name

    @property
    def counts_dates(self) -> bool:
        """Return whether the wait counts dates, not hours."""
        return self.wait.unit in (Unit.DAY, Unit.WEEK, Unit.BUSINESS_DAY)


class Track(Entry):
    """One file of playbook/tracks/. A lead is in one track of a `group` at a time; the higher priority takes it, and goes first where caps bind."""

    title: str
    group: str = Field(default="nurture", pattern=NAME)
    priority: int = 0
    enter: Enter
    leave: Leave = Leave()
    window: WindowChange | None = None
    touches: tuple[Touch, ...] = Field(alias="touch", min_length=1)

    @model_validator(mode="after")
    def _names_touches_once(self) -> Self:
        names = [touch.name for touch in self.touches]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"two touches are called '{twice}': a lead's place in the track hangs on the name, let each have its own")
        return self
