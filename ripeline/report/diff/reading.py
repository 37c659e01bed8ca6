"""Reading a difference from the database: the same engine, the same facts, two playbooks."""

from collections.abc import Callable, Iterator
from datetime import datetime

import polars as pl
import sqlalchemy as sa

from ripeline.playbook.playbook import Playbook
from ripeline.report.diff.numbers import Difference, Side, difference
from ripeline.sweep.outlook import as_it_would_score, everybody, outlook, slices
from ripeline.sweep.scoring import scoring_of

Tick = Callable[[int, int], None]


def read_difference(
    engine: sa.Engine, old: tuple[str, Playbook], new: tuple[str, Playbook], now: datetime, tick: Tick = lambda done, every: None
) -> Difference:
    """Return what `new` (its name, its playbook) would change against `old` for every lead that may be scored, at `now`. Writes nothing."""
    before, after = (as_it_would_score(engine, playbook) for _, playbook in (old, new))
    sides = [Side(name, playbook.hash, scoring_of(playbook).version) for (name, _), playbook in zip((old, new), (before, after), strict=True)]
    return difference(sides[0], sides[1], now, _outlooks(engine, before, after, now, tick))


def _outlooks(engine: sa.Engine, old: Playbook, new: Playbook, now: datetime, tick: Tick) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    ids, done = everybody(engine, now), 0
    for part in slices(ids):
        yield outlook(engine, part, old, now), outlook(engine, part, new, now)
        done += len(part)
        tick(done, len(ids))
