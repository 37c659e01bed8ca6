"""Steps towards another score: something a lead does, or something that is so, and what each costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import Any

DONE, LEARNED, CHANGED = 1, 1, 3
"""What a step costs: one action of the lead; an attribute that becomes known; a known one that becomes another, which is seldom in our hands."""

OTHER = "(another)"
"""Stands for any value that is not one of those a condition names."""

NEVER_CHANGES = frozenset({"created_at", "source"})
"""What is history."""

WHOLE = frozenset({"employees", "seconds"})
"""Attributes and properties whose columns hold whole numbers."""


@dataclass(frozen=True)
class Action:
    """An event that happens so long from now, with what must be known of it. Of several at one instant the lower `number` comes first."""

    kind: str
    said: tuple[tuple[str, Any], ...] = ()
    after: timedelta = timedelta()
    number: int = 0


@dataclass(frozen=True)
class Fact:
    """An attribute that comes to be `value`."""

    attribute: str
    value: Any


Step = Action | Fact
Steps = tuple[Step, ...]


def in_wholes(steps: Steps) -> Steps:
    """Return steps with the next whole number where no other can be known."""
    return tuple(
        replace(step, said=tuple((name, _whole(name, value)) for name, value in step.said))
        if isinstance(step, Action)
        else replace(step, value=_whole(step.attribute, step.value))
        for step in steps
    )


def _whole(name: str, value: Any) -> Any:
    return float(ceil(value)) if name in WHOLE and isinstance(value, float) else value


def cost_of(steps: Steps, lead: Mapping[str, Any]) -> int:
    """Return what steps cost together, given what is known of the lead."""
    return sum(DONE if isinstance(step, Action) else LEARNED if lead.get(step.attribute) is None else CHANGED for step in steps)


def together(*several: Steps) -> Steps | None:
    """Return steps as one, each once; None where two of them cannot both be."""
    steps = tuple(dict.fromkeys(step for steps in several for step in steps))
    attributes = [step.attribute for step in steps if isinstance(step, Fact)]
    return None if len(attributes) > len(set(attributes)) else steps


def lasting(steps: Steps) -> timedelta:
    """Return how long it takes until all of them are done."""
    return max((step.after for step in steps if isinstance(step, Action)), default=timedelta())
