"""Scheduling the first touch of everybody in a track: found, timed on each lead's own clock and calendar, kept within caps, stored.

A rate is asked for, in one process. Beside it what no plan can do without: reading the same enrolments with their leads, and storing as many rows.
"""

import os
from datetime import timedelta

import polars as pl
import sqlalchemy as sa
from sqlmodel import SQLModel

from benchmarks.apart import Told, told_by
from benchmarks.population import INSTANT, NOW, databases, dice, fill, one_of, people
from benchmarks.row import Row
from ripeline.database import engine_for, open_session
from ripeline.playbook.applied import apply_files
from ripeline.playbook.files import read_folder
from ripeline.settings import CLONE

GOAL = 30_000
_TRACKS = ["awareness", "consideration", "decision"]
_ZONES = [
    None, None, None, "Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "America/Sao_Paulo", "Asia/Tokyo", "Asia/Kolkata",
    "Australia/Adelaide", "Asia/Riyadh", "Pacific/Auckland", "Africa/Cairo", "America/St_Johns",
]  # fmt: skip


def run(small: bool) -> list[Row]:
    """Return a row a database."""
    leads = 3_000 if small else 1_000_000
    with databases(os.environ.get("RIPELINE_TEST_POSTGRES_URL")) as urls:
        return [_measured(name, url, leads) for name, url in urls.items()]


def _measured(name: str, url: str, leads: int) -> Row:
    enrol_all(url, leads)
    least = told_by("hand_schedule", url)
    ours = told_by("schedule", url)
    _check(url, leads)
    rate = leads / ours.seconds
    return Row(
        f"schedule the next touch of {leads:,} leads, {name}", f"{rate:,.0f} leads/s ({ours.processor:.0f} s of processor time)",
        f"reading the enrolments, storing as many messages from memory: {leads / least.seconds:,.0f} leads/s", ours.seconds / least.seconds,
        f"at least {GOAL:,} leads/s", rate >= GOAL, ours.peak_mib,
    )  # fmt: skip
