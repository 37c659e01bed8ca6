"""One line of the benchmark table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measurement. `ratio` is ours divided by the referee's, below 1 is faster; None where a rate is told instead.

    `goal` is what an issue asks, in words; `is_met` None where nothing was asked.
    """

    what: str
    ours: str
    referee: str
    ratio: float | None
    goal: str = ""
    is_met: bool | None = None
    peak_mib: float | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        met = {None: "", True: "met", False: "missed"}[self.is_met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        peak = "" if self.peak_mib is None else f"{self.peak_mib:,.0f} MiB"
        return self.what, self.ours, self.referee, ratio, peak, self.goal, met


HEADS = ("what", "ours", "referee", "ours ÷ referee", "peak memory", "goal", "")
