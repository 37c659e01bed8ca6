"""Evidence: the events behind the points of a rule, and what age has left of each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from ripeline.decide.facts import Facts
from ripeline.decide.marks import collected
from ripeline.decide.rules import EventRule
from ripeline.decide.rules.change import ChangeRule


@dataclass(frozen=True)
class Evidence:
    """One event behind a part, or the change of an attribute (`id` None).

    It gave `fresh` hundredths when it happened; `factor` is what age has left of them (1.0: all), and `given` what that comes to,
    rounded half to even. `said` are the properties we know of it.
    """

    id: int | None
    at: datetime
    kind: str
    said: Mapping[str, Any] = field(hash=False)
    fresh: int
    factor: float
    given: int


Told = dict[Any, tuple[str, dict[str, Any]]]
"""The kind of an event, and what we know of it, by its id; of a change, by its instant."""


def evidence_of(rules: Mapping[int, EventRule], given: Mapping[int, pl.DataFrame], facts: Facts, at: datetime) -> dict[int, tuple[Evidence, ...]]:
    """Return the evidence of one lead's points by each of these rules, the newest first, from what the rules say they give; all by their numbers.

    All of them at once: to ask Polars anything costs more than one lead's events do.
    """
    newest = collected({number: _newest(rule, given[number], at) for number, rule in rules.items()})
    rows = {number: frame.rows() for number, frame in newest.items()}
    events = _events({row[0] for found in rows.values() for row in found if row[0] is not None}, facts)
    told = {number: _changes(rule, facts) if isinstance(rule, ChangeRule) and rows[number] else events for number, rule in rules.items()}
    return {number: tuple(_evidence(told[number], *row) for row in found) for number, found in rows.items()}


def _newest(rule: EventRule, contributions: pl.DataFrame, at: datetime) -> pl.LazyFrame:
    factor = rule.fades.factor(pl.col("at"), at) if rule.fades else pl.lit(1.0)
    return contributions.lazy().sort("at", "id", descending=True).select("id", "at", "raw", factor.alias("factor"), "given")


def _evidence(told: Told, number: int | None, at: datetime, fresh: int, factor: float, given: int) -> Evidence:
    return Evidence(number, at, *told[at if number is None else number], fresh, factor, given)


def _events(ids: Collection[int], facts: Facts) -> Told:
    rows = facts.events.filter(pl.col("id").is_in(list(ids))).iter_rows(named=True)
    return {row["id"]: (row["kind"], _known(row)) for row in rows}


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("lead_id", "id", "at", "kind") and value is not None}


def _changes(rule: ChangeRule, facts: Facts) -> Told:
    rows = facts.changes.filter(pl.col("attribute").is_in(rule.changed)).sort("at", maintain_order=True).iter_rows(named=True)
    return {row["at"]: (f"{row['attribute']} changed", {"from": row["old"], "to": row["new"]}) for row in rows}
