"""What a look over the base has found, kept until each batch is worked off, so that the look is not taken twice."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa

from ripeline.sweep.bulk import is_most

MOST_IDS = 4_000_000
"""So many ids of leads are kept, of 8 bytes each; what nobody comes for is forgotten in the end."""


class Run(NamedTuple):
    """What a look was taken for."""

    database: sa.URL
    playbook: str
    now: datetime
    full: bool = False
    sweep: str = "rescore"


_kept: OrderedDict[tuple[Run, range], list[pl.DataFrame]] = OrderedDict()
"""In this process alone: a batch that is worked off elsewhere looks over its range by itself. Nothing hangs on it but time."""


def keep(run: Run, batches: Sequence[range], due: Sequence[pl.DataFrame], *, sparse: bool) -> None:
    """Keep who is due in each batch: frames by `id`, whatever each means to the sweep. `sparse`: only in batches where few are."""
    for batch in batches:
        theirs = [found.filter(pl.col("id").is_between(batch.start, batch.stop, closed="left")) for found in due]
        if not (sparse and is_most(_count(theirs), len(batch))):
            _kept[run, batch] = theirs
    while sum(map(_count, _kept.values())) > MOST_IDS:
        _kept.popitem(last=False)


def _count(found: Sequence[pl.DataFrame]) -> int:
    return sum(map(len, found))


def take(run: Run, batch: range) -> list[pl.DataFrame] | None:
    """Return what is kept of a batch, once: who has come to be due meanwhile is the next run's. None: nothing is kept."""
    return _kept.pop((run, batch), None)
