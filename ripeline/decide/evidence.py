"""Evidence: the events behind the points of a rule, and what age has left of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from ripeline.decide.facts import Facts
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


def evidence_of(rule: EventRule, contributions: pl.DataFrame, facts: Facts, at: datetime) -> tuple[Evidence, ...]:
    """Return the evidence of one lead's points by a rule, the newest first, from what the rule says it gives."""
    factor = rule.fades.factor(pl.col("at"), at) if rule.fades else pl.lit(1.0)
    newest = contributions.sort("at", "id", descending=True).select("id", "at", "raw", "given", factor=factor)
    told = _changes(rule, facts) if isinstance(rule, ChangeRule) else _events(newest["id"], facts)
    rows = newest.iter_rows(named=True)
    return tuple(Evidence(row["id"], row["at"], *told[row["at"] if row["id"] is None else row["id"]], row["raw"], row["factor"], row["given"]) for row in rows)


def _events(ids: pl.Series, facts: Facts) -> dict[Any, tuple[str, dict[str, Any]]]:
    rows = facts.events.filter(pl.col("id").is_in(ids.implode())).iter_rows(named=True)
    return {row["id"]: (row["kind"], _known(row)) for row in rows}


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("lead_id", "id", "at", "kind") and value is not None}


def _changes(rule: ChangeRule, facts: Facts) -> dict[Any, tuple[str, dict[str, Any]]]:
    rows = facts.changes.filter(pl.col("attribute").is_in(rule.changed)).sort("at", maintain_order=True).iter_rows(named=True)
    return {row["at"]: (f"{row['attribute']} changed", {"from": row["old"], "to": row["new"]}) for row in rows}
