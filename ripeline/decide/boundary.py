"""Boundaries: where a text asks whether points are reached, whoever asks, and whatever else it asks."""

import re

from sqlglot import exp

from ripeline.decide.comparison import COMPARISONS, mirrored, steps_of
from ripeline.decide.condition import tree_of
from ripeline.decide.fields import STANDING, FieldType
from ripeline.decide.literal import BadCondition, is_literal, value_of

Boundary = tuple[str, int]
"""`fit`, `engagement` or `total`, and hundredths B: the truth of `points >= B` decides."""

POINTS = frozenset(name for name, field in STANDING.items() if field.type is FieldType.POINTS)
_NAMED = re.compile(rf"\b({'|'.join(sorted(POINTS))})\b")


def boundaries_in(text: str) -> frozenset[Boundary]:
    """Return the boundaries that a text asks about, read as a condition; none where it is no condition.

    Unlike `Condition.boundaries`, other words in it need not be known: a condition may be asked in a place with words of its own.
    """
    if not _NAMED.search(text):
        return frozenset()
    try:
        comparisons = tree_of(text).find_all(*COMPARISONS)
        return frozenset(boundary for node in comparisons for boundary in _asked_by(node))
    except BadCondition:
        return frozenset()


def _asked_by(node: exp.Expression) -> list[Boundary]:
    left, right, kind = node.this, node.expression, type(node)
    if is_literal(left):
        left, right, kind = right, left, mirrored(kind)
    if not (isinstance(left, exp.Column) and left.name in POINTS and is_literal(right)):
        return []
    value = value_of(right, left.name, FieldType.POINTS)
    assert isinstance(value, int), "points are whole hundredths"
    return [(left.name, value + step) for step in steps_of(kind)]
