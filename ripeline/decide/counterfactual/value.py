"""Values worth trying: what a condition names, what lies beside it, and something else altogether."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice, product
from typing import Any

import polars as pl
from sqlglot import exp

from ripeline.decide.condition import Condition, tree_of
from ripeline.decide.counterfactual.step import OTHER
from ripeline.decide.facts import column_type
from ripeline.decide.fields import Field, FieldType
from ripeline.decide.literal import BadCondition, is_literal, value_of

MOST_VALUES = 8
MOST_WAYS = 200
"""So many combinations of values are tried for one condition."""

Said = tuple[tuple[str, Any], ...]
"""Names and values, in order."""


def ways_to_meet(condition: Condition, fields: Mapping[str, Field], lists: Mapping[str, frozenset[str]]) -> list[Said]:
    """Return values of fields by which a condition on them alone holds, those that name the fewest first."""
    tried = list(combinations(condition, fields, lists))
    schema = {name: column_type(fields[name]) for name in sorted(condition.names)}
    if not schema:
        return [()]
    frame = pl.DataFrame([dict.fromkeys(schema) | dict(said) for said in tried], schema=schema, orient="row", strict=False)
    holds = frame.select(condition.holds.alias("holds"))["holds"]
    return sorted((said for said, is_met in zip(tried, holds, strict=True) if is_met), key=len)


def combinations(condition: Condition, fields: Mapping[str, Field], lists: Mapping[str, frozenset[str]]) -> Iterator[Said]:
    """Give combinations of values for the fields that a condition asks for; a field may be left out of one."""
    values = tried_values(condition.text, fields, lists)
    names = sorted(name for name in condition.names if name in fields)
    options = [[None, *((name, value) for value in values.get(name, ()))] for name in names]
    for chosen in islice(product(*options), MOST_WAYS):
        yield tuple(each for each in chosen if each is not None)


def tried_values(text: str, fields: Mapping[str, Field], lists: Mapping[str, frozenset[str]]) -> dict[str, list[Any]]:
    """Return for each field that a condition asks for the values worth trying."""
    found: dict[str, list[Any]] = {}
    for column in tree_of(text).find_all(exp.Column):
        field = fields.get(column.name)
        if field is not None:
            found.setdefault(field.name, []).extend(_beside(column, field, lists))
    return {name: _usual(fields[name], list(dict.fromkeys(values)))[:MOST_VALUES] for name, values in found.items()}


def _beside(column: exp.Column, field: Field, lists: Mapping[str, frozenset[str]]) -> Iterator[Any]:
    asking = column.parent.parent if isinstance(column.parent, exp.Lower) and column.parent.parent else column.parent
    if isinstance(asking, exp.Anonymous):
        for literal in asking.find_all(exp.Literal):
            yield from sorted(lists.get(literal.this, ()))[:1]
    elif asking is not None:
        for each in asking.iter_expressions():
            if isinstance(each, exp.Expression) and is_literal(each):
                yield from _around(each, field)


def _around(literal: exp.Expression, field: Field) -> Iterator[Any]:
    try:
        value = value_of(literal, field.name, field.type)
    except BadCondition:
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from (float(value), float(value) + 1, float(value) - 1)
    elif isinstance(value, date):
        yield from (value, value + timedelta(days=1), value - timedelta(days=1))
    elif isinstance(value, str):
        yield value.replace("%", "").replace("_", "x")
    else:
        yield value


def _usual(field: Field, values: list[Any]) -> list[Any]:
    match field.type:
        case FieldType.FLAG:
            return [True, False]
        case FieldType.CHOICE:
            return list(dict.fromkeys([*(value for value in values if value in field.choices), *field.choices]))
        case FieldType.TEXT:
            return [*values[: MOST_VALUES - 1], OTHER]
    return values
