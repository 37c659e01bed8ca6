"""One line of the benchmark tables."""

from dataclasses import dataclass

from benchmarks.goals import Goal


@dataclass(frozen=True)
class Row:
    """A measurement that shows how near a goal is. `ratio` is ours divided by the referee's, below 1 is faster; None where a rate is told instead.

    `asked` is the goal in short, as this row is held to it; `is_met` None where nothing is asked of this row.
    """

    goal: Goal
    what: str
    ours: str
    referee: str
    ratio: float | None
    asked: str = ""
    is_met: bool | None = None
    peak_mib: float | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the row as a table shows it."""
        met = {None: "", True: "met", False: "missed"}[self.is_met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        peak = "" if self.peak_mib is None else f"{self.peak_mib:,.0f} MiB"
        return self.what, self.ours, self.referee, ratio, peak, self.asked, met


HEADS = ("what", "ours", "referee", "ours ÷ referee", "peak memory", "goal", "")
