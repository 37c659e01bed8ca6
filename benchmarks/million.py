"""The sizes that the issues name: a million leads with ten million events. It takes hours, so it only runs when it is named, all of it or step by step.

`--bases FOLDER` keeps the million that is made up, so that a step can be taken again without making it up anew.
"""

from functools import partial

from benchmarks import forty, schedule, segment, simulate, steady
from benchmarks.bases import NAMES
from benchmarks.row import Row

TAKES_HOURS = True


def _forty(dialect: str, small: bool) -> list[Row]:
    return forty.rows(dialect, _leads(small), rounds=1)


def _segment(small: bool) -> list[Row]:
    return segment.rows(_leads(small), rounds=1)


def _schedule(small: bool) -> list[Row]:
    return schedule.rows(_leads(small), rounds=1)


def _leads(small: bool) -> int:
    return 400 if small else 1_000_000


STEPS = {dialect: partial(_forty, dialect) for dialect in NAMES} | {
    "steady": steady.whole,
    "segment": _segment,
    "schedule": _schedule,
    "simulate": simulate.whole,
}
