"""Planning ahead: some leads are read and judged, and their messages put into words, while those of others are written."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

import polars as pl
from sqlmodel import Session

from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.ahead import ahead
from ripeline.sweep.schedule.due import Held
from ripeline.sweep.schedule.gather import Whose, gather
from ripeline.sweep.schedule.planning import planned
from ripeline.sweep.schedule.record import Worded, worded

THREADS = 2
"""One reads while the other one plans."""


def plans(held: Held, playbook: Playbook, now: datetime, settings: Settings, inferred: pl.DataFrame) -> Iterator[Worded]:
    """Give the plan for the leads that a transaction holds, slice by slice; what is read are other rows than it writes meanwhile.

    inferred: what the transaction already knows better than others can read, by `lead_id`.
    """
    return ahead((partial(_plan, part, playbook, now, settings, inferred) for part in held.parts()), THREADS)


def _plan(held: Held, playbook: Playbook, now: datetime, settings: Settings, inferred: pl.DataFrame) -> Worded:
    """Plan by what a session of its own reads: the one that writes is at work."""
    with held.engine.execution_options(writes=False).connect() as connection, Session(bind=connection) as reading:
        found = gather(reading, held.ids, playbook, now, settings.key, Whose.due(held), expected=held.count, inferred=inferred)
        return worded(planned(found, playbook, now), settings)
