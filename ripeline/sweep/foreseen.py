"""What a look over the whole base has found, kept until each batch is worked off, so that the look is not taken twice where few are due among many."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa

from ripeline.sweep.bulk import is_most

MOST_BATCHES = 1_000
"""So many batches are kept; what nobody comes for is forgotten in the end."""


class Run(NamedTuple):
    """What a look was taken for."""

    database: sa.URL
    playbook: str
    now: datetime
    full: bool = False
    sweep: str = "rescore"


_kept: OrderedDict[tuple[Run, range], list[pl.Series]] = OrderedDict()
"""In this process alone: a batch that is worked off elsewhere looks over its range by itself. Nothing hangs on it but time."""


def keep(run: Run, batches: Sequence[range], due: Sequence[pl.Series]) -> None:
    """Keep who is due in each sparse batch: `due` are sorted ids by each card, in the order of the cards; of another sweep, one list."""
    for batch in batches:
        theirs = [ids.filter(ids.is_between(batch.start, batch.stop, closed="left")) for ids in due]
        if not is_most(sum(map(len, theirs)), len(batch)):
            _kept[run, batch] = theirs
    while len(_kept) > MOST_BATCHES:
        _kept.popitem(last=False)


def take(run: Run, batch: range) -> list[pl.Series] | None:
    """Return what is kept of a batch, once: who has come to be due meanwhile is the next run's. None: nothing is kept."""
    return _kept.pop((run, batch), None)
