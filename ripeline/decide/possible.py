"""Possible leads: made-up ones that tell conditions apart, by which a check sees what the words allow. Nobody real is needed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import prod
from random import Random
from typing import Any

import polars as pl
import sqlglot
from sqlglot import exp

from ripeline.decide.condition import Condition
from ripeline.decide.facts import column_type
from ripeline.decide.feature import Feature, Measure
from ripeline.decide.fields import Field, FieldType

MOST = 20_000
"""More combinations than that are drawn from, always the same ones."""

MOST_OF_A_LIST = 500
SOMETHING_ELSE = "something else"

Lists = Mapping[str, frozenset[str]]


def possible_leads(conditions: Sequence[Condition], fields: Mapping[str, Field], lists: Lists) -> pl.DataFrame:
    """Return leads that differ in all that the conditions ask: every value they name, its neighbours, another one, and none."""
    trees: list[exp.Expression] = [sqlglot.parse_one(f"SELECT ({condition.text}\n)", into=exp.Select) for condition in conditions]
    values = {name: _values(fields[name], trees, lists) for name in sorted({name for each in conditions for name in each.names})}
    schema: dict[str, pl.DataType] = {name: column_type(fields[name]) for name in values}
    for feature in {feature.name: feature for each in conditions for feature in each.features}.values():
        values[feature.name] = _measured(feature, trees)
        schema[feature.name] = pl.Float64() if feature.measure is Measure.SUM else pl.Int64()
    return pl.DataFrame(list(_combined(list(values.values()))), schema=schema, orient="row", strict=False)


def _combined(values: list[list[Any]]) -> Iterable[tuple[Any, ...]]:
    if prod(map(len, values)) <= MOST:
        return product(*values)
    chance = Random(0)
    return (tuple(chance.choice(each) for each in values) for _ in range(MOST))


def _values(field: Field, trees: Sequence[exp.Expression], lists: Lists) -> list[Any]:
    match field.type:
        case FieldType.TEXT | FieldType.CHOICE:
            words = field.choices or sorted({*_words(trees), *_listed(trees, lists), SOMETHING_ELSE})
            return [None, *words]
        case FieldType.FLAG:
            return [None, True, False]
        case FieldType.DATE:
            return [None, *sorted({moment.date() + timedelta(days=step) for moment in _moments(trees) for step in (-1, 0, 1)})]
        case FieldType.INSTANT:
            return [None, *sorted({moment + timedelta(days=step) for moment in _moments(trees) for step in (-1, 0, 1)})]
    return [None, *sorted(_around(trees))]


def _measured(feature: Feature, trees: Sequence[exp.Expression]) -> list[Any]:
    sizes = sorted({size if feature.measure is Measure.SUM else int(size) for size in _around(trees) if size >= 0})
    return [None, *sizes] if feature.measure in (Measure.DAYS_SINCE, Measure.DAYS_SINCE_FIELD) else sizes


def _around(trees: Sequence[exp.Expression]) -> set[float]:
    numbers = {float(literal.this) * sign for literal, sign in _signed(trees)} | {0.0}
    return {number + step for number in numbers for step in (-1.0, 0.0, 1.0)}


def _signed(trees: Sequence[exp.Expression]) -> Iterator[tuple[exp.Literal, int]]:
    for literal in _literals(trees):
        if not literal.is_string:
            yield literal, -1 if isinstance(literal.parent, exp.Neg) else 1


def _words(trees: Sequence[exp.Expression]) -> Iterator[str]:
    for literal in _literals(trees):
        if literal.is_string:
            yield literal.this
            yield literal.this.replace("%", "").replace("_", "x")


def _listed(trees: Sequence[exp.Expression], lists: Lists) -> Iterator[str]:
    named = {str(call.expressions[1].this) for tree in trees for call in tree.find_all(exp.Anonymous) if call.name.lower() == "in_list"}
    every = [entry for name in sorted(named) for entry in sorted(lists.get(name, ()))]
    shared = [entry for entry in every if every.count(entry) > 1] if len(every) <= 20 * MOST_OF_A_LIST else []
    yield from (*shared, *every)[:MOST_OF_A_LIST]


def _moments(trees: Sequence[exp.Expression]) -> Iterator[datetime]:
    yield datetime(2026, 1, 1, tzinfo=UTC)
    for word in _words(trees):
        try:
            moment = datetime.fromisoformat(word)
        except ValueError:
            continue
        yield moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _literals(trees: Sequence[exp.Expression]) -> Iterator[exp.Literal]:
    """Yield what is written outside of functions: what they are asked with is part of their name."""
    for tree in trees:
        yield from (literal for literal in tree.find_all(exp.Literal) if literal.find_ancestor(exp.Anonymous) is None)


def in_words(lead: Mapping[str, Any]) -> str:
    """Return a possible lead as a person would say it, what is not known left out."""
    told = [f"{name.removesuffix(' within None')} = {_said(value)}" for name, value in lead.items() if value is not None and value != SOMETHING_ELSE]
    return " and ".join(told) or "nothing known of it"


def _said(value: Any) -> str:
    match value:
        case str():
            return f"'{value}'"
        case datetime() | date():
            return f"'{value.isoformat()}'"
        case float() if value.is_integer():
            return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)
