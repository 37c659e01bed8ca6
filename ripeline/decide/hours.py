"""Working hours as people write them: days such as "mon-fri" and two times of day, on the clock of whom they concern."""

import re
from datetime import time
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from ripeline.decide.entry import Entry

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def read_clock(value: object) -> time:
    """Return the time of day that "09:00" says; ValueError otherwise."""
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f'{value!r} is not a time of day: write hours and minutes as text, such as "09:00"')
    return time(int(found[1]), int(found[2]))


def read_days(value: object) -> frozenset[int]:
    """Return weekdays, Monday is 0, from "mon-fri", "sun-thu" or "mon, wed, fri"; ValueError otherwise."""
    if isinstance(value, frozenset):
        return value
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not a set of weekdays: write "mon-fri" or "mon, wed, fri"')
    return frozenset(day for part in value.lower().split(",") for day in _span(part.strip(), value))


def _span(part: str, whole: str) -> list[int]:
    first, _, last = part.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise ValueError(f'\'{whole}\' is not a set of weekdays: write "mon-fri" or "mon, wed, fri"')
    begin = DAYS.index(first)
    length = (DAYS.index(last or first) - begin) % 7 + 1
    return [(begin + step) % 7 for step in range(length)]


def write_days(days: frozenset[int]) -> str:
    """Return weekdays as text that `read_days` reads."""
    return ", ".join(DAYS[day] for day in sorted(days))


Clock = Annotated[time, BeforeValidator(read_clock), PlainSerializer(lambda at: f"{at:%H:%M}"), WithJsonSchema({"type": "string"})]
Weekdays = Annotated[frozenset[int], BeforeValidator(read_days), PlainSerializer(write_days), WithJsonSchema({"type": "string"})]


class Span(Entry):
    """A part of a day, on some clock: from `opens` up to but not including `closes`."""

    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="to")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"hours from {self.opens:%H:%M} to {self.closes:%H:%M} never are: let 'to' be later than 'from'")
        return self

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"


class Hours(Span):
    """A span of the day on certain weekdays."""

    days: Weekdays = frozenset(range(5))
