"""Send-time optimisation: within a window that is open anyway, the hour at which a lead is most active on its own clock.

What a lead does itself counts; where that is little, its market's habits and a flat prior pull it towards everybody's. A stated share
of touches goes at another hour, so that habits that change are noticed. Everything is fixed by the touch's own key.
"""

from typing import Annotated

import polars as pl
from pydantic import Field

from ripeline.decide.duration import Duration, Lasting, Unit
from ripeline.decide.entry import Entry
from ripeline.decide.lot import salt_of, share_drawn

HOURS = 24

DEEDS = {"lead_id": pl.Int64(), "market": pl.String(), "hour": pl.Int64()}
"""What people did, one row each: who, in which market, at which hour of their own day."""

HABITS = {"lead_id": pl.Int64(), "known": pl.Int64(), "best": pl.List(pl.Int64())}
"""How many deeds of a lead are known, and the hours of the day, the most active first."""

PRIOR = 24.0
"""So many deeds, one an hour, are taken to be known of every market."""

_NEAR = ((-1, 0.25), (0, 0.5), (1, 0.25))
"""A deed speaks for its own hour, and half as much for either beside it."""


class SendTime(Entry):
    """What playbook/limits.toml says under [send_time]; without that table, nobody's habits are looked at.

    after: off for a lead until so many of its deeds are known. market: the market's habits weigh as much as so many deeds.
    explore: so many of all touches go at another hour that the window allows. within: older deeds do not count.
    """

    after: Annotated[int, Field(ge=1, le=10_000)] = 12
    market: Annotated[float, Field(ge=0, le=10_000)] = 8
    explore: Annotated[float, Field(ge=0, le=1)] = 0.1
    within: Lasting = Duration(90, Unit.DAY)


def habits(own: pl.DataFrame, others: pl.DataFrame, rules: SendTime) -> pl.DataFrame:
    """Return HABITS of the leads of whom enough is known.

    own: DEEDS of the leads asked about; others: DEEDS of people of their markets, who smooth what is known of each. Equal hours go early first.
    """
    known = own.group_by("lead_id", "market").agg(known=pl.len().cast(pl.Int64)).filter(pl.col("known") >= rules.after)
    grid = known.join(pl.DataFrame({"hour": range(HOURS)}, {"hour": pl.Int64()}), how="cross")
    mine = _by_hour(own, "lead_id").rename({"deeds": "mine"})
    theirs = _by_hour(others, "market").with_columns(all=pl.col("deeds").sum().over("market")).rename({"deeds": "theirs"})
    joined = (
        grid.join(mine, on=["lead_id", "hour"], how="left")
        .join(theirs, on=["market", "hour"], how="left", nulls_equal=True)
        .with_columns(pl.col("mine", "theirs", "all").fill_null(0.0))
    )
    total = pl.col("all").max().over("market")
    weight = pl.col("mine") + rules.market * (pl.col("theirs") + PRIOR / HOURS) / (total + PRIOR)
    ranked = joined.with_columns(weight=weight.round(9)).sort("lead_id", -pl.col("weight"), "hour")
    return ranked.group_by("lead_id", maintain_order=True).agg(pl.col("known").first(), best="hour").select(HABITS.keys())


def _by_hour(deeds: pl.DataFrame, whose: str) -> pl.DataFrame:
    """Return `deeds` by `whose` and hour; each deed is shared out over its hour and those beside it."""
    shared = [deeds.select(whose, hour=(pl.col("hour") + step) % HOURS, deeds=pl.lit(part)) for step, part in _NEAR]
    return pl.concat(shared).group_by(whose, "hour").agg(pl.col("deeds").sum())


def with_hours(touches: pl.DataFrame, known: pl.DataFrame, rules: SendTime | None) -> pl.DataFrame:
    """Return `touches` with `hours`, those of the day in the order in which they would be taken, `known`, and `is_exploring`; null: as the window has it.

    touches: `row`, `lead_id`, `enrolment_id`, `touch`; known: HABITS. A touch's own key says whether it explores, and in which order.
    """
    if rules is None or known.is_empty() or touches.is_empty():
        return touches.with_columns(hours=pl.lit(None, pl.List(pl.Int64())), known=pl.lit(None, pl.Int64()), is_exploring=pl.lit(None, pl.Boolean()))
    salts = {name: salt_of("send time", name) for name in touches["touch"].unique()}
    salted = touches.join(known, on="lead_id", how="left", maintain_order="left").with_columns(
        salt=pl.col("touch").replace_strict(salts, return_dtype=pl.UInt32)
    )
    explores = share_drawn(pl.col("enrolment_id"), pl.col("salt")) < rules.explore
    drawn = salted.with_columns(is_exploring=pl.when(pl.col("best").is_not_null()).then(explores))
    shuffled = _shuffled(drawn.filter("is_exploring").select("row", "enrolment_id", "salt"))
    return (
        drawn.join(shuffled, on="row", how="left", maintain_order="left")
        .with_columns(hours=pl.coalesce("shuffled", "best"))
        .select(*touches.columns, "hours", "known", "is_exploring")
    )


def _shuffled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `row` and all hours in an order drawn for it, so that of those a window allows each is as likely."""
    hours = rows.join(pl.DataFrame({"hour": range(HOURS)}, {"hour": pl.Int64()}), how="cross")
    drawn = hours.with_columns(draw=share_drawn(pl.col("enrolment_id") * HOURS + pl.col("hour"), pl.col("salt") + 1))
    return drawn.sort("row", "draw").group_by("row", maintain_order=True).agg(shuffled="hour")


def at_best_hour(openings: pl.DataFrame) -> pl.DataFrame:
    """Return `row`, `begins` and `room` (how long) for each row with `hours`: the first of them that lies in what is left of its opening.

    openings: `row`, `hours`, and `begins`, `closes` (Datetime UTC), `offset` (local = UTC + offset): a stretch on which wall clock and UTC run
    side by side. What is returned never begins before `begins` nor ends after `closes`.
    """
    hour, day = pl.duration(hours=1), pl.duration(days=1)
    local = openings.filter(pl.col("hours").is_not_null(), pl.col("begins").is_not_null()).select(
        "row", "hours", "offset", opens=pl.col("begins").dt.replace_time_zone(None) + pl.col("offset"),
        shuts=pl.col("closes").dt.replace_time_zone(None) + pl.col("offset"),
    )  # fmt: skip
    tried = local.explode("hours").with_columns(at=pl.col("opens").dt.truncate("1d") + pl.duration(hours="hours"))
    ahead = tried.with_columns(at=pl.when(pl.col("at") + hour <= pl.col("opens")).then(pl.col("at") + day).otherwise("at"))
    fits = ahead.with_columns(first=pl.max_horizontal("at", "opens")).filter(pl.col("first") < pl.col("shuts")).unique("row", keep="first", maintain_order=True)
    return fits.select(
        "row",
        begins=(pl.col("first") - pl.col("offset")).dt.replace_time_zone("UTC"),
        room=pl.min_horizontal(pl.col("at") + hour, "shuts") - pl.col("first"),
    )
