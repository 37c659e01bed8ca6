"""Hypotheses: many versions of one lead, each after other steps, scored together by the same engine as everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from ripeline.decide.counterfactual.step import Action, Fact, Steps, lasting
from ripeline.decide.facts import CHANGE_SCHEMA, Facts, known
from ripeline.decide.scoring import Scoring, score_by_market

MOST_ROWS = 3_000_000
MOST_STEPS = 1_000


@dataclass(frozen=True)
class Outcome:
    """What a lead's score is once steps are done: hundredths, and by rule what it gives within its limit."""

    steps: Steps
    at: datetime
    total: int
    grade: str
    excluded: str | None
    given: dict[int, int]


@dataclass(frozen=True)
class Supposing:
    """One lead as it is known at an instant, and how it is scored."""

    facts: Facts
    by: Scoring
    at: datetime

    @property
    def lead(self) -> dict[str, Any]:
        """Return what is known of the lead."""
        return self.facts.leads.row(0, named=True)

    def scored(self, several: Iterable[Steps]) -> list[Outcome]:
        """Return the outcome of each of several steps, each at the instant at which the last of them is done."""
        return [outcome for outcome, _ in self.compared(several, ())]

    def compared(self, several: Iterable[Steps], begin: Steps) -> list[tuple[Outcome, Outcome]]:
        """Return the outcome of each of several steps, and beside it that of `begin` alone at the same instant."""
        every = list(dict.fromkeys(several))
        by_length: dict[timedelta, list[Steps]] = {}
        for steps in every:
            by_length.setdefault(lasting(steps), []).append(steps)
        size = max(1, MOST_ROWS // max(1, self.facts.events.height))
        parts = ((length, some[first : first + size]) for length, some in by_length.items() for first in range(0, len(some), size))
        found: dict[Steps, tuple[Outcome, Outcome]] = {}
        for length, some in parts:
            before, *outcomes = self._at_once([begin, *some], self.at + length)
            found |= {outcome.steps: (outcome, before) for outcome in outcomes}
        return [found[steps] for steps in every]

    def _at_once(self, several: Sequence[Steps], at: datetime) -> list[Outcome]:
        scores = score_by_market(known(self._supposed(several), at), self.by, at).sort("lead_id")
        rows = scores.select("total", "grade", "excluded", "reasons").iter_rows()
        return [Outcome(steps, at, total, grade, excluded, _given(reasons)) for steps, (total, grade, excluded, reasons) in zip(several, rows, strict=True)]

    def _supposed(self, several: Sequence[Steps]) -> Facts:
        """Return facts about as many leads as there are steps, numbered in their order."""
        numbers = pl.DataFrame({"lead_id": range(len(several))}, schema={"lead_id": pl.Int64()})
        before = [frame.drop("lead_id").join(numbers, how="cross") for frame in (self.facts.events, self.facts.changes)]
        return Facts(
            pl.DataFrame([self._lead_after(number, steps) for number, steps in enumerate(several)], schema=self.facts.leads.schema),
            pl.concat([before[0].select(self.facts.events.columns), self._events(several)]),
            pl.concat([before[1].select(self.facts.changes.columns), self._changes(several)]),
        )

    def _lead_after(self, number: int, steps: Steps) -> dict[str, Any]:
        return self.lead | {step.attribute: step.value for step in steps if isinstance(step, Fact)} | {"id": number}

    def _events(self, several: Sequence[Steps]) -> pl.DataFrame:
        schema = self.facts.events.schema
        rows = [
            dict.fromkeys(schema) | {name: value for name, value in action.said if name in schema}
            | {"lead_id": number, "id": place - MOST_STEPS, "at": self.at + action.after, "kind": action.kind}
            for number, steps in enumerate(several)
            for place, action in enumerate(sorted((step for step in steps if isinstance(step, Action)), key=lambda action: action.number))
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=schema)

    def _changes(self, several: Sequence[Steps]) -> pl.DataFrame:
        lead = self.lead
        rows = [
            {"lead_id": number, "attribute": fact.attribute, "old": _text(lead.get(fact.attribute)), "new": _text(fact.value), "at": self.at}
            for number, steps in enumerate(several)
            for fact in steps
            if isinstance(fact, Fact)
        ]
        return pl.DataFrame(rows, schema=dict(CHANGE_SCHEMA))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _given(reasons: str | None) -> dict[int, int]:
    pairs = (reason.split("=") for reason in (reasons or "").split(";") if reason)
    return {int(number): int(hundredths) for number, hundredths in pairs}
