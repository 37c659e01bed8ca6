"""The outlook: what the next run would make of leads by a playbook, live or not. Gathered and decided as the sweeps do; nothing is recorded."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Handoff, HandoffState, Lead, Stage
from ripeline.decide.eligible import BEFORE_SALES, Standing, withdrawn_because
from ripeline.decide.facts import INSTANT
from ripeline.decide.feature import with_features
from ripeline.decide.scoring import score_by_market
from ripeline.decide.staging import with_stage
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.coverage import thin_now
from ripeline.sweep.crowd import in_portions
from ripeline.sweep.facts import read_facts
from ripeline.sweep.handoff.candidates import stands_in_the_way
from ripeline.sweep.handoff.thresholds import begins_at, invites_at, leaves_at
from ripeline.sweep.news import found, is_unwanted
from ripeline.sweep.scoring import scoring_of
from ripeline.sweep.segment.rules import features_of, needs_of, rules_of

SLICE = 25_000
"""Leads that are judged at once."""


class Passing(StrEnum):
    """What becomes of a lead in sales' eyes: nothing, a card, a card with an invite, or an open hand-off that stays or is withdrawn."""

    NO = "no"
    CARD = "card"
    INVITE = "invite"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


OUTLOOK = {
    "lead_id": pl.Int64(), "market": pl.String(), "fit": pl.Int64(), "engagement": pl.Int64(), "total": pl.Int64(), "grade": pl.String(),
    "excluded": pl.String(), "stage": pl.String(), "is_on_hold": pl.Boolean(), "handoff": pl.String(),
}  # fmt: skip

_STANDING = {
    "id": pl.Int64(), "stage": pl.String(), "stage_at": INSTANT, "is_on_hold": pl.Boolean(), "is_taken": pl.Boolean(), "handoff_state": pl.String(),
}  # fmt: skip


def everybody(engine: sa.Engine, now: datetime) -> pl.Series:
    """Return the ids of all leads that may be scored, in order."""
    columns: list[Any] = [col(Lead.id), sa.false().label("is_unwanted")]
    return found(engine, sa.select(*columns).where(~is_unwanted(now)).order_by(col(Lead.id)))["id"]


def slices(ids: pl.Series) -> Iterator[pl.Series]:
    """Give ids in portions that fit in memory with their facts."""
    return (ids[first : first + SLICE] for first in range(0, len(ids), SLICE))


def as_it_would_score(engine: sa.Engine, playbook: Playbook) -> Playbook:
    """Return a playbook, live or not, without the rules that too few leads have anything for by now. Keeps nothing of what it measured."""
    _, thin = thin_now(engine, playbook, playbook.left_out)
    return replace(playbook, left_out=frozenset(each.rule for each in thin if each.is_left_out))


def outlook(engine: sa.Engine, ids: pl.Series, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Return a row a lead, with the columns OUTLOOK, by lead: its score by this playbook at `now`, and what the next run would do with it.

    `stage` starts from the stage stored today, shortest stays and hysteresis included; `handoff` is a word of Passing. Points are
    hundredths. What people tell of stages by events not yet swept is left to the sweep.
    """
    return in_portions(lambda part: _outlook(engine, part, playbook, now), ids)


def _outlook(engine: sa.Engine, ids: pl.Series, playbook: Playbook, now: datetime) -> pl.DataFrame:
    by, rules = scoring_of(playbook), rules_of(playbook)
    conditions = rules.stages.conditions
    span = range(ids[0], ids[-1] + 1)
    facts = read_facts(engine, span, by.needs | needs_of(conditions), playbook.fields, now, only=ids, bounded=True).facts
    scores = score_by_market(facts, by, now).rename({"lead_id": "id"}).drop("reasons", "next_review_at")
    standing = read_bulk(engine, _standing(span, playbook, now), _STANDING, expected=len(ids))
    leads = with_features(standing.join(scores, on="id", how="inner").join(facts.leads, on="id", how="inner"), facts, features_of(conditions), now)
    nobody_told = {name: pl.lit(None, pl.String) for name in ("told_stage", "told_because")}
    staged = with_stage(leads.with_columns(**nobody_told, has_score=pl.lit(True)), rules.stages, now)
    passed = staged.with_columns(_withdrawn(staged, playbook)).with_columns(handoff=_passing(playbook))
    return passed.rename({"id": "lead_id"}).select(*OUTLOOK).sort("lead_id")


def _standing(ids: range, playbook: Playbook, now: datetime) -> sa.Select[Any]:
    """Select the columns of _STANDING: `is_taken` where an earlier hand-off stands in the way of a new one, `handoff_state` of the open one."""
    is_open = sa.and_(col(Handoff.lead_id) == col(Lead.id), col(Handoff.closed_at).is_(None))
    columns: list[Any] = [col(Lead.id), col(Lead.stage), col(Lead.stage_at), col(Lead.is_on_hold), stands_in_the_way(playbook, now), col(Handoff.state)]
    query = sa.select(*(column.label(name) for column, name in zip(columns, _STANDING, strict=True)))
    return query.select_from(Lead).outerjoin(Handoff, is_open).where(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop).order_by(col(Lead.id))


def _withdrawn(leads: pl.DataFrame, playbook: Playbook) -> pl.Series:
    """Return of which leads an open hand-off ends; open ones are few, so each is asked as the sweep asks it."""
    told = leads.select("handoff_state", "stage", "total", "excluded", "market").iter_rows()
    ends = [state is not None and _ends(state, stage, total, excluded, market, playbook) for state, stage, total, excluded, market in told]
    return pl.Series("is_withdrawn", ends, pl.Boolean)


def _ends(state: str, stage: str, total: int, excluded: str | None, market: str | None, playbook: Playbook) -> bool:
    standing = Standing(Stage(stage), total, excluded)
    return withdrawn_because(HandoffState(state), standing, leaves_at(playbook, market)) is not None


def _passing(playbook: Playbook) -> pl.Expr:
    """Return the word of Passing for each lead."""
    may_come = ~pl.col("is_taken") & pl.col("excluded").is_null() & pl.col("stage").is_in([stage.value for stage in BEFORE_SALES])
    total, invite, begin = pl.col("total"), _by_market(playbook, invites_at), _by_market(playbook, begins_at)
    asked = [
        (pl.col("is_withdrawn"), Passing.WITHDRAWN), (pl.col("handoff_state").is_not_null(), Passing.OPEN),
        (may_come & (total >= invite), Passing.INVITE), (may_come & (total >= begin), Passing.CARD),
    ]  # fmt: skip
    return pl.coalesce(*(pl.when(holds).then(pl.lit(word.value)) for holds, word in asked), pl.lit(Passing.NO.value))


def _by_market(playbook: Playbook, threshold: Callable[[Playbook, str | None], int]) -> pl.Expr:
    """Return a threshold of the lead's market, in hundredths."""
    usual = threshold(playbook, None)
    return pl.col("market").replace_strict({name: threshold(playbook, name) for name in playbook.markets} or {"": usual}, default=usual, return_dtype=pl.Int64)
