"""The sizes that the issues name: a million leads with ten million events. It takes hours, so it only runs when it is named."""

from benchmarks import forty, schedule, segment
from benchmarks.row import Row

TAKES_HOURS = True


def run(small: bool) -> list[Row]:
    """Return the rows of `forty`, `segment` and `schedule` for a million leads."""
    leads = 400 if small else 1_000_000
    return [*forty.rows(leads, [leads // 100, leads // 10, leads]), *segment.rows(leads), *schedule.rows(leads)]
