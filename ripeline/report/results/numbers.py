"""What became of the leads of tracks: plain values that terminal, page and programs tell alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ripeline.decide.touch import HOLD_OUT
from ripeline.report.statistics import FALSE_DISCOVERIES, SUSPICIOUS_RATIO, Interval, newcombe


@dataclass(frozen=True)
class TrackLine:
    """A track in one market, or in all (market None: leads of no market): enrolments, and what became of them.

    Enrolments that entered are those that reached the goal, those that left otherwise, and those still open.
    """

    track: str
    market: str | None
    entered: int
    goal: int
    left: int
    exhausted: int

    @property
    def still_open(self) -> int:
        """Return how many are in the track yet."""
        return self.entered - self.goal - self.left


@dataclass(frozen=True)
class TouchLine:
    """A touch, or one variant of it, perhaps in one market. `turned` are the leads whose turn came: the letter went, or the lot held it out.

    goal and left: what came next, before another touch had its turn. goal_after: the goal at any time after.
    """

    track: str
    touch: str
    variant: str
    market: str | None
    planned: int
    turned: int
    sent: int
    clicked: int
    goal: int
    left: int
    goal_after: int

    @property
    def held_out(self) -> int:
        """Return how many got nothing by lot."""
        return self.turned if self.variant == HOLD_OUT else 0


@dataclass(frozen=True)
class Contest:
    """One variant of a touch against its control: the held-out, or where nobody is, the first letter. Of each the leads whose turn came.

    `chance` is the p-value of no difference, `adjusted` for all contests of the report.
    """

    track: str
    touch: str
    variant: str
    control: str
    turned: int
    goal: int
    control_turned: int
    control_goal: int
    chance: float
    adjusted: float

    @property
    def difference(self) -> float | None:
        """Return the share that reached the goal less that of the control; None where nobody had a turn on one side."""
        return self.goal / self.turned - self.control_goal / self.control_turned if self.turned and self.control_turned else None

    @property
    def interval(self) -> Interval:
        """Return between which values the true difference lies."""
        return newcombe(self.goal, self.turned, self.control_goal, self.control_turned)

    @property
    def is_proven(self) -> bool:
        """Tell whether the difference can be told from zero."""
        return self.adjusted <= FALSE_DISCOVERIES


@dataclass(frozen=True)
class Ratio:
    """Whether the arms of a touch were drawn as the playbook says: leads by arm, and how many were to be expected."""

    track: str
    touch: str
    seen: Mapping[str, int]
    expected: Mapping[str, float]
    chance: float

    @property
    def is_suspicious(self) -> bool:
        """Tell whether chance cannot explain the split, so that its contests mean nothing."""
        return self.chance < SUSPICIOUS_RATIO


@dataclass(frozen=True)
class Results:
    """Everything about enrolments that entered from `since` up to but not at `until` (aware, UTC).

    touches: a line a touch and variant, in the order of the track; cells: the same by market. why_left: a count for each reason, by track.
    """

    since: datetime
    until: datetime
    tracks: Sequence[TrackLine]
    markets: Sequence[TrackLine]
    touches: Sequence[TouchLine]
    cells: Sequence[TouchLine]
    why_left: Mapping[str, Mapping[str, int]]
    contests: Sequence[Contest]
    ratios: Sequence[Ratio]

    @property
    def suspicious(self) -> list[Ratio]:
        """Return the splits that chance cannot explain."""
        return [ratio for ratio in self.ratios if ratio.is_suspicious]
