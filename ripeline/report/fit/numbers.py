"""How well a card tells who converts: counts over a backtest, and what can be said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ripeline.report.statistics import FALSE_DISCOVERIES, Interval, newcombe, share_of, wilson

ALWAYS_LOW = 0.05
"""A segment is always low where surely less than this share of it reaches the line."""

FEWEST_IN_A_SEGMENT = 50


@dataclass(frozen=True)
class Share:
    """How many of some leads converted."""

    leads: int
    converted: int

    @property
    def rate(self) -> float | None:
        """Return the share that converted; None of nobody."""
        return share_of(self.converted, self.leads)

    @property
    def interval(self) -> Interval:
        """Return between which rates the true one lies."""
        return wilson(self.converted, self.leads)

    def __sub__(self, other: "Share") -> "Share":
        return Share(self.leads - other.leads, self.converted - other.converted)


@dataclass(frozen=True)
class Band:
    """One band of scores, such as 40 to 50 points, or grade B2."""

    name: str
    share: Share


class Verdict(StrEnum):
    """What a rule's lift is worth."""

    LIFTS = "lifts"
    LOWERS = "lowers"
    UNTOLD = "cannot be told from zero"
    UNUSED = "gave to none or to all"


@dataclass(frozen=True)
class RuleLift:
    """One rule: leads to whom it gave points against those to whom it did not, where it counts at all.

    `points` is what it gave on average, in hundredths; `chance` the p-value, `adjusted` for all rules asked at once.
    """

    number: int
    section: str
    name: str
    points: float
    given: Share
    others: Share
    chance: float
    adjusted: float

    @property
    def lift(self) -> float | None:
        """Return by how much the rate is higher where the rule gave, as a difference of shares; None where there is nobody on one side."""
        if self.given.rate is None or self.others.rate is None:
            return None
        return self.given.rate - self.others.rate

    @property
    def interval(self) -> Interval:
        """Return between which values the true lift lies; taken alone, not adjusted for the other rules."""
        return newcombe(self.given.converted, self.given.leads, self.others.converted, self.others.leads)

    @property
    def verdict(self) -> Verdict:
        """Return what can be said of the lift at the FALSE_DISCOVERIES rate."""
        if self.lift is None:
            return Verdict.UNUSED
        if self.adjusted > FALSE_DISCOVERIES:
            return Verdict.UNTOLD
        return Verdict.LIFTS if self.lift > 0 else Verdict.LOWERS

    @property
    def is_contrary(self) -> bool:
        """Tell whether it gives points for what surely lowers conversion, or takes them for what raises it."""
        return (self.verdict is Verdict.LIFTS and self.points < 0) or (self.verdict is Verdict.LOWERS and self.points > 0)


@dataclass(frozen=True)
class Segment:
    """Leads with one value of one attribute: how many reached the line, and how they convert against everybody else."""

    field: str
    value: str
    reached: int
    share: Share
    others: Share

    @property
    def is_always_low(self) -> bool:
        """Tell whether nearly nobody of them reaches the line, for sure."""
        return self.share.leads >= FEWEST_IN_A_SEGMENT and wilson(self.reached, self.share.leads).high < ALWAYS_LOW

    @property
    def interval(self) -> Interval:
        """Return between which values their rate less that of the others lies."""
        return newcombe(self.share.converted, self.share.leads, self.others.converted, self.others.leads)

    @property
    def is_missed(self) -> bool:
        """Tell whether they convert no worse than others for all we know, so that the card may overlook them."""
        return self.interval.high >= 0


@dataclass(frozen=True)
class Fit:
    """All of it. `line` is the total in hundredths under which a lead counts as low; concordance None: everybody converted, or nobody.

    left_out: leads that had converted before the cut-off, and excluded ones, whose conversions say whether the exclusion is right.
    """

    card: str
    playbook: str
    goal: str
    at: datetime
    until: datetime
    hindsight: bool
    everybody: Share
    had_converted: int
    excluded: Share
    bands: Sequence[Band]
    grades: Sequence[Band]
    concordance: tuple[float, Interval] | None
    rules: Sequence[RuleLift]
    line: int
    segments: Sequence[Segment]

    @property
    def untold(self) -> list[RuleLift]:
        """Return the rules whose lift cannot be told from zero."""
        return [rule for rule in self.rules if rule.verdict is Verdict.UNTOLD]

    @property
    def always_low(self) -> list[Segment]:
        """Return the segments that always score low, the largest first."""
        return sorted((each for each in self.segments if each.is_always_low), key=lambda each: -each.share.leads)
