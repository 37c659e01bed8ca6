"""Planning ahead: some leads are read and judged while the plan of those before them is written down, so that database and we work at once."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import polars as pl
from sqlmodel import Session

from ripeline.playbook.playbook import Playbook
from ripeline.sweep.schedule.due import Held
from ripeline.sweep.schedule.gather import Whose, gather
from ripeline.sweep.schedule.planning import Plan, planned

FIRST, SLICE = 5_000, 25_000
"""Leads that are planned for at once: enough for Polars to be quick, little enough to hold in memory. The first ones are fewer, so that
writing, which takes longest, begins soon."""


def plans(held: Held, playbook: Playbook, now: datetime, pepper: bytes, inferred: pl.DataFrame) -> Iterator[Plan]:
    """Give the plan for the leads that a transaction holds, slice by slice; what is read are other rows than it writes meanwhile.

    inferred: what the transaction already knows better than others can read, by `lead_id`.
    """
    with ThreadPoolExecutor(max_workers=1) as ahead:
        waiting: deque[Future[Plan]] = deque()
        for part in held.parts(FIRST, SLICE):
            waiting.append(ahead.submit(_plan, part, playbook, now, pepper, inferred))
            if len(waiting) > 1:
                yield waiting.popleft().result()
        yield from (last.result() for last in waiting)


def _plan(held: Held, playbook: Playbook, now: datetime, pepper: bytes, inferred: pl.DataFrame) -> Plan:
    """Plan by what a session of its own reads: the one that writes is at work."""
    with held.engine.execution_options(writes=False).connect() as connection, Session(bind=connection) as reading:
        return planned(gather(reading, held.ids, playbook, now, pepper, Whose.due(held), expected=held.count, inferred=inferred), playbook, now)
