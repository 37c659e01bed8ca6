"""From what was gathered to what shall change: frames in, frames out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import polars as pl

from models import Stage
from ripeline.decide.facts import INSTANT
from ripeline.decide.segment import ended, entered, made_way
from ripeline.decide.staging import STAGE_SET, with_stage
from ripeline.sweep.segment.gather import Found
from ripeline.sweep.segment.rules import Rules, features_of

NO_SCORE = "nobody may score this lead"


@dataclass(frozen=True)
class Verdict:
    """What shall change. leads: the due leads with their new stage; `review_at` null: nothing changes by itself.

    ended and entered as `decide.segment` says them. unknown_stages: how many events named a stage that is none.
    """

    leads: pl.DataFrame
    ended: pl.DataFrame
    entered: pl.DataFrame
    unknown_stages: int


def judge(found: Found, rules: Rules, now: datetime) -> Verdict:
    """Return what shall change by these rules at `now`."""
    told = pl.DataFrame(list(_told(found, rules)), schema={"id": pl.Int64(), "told_stage": pl.String(), "told_because": pl.String()}, orient="row")
    excluded = pl.concat_str(pl.lit("excluded: "), "excluded")
    asked = found.leads.join(told, on="id", how="left").with_columns(
        has_score=pl.col("total").is_not_null(),
        barred=pl.when(pl.col("total").is_null()).then(pl.lit(NO_SCORE)).otherwise(pl.coalesce(excluded, rules.stages.cools_because)),
    )
    leads = with_stage(asked, rules.stages, now)
    out = ended(leads, found.running, found.pinned)
    left = pl.concat([found.left, _just_left(out, found.running, now)]).group_by("lead_id", "track").agg(pl.col("ended_at").max())
    staying = found.running.join(out, on="enrolment_id", how="anti")
    into, reviews = entered(leads, staying.with_columns(track="called"), left, rules.tracks, now)
    out = pl.concat([out, made_way(staying, into)])
    unknown = found.told.filter((pl.col("kind") == STAGE_SET) & ~pl.col("form").is_in([stage.value for stage in Stage]).fill_null(False)).height
    return Verdict(leads.with_columns(review_at=_review(leads, reviews, found, rules, now)), out, into, unknown)


def _told(found: Found, rules: Rules) -> Iterator[tuple[int, str, str]]:
    """Yield lead, stage and why for each lead of whom people told something: by hand to any stage, by other events up, or back down."""
    stages, order = dict(found.leads.select("id", "stage").iter_rows()), list(Stage)
    names = {stage.value for stage in Stage}
    up, back = rules.stages.moving_kinds, rules.stages.returning_kinds
    for lead_id, events in groupby(
        found.told.filter(pl.col("lead_id").is_in(found.leads["id"].to_list())).iter_rows(named=True), key=lambda event: event["lead_id"]
    ):
        stage, because = stages[lead_id], ""
        for event in events:
            if event["kind"] == STAGE_SET and event["form"] in names:
                stage, because = event["form"], "set by hand" + (f": {event['reason']}" if event["reason"] else "")
            elif event["kind"] in up and order.index(up[event["kind"]]) > order.index(Stage(stage)):
                stage, because = up[event["kind"]].value, event["kind"].replace("_", " ")
            elif event["kind"] in back and order.index(back[event["kind"]]) < order.index(Stage(stage)):
                stage, because = back[event["kind"]].value, event["kind"].replace("_", " ")
        yield lead_id, stage, because


def _just_left(out: pl.DataFrame, running: pl.DataFrame, now: datetime) -> pl.DataFrame:
    return running.join(out, on="enrolment_id", how="semi").select("lead_id", track="called", ended_at=pl.lit(now, INSTANT))


def _review(leads: pl.DataFrame, reviews: pl.DataFrame, found: Found, rules: Rules, now: datetime) -> pl.Series:
    """Return when time alone may change the verdict."""
    books = (*rules.tracks.values(), *found.pinned.values())
    conditions = [*rules.stages.conditions, *(each for book in books for each in book.conditions)]
    untils = [pl.col(name) for name in sorted({feature.until for feature in features_of(conditions)})]
    first = reviews.group_by("lead_id").agg(pl.col("at").min())
    joined = leads.join(first, left_on="id", right_on="lead_id", how="left", maintain_order="left")
    ahead = [pl.when(at > now).then(at) for at in (pl.col("stage_review_at"), pl.col("at"), *untils)]
    return joined.select(pl.min_horizontal(ahead)).to_series()
