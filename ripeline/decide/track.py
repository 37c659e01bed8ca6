"""Tracks: planned sequences of touches; playbook/tracks/*.toml as values."""

import re
from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from ripeline.decide.duration import Duration
from ripeline.decide.entry import Entry
from ripeline.decide.touch import NAME, FormerNames, Touch
from ripeline.decide.window import WindowChange

__all__ = ["NAME", "Again", "Enter", "Leave", "Touch", "Track"]

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


class Track(Entry):
    """One file of playbook/tracks/. A lead is in one track of a `group` at a time; the higher priority takes it, and goes first where caps bind.

    was: the name its file had before, or all it ever had: whoever is in it, or was, is or was in this one.
    """

    title: str
    was: FormerNames = ()
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

    @model_validator(mode="after")
    def _renames_once(self) -> Self:
        names, before = {touch.name for touch in self.touches}, [name for touch in self.touches for name in touch.was]
        taken = next((name for name in before if name in names or before.count(name) > 1), None)
        if taken:
            raise ValueError(f"more than one touch is or was called '{taken}': a name is never used again, else people get a letter twice, or never")
        return self

    @property
    def renamed(self) -> dict[str, str]:
        """Return the new name of each touch that was renamed, by its old ones."""
        return {old: touch.name for touch in self.touches for old in touch.was}

    def position(self, name: str) -> int | None:
        """Return where a touch stands, from 0; None: there is none of this name."""
        return next((number for number, touch in enumerate(self.touches) if touch.name == name), None)
