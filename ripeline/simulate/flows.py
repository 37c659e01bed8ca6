"""Where leads are at a few checkpoints, and how many go from where to where between them."""

from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import col

from models import Enrolment, Handoff, HandoffState
from ripeline.decide.facts import INSTANT
from ripeline.simulate.figures import Flow
from ripeline.simulate.machine import Journey
from ripeline.sweep.bulk_read import read_bulk

PARTS = 3
NO_TRACK, WITH_SALES = "in no track", "with sales"

_IN_TRACK = {"lead_id": pl.Int64(), "track": pl.String(), "entered_at": INSTANT, "ended_at": INSTANT}
_WITH_SALES = {"lead_id": pl.Int64(), "opened_at": INSTANT, "closed_at": INSTANT, "is_taken": pl.Boolean()}


def read_flows(engine: sa.Engine, journey: Journey) -> dict[str, Any]:
    """Return `checkpoints` (the beginning, the end, and two between) and `flows`, the largest first. Leads that are in no track throughout are left out."""
    enrolments = read_bulk(engine, sa.select(*(getattr(Enrolment, name) for name in _IN_TRACK)).order_by(col(Enrolment.id)), _IN_TRACK)
    of_handoff: list[Any] = [
        col(Handoff.lead_id),
        col(Handoff.opened_at),
        col(Handoff.closed_at),
        (col(Handoff.state) == HandoffState.ACCEPTED).label("is_taken"),
    ]
    handoffs = read_bulk(engine, sa.select(*of_handoff), _WITH_SALES)
    checkpoints = [journey.start + (journey.end - journey.start) * part / PARTS for part in range(PARTS + 1)]
    leads = pl.concat([enrolments["lead_id"], handoffs["lead_id"]]).unique().sort().to_frame()
    for number, at in enumerate(checkpoints):
        leads = leads.join(_where(enrolments, handoffs, at).rename({"where": f"at_{number}"}), on="lead_id", how="left").with_columns(
            pl.col(f"at_{number}").fill_null(NO_TRACK)
        )
    moved = leads.filter(~pl.all_horizontal(pl.exclude("lead_id") == NO_TRACK))
    return {"checkpoints": checkpoints, "flows": [flow for number in range(PARTS) for flow in _between(moved, number)]}


def _where(enrolments: pl.DataFrame, handoffs: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Return where each lead is at an instant, just before what happens then: with sales, else in the track it entered last."""
    running = enrolments.filter(pl.col("entered_at") < at, pl.col("ended_at").is_null() | (pl.col("ended_at") >= at))
    tracks = running.group_by("lead_id", maintain_order=True).agg(where=pl.col("track").sort_by("entered_at").last())
    held = handoffs.filter(pl.col("opened_at") < at, pl.col("closed_at").is_null() | (pl.col("closed_at") >= at) | pl.col("is_taken"))
    sold = held.select("lead_id").unique().with_columns(where=pl.lit(WITH_SALES))
    return pl.concat([sold, tracks.join(sold, on="lead_id", how="anti")])


def _between(leads: pl.DataFrame, number: int) -> list[Flow]:
    counted = (
        leads.group_by(source=f"at_{number}", target=f"at_{number + 1}").agg(leads=pl.len()).sort("leads", "source", "target", descending=[True, False, False])
    )
    return [Flow(number, *row) for row in counted.select("source", "target", "leads").iter_rows()]
