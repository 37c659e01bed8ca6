"""The days that touches hang on: what attributes say of each lead, as dates on its own calendar."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl
import sqlalchemy as sa

from ripeline.decide.facts import INSTANT, Needs
from ripeline.decide.local_time import with_local_time
from ripeline.decide.segment import Pin
from ripeline.decide.track import Track
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.facts import read_facts
from ripeline.sweep.living import zones_of


def read_days(engine: sa.Engine, ids: range, tracks: Mapping[Pin, Track], playbook: Playbook, enrolments: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return `lead_id` and, for each attribute that a touch of these tracks hangs on, a Date column of its name; what no field declares is left out.

    enrolments: as in `Found`, of leads among `ids`. An instant is the date that the clock of its lead's zone showed.
    """
    asked = {touch.on for track in tracks.values() for touch in track.touches if isinstance(touch.on, str)}
    known = sorted(name for name in asked if name in playbook.fields.lead)
    if not known:
        return pl.DataFrame(schema={"lead_id": pl.Int64()})
    leads = enrolments.unique("lead_id").sort("lead_id")
    told = read_facts(engine, ids, Needs(attributes=frozenset(known)), playbook.fields, now, only=leads["lead_id"]).facts.leads
    zoned = told.select("id", *known).rename({"id": "lead_id"}).join(leads.select("lead_id", zone=zones_of(leads, playbook)), on="lead_id")
    days = zoned.select("lead_id")
    for name in known:
        days = days.join(_dates(zoned, name), on="lead_id", how="left", maintain_order="left")
    return days


def _dates(zoned: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return `lead_id` and an attribute as a Date, for those of whom it is known."""
    known = zoned.select("lead_id", "zone", at=name).drop_nulls("at")
    if known.schema["at"] == INSTANT:
        known = with_local_time(known, "at").with_columns(at=pl.col("local").dt.date())
    return known.select("lead_id", pl.col("at").alias(name))
