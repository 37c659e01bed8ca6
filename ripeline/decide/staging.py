"""Staging: which funnel stage a lead belongs in now, and whether it is on hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

import polars as pl

from models.lead import Stage
from ripeline.decide.condition import Condition
from ripeline.decide.facts import INSTANT
from ripeline.decide.stages import StageRule, Stages

Read = Callable[[str], Condition]
"""Reads a condition in the playbook's own fields and the lead's standing; raises BadCondition."""

STAGE_SET = "stage_set"


@dataclass(frozen=True)
class StageBook:
    """The rules of stages.toml with their conditions read; `cooling` holds for those who came back so lately that they are left alone, by why."""

    stages: Stages
    enter: Mapping[Stage, Condition]
    leave: Mapping[Stage, Condition]
    on_hold: Condition | None
    cooling: Mapping[str, Condition] = field(default_factory=dict)

    @property
    def conditions(self) -> list[Condition]:
        return [*self.enter.values(), *self.leave.values(), *self.cooling.values(), *([self.on_hold] if self.on_hold else [])]

    @property
    def moving_kinds(self) -> dict[str, Stage]:
        """Return the stage that each kind of event moves a lead up to."""
        return {kind: stage for stage, rule in self.stages.rules.items() for kind in rule.on}

    @property
    def returning_kinds(self) -> dict[str, Stage]:
        """Return the stage that each kind of event brings a lead back down to."""
        return {kind: stage for stage, rule in self.stages.rules.items() for kind in rule.back_on}

    @property
    def cools_because(self) -> pl.Expr:
        """Return why a lead is left alone for now (String, null: it is not)."""
        reasons = [pl.when(condition.holds).then(pl.lit(because)) for because, condition in self.cooling.items()]
        return pl.coalesce(*reasons, pl.lit(None, pl.String))


def read_stages(stages: Stages, read: Read) -> StageBook:
    """Return the stages with every condition read."""
    rules = stages.rules.items()
    enter = {stage: read(rule.enter) for stage, rule in rules if rule.enter}
    leave = {stage: read(rule.leave) for stage, rule in rules if rule.leave}
    cooling = {f"recycled: cools for {rule.cooling}": read(_lately(rule, rule.cooling.span.days)) for _, rule in rules if rule.cooling}
    return StageBook(stages, enter, leave, read(stages.on_hold.when) if stages.on_hold else None, cooling)


def _lately(rule: StageRule, days: int) -> str:
    return " OR ".join(f"days_since('{kind}') < {days}" for kind in rule.back_on)


def with_stage(leads: pl.DataFrame, book: StageBook, now: datetime) -> pl.DataFrame:
    """Return `leads` with the stage each belongs in and why.

    Given: `stage` String, `stage_at`, `has_score` Boolean, `told_stage` and `told_because` (String, null: nobody told), the columns
    of the conditions. `stage`, `stage_at` and `is_on_hold` become the new ones; added are `stage_because` (String, null: it stays)
    and `stage_review_at` (when a stay ends that alone keeps a lead; null: never). What people tell comes first, then rules
    fall or rise from there; without a score no rule moves a lead.
    """
    told = pl.col("told_stage") != pl.col("stage")
    frame = _moved(leads, told, pl.col("told_stage"), pl.col("told_because"), now)
    for stage in book.leave:
        frame = _fallen(frame, stage, book, now)
    is_warm = book.cools_because.is_null()
    for stage in reversed(list(book.enter)):
        ready = pl.col("has_score") & is_warm & _is_below(stage) & book.enter[stage].holds & ~_holds(book.leave.get(stage))
        frame = _moved(frame, ready, pl.lit(stage.value), _because(book.enter[stage]), now)
    on_hold = book.on_hold.holds if book.on_hold else pl.lit(False)
    return frame.with_columns(is_on_hold=on_hold & pl.col("has_score"), stage_review_at=_stay_ends(book, now))


def _moved(frame: pl.DataFrame, when: pl.Expr, stage: pl.Expr, because: pl.Expr, now: datetime) -> pl.DataFrame:
    before = frame if "stage_because" in frame.columns else frame.with_columns(stage_because=pl.lit(None, pl.String))
    moves = when.fill_null(False)
    return before.with_columns(
        stage=pl.when(moves).then(stage).otherwise("stage"),
        stage_at=pl.when(moves).then(pl.lit(now, INSTANT)).otherwise("stage_at"),
        stage_because=pl.when(moves).then(because).otherwise("stage_because"),
    )


def _fallen(frame: pl.DataFrame, stage: Stage, book: StageBook, now: datetime) -> pl.DataFrame:
    stays = book.stages.rules[stage].stays
    leaves = pl.col("has_score") & (pl.col("stage") == stage.value) & book.leave[stage].holds & (pl.col("stage_at") + stays <= now)
    lower = book.stages.below(stage)
    target = reduce(
        lambda below, each: pl.when(_holds(book.enter.get(each))).then(pl.lit(each.value)).otherwise(below), reversed(lower[:-1]), pl.lit(lower[-1].value)
    )
    return _moved(frame, leaves, target, _because(book.leave[stage]), now)


def _holds(condition: Condition | None) -> pl.Expr:
    return condition.holds if condition else pl.lit(False)


def _is_below(stage: Stage) -> pl.Expr:
    order = list(Stage)
    return pl.col("stage").is_in([each.value for each in order[: order.index(stage)]])


def _because(condition: Condition) -> pl.Expr:
    total = (pl.col("total") / 100).round(2).cast(pl.String)
    return pl.concat_str(pl.lit(f"{condition.text} (total "), total, pl.lit(")"), ignore_nulls=True)


def _stay_ends(book: StageBook, now: datetime) -> pl.Expr:
    ends = [
        pl.when((pl.col("stage") == stage.value) & leave.holds & (pl.col("stage_at") + book.stages.rules[stage].stays > now)).then(
            pl.col("stage_at") + book.stages.rules[stage].stays
        )
        for stage, leave in book.leave.items()
    ]
    return pl.min_horizontal(ends) if ends else pl.lit(None, INSTANT)
