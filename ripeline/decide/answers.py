"""Answers: the conditions that a letter asks about its one reader."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from ripeline.decide.condition import Condition, with_features
from ripeline.decide.facts import CHANGE_SCHEMA, Facts, column_type, event_schema
from ripeline.decide.fields import STANDING, Fields


def answers(conditions: Sequence[Condition], facts: Facts, standing: Mapping[str, Any], now: datetime) -> list[bool]:
    """Return whether each condition holds of the one lead in `facts`, whose standing (total, fit, engagement in hundredths, stage, …) is told beside it."""
    if not conditions:
        return []
    columns = [pl.lit(standing.get(name), column_type(field)).alias(name) for name, field in STANDING.items()]
    leads = facts.leads.with_columns(columns)
    frame = with_features(leads, facts, [feature for condition in conditions for feature in condition.features], now)
    return list(frame.select(condition.holds.alias(str(number)) for number, condition in enumerate(conditions)).row(0))


def facts_of(attributes: Mapping[str, Any], fields: Fields, properties: frozenset[str] = frozenset()) -> Facts:
    """Return a lead of whom nothing but attributes is known as facts: no event, no change. What does not fit its field counts as unknown."""
    given = {name: attributes.get(name) for name in fields.lead}
    columns = [pl.Series(name, [value], strict=False).cast(column_type(fields.lead[name]), strict=False) for name, value in given.items()]
    return Facts(
        pl.DataFrame([pl.Series("id", [1], pl.Int64), *columns]),
        pl.DataFrame(schema=event_schema(fields, properties)),
        pl.DataFrame(schema=CHANGE_SCHEMA),
    )
