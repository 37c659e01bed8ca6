"""Durations as marketers write them: a number and a unit, "30 days", "2 business days"."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Unit(StrEnum):
    """Units of a duration; business ones count on the calendar of whom they concern."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    BUSINESS_HOUR = "business hour"
    BUSINESS_DAY = "business day"


_SECONDS = {Unit.MINUTE: 60, Unit.HOUR: 3600, Unit.DAY: 86400, Unit.WEEK: 604800}
_WRITTEN = re.compile(r"(\d{1,5})\s+(minute|hour|day|week|business hour|business day)s?")
_ENDLESS = re.compile(r"\d{6,}\s+\w[\w ]*")


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of time. `span` is its length in elapsed time; business units have none, since only a calendar knows."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Return the duration that `text` says; ValueError otherwise."""
        found = _WRITTEN.fullmatch(text.strip())
        if not found and _ENDLESS.fullmatch(text.strip()):
            raise ValueError(f"{text!r} is longer than anybody waits: write at most five digits")
        if not found and text.strip().startswith("-"):
            raise ValueError(f'{text!r} would lie in the past: a duration counts forward, such as "30 days", "4 hours" or "2 business days"')
        if not found:
            raise ValueError(f'{text!r} is not a duration: write a number and a unit, such as "30 days", "4 hours" or "2 business days"')
        return cls(int(found[1]), Unit(found[2]))

    @property
    def is_business(self) -> bool:
        return self.unit in (Unit.BUSINESS_HOUR, Unit.BUSINESS_DAY)

    @property
    def span(self) -> timedelta:
        """Return the elapsed time; ValueError for business units."""
        if self.is_business:
            raise ValueError(f'"{self}" needs a calendar: write it in minutes, hours, days or weeks here')
        return timedelta(seconds=self.amount * _SECONDS[self.unit])

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.value}{'' if self.amount == 1 else 's'}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_read, serialization=core_schema.plain_serializer_function_ser_schema(str))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "examples": ["30 days"]}


def _read(value: Any) -> Duration:
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not a duration: write it as text, such as "30 days"')
    return Duration.parse(value)


def _elapsed(duration: Duration) -> Duration:
    _ = duration.span  # which business units refuse to tell
    return duration


def _lasting(duration: Duration) -> Duration:
    if not duration.span:
        raise ValueError(f'"{duration}" is no time at all')
    return duration


Elapsed = Annotated[Duration, AfterValidator(_elapsed)]
"""A duration of elapsed time: business units would need a calendar."""

Lasting = Annotated[Duration, AfterValidator(_lasting)]
"""A duration of elapsed time, longer than nothing."""
