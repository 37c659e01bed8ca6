"""The numbers of a report: plain values that both faces of it, terminal and page, tell in the same words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

GRADES = tuple(f"{fit}{engagement}" for fit in "ABCD" for engagement in "1234")


@dataclass(frozen=True)
class HandoffLine:
    """One hand-off. The meeting's times are naive wall clocks, one on each side; None where none is proposed. No name of the lead.

    `withheld`: why nobody may see the score, total and grade then being None; None: everybody here may.
    """

    rep: str
    lead_id: int
    country: str
    total: int | None
    grade: str | None
    state: str
    starts_lead: datetime | None = None
    zone_lead: str = ""
    starts_rep: datetime | None = None
    zone_rep: str = ""
    withheld: str | None = None


@dataclass(frozen=True)
class RepLine:
    """What became of one rep's hand-offs, and the first meeting among them. An empty `rep`: those that nobody fits yet."""

    rep: str
    count: int
    accepted: int
    rejected: int
    first: HandoffLine | None


@dataclass(frozen=True)
class CoverageLine:
    """A rule that asks for coverage: the share of all leads it `needs`, and the share that has the attribute which fewest have.

    `by_market` is the same share within each market whose card asks for it ("": leads in no market). Shares are of 1.
    """

    rule: str
    attribute: str
    needs: float
    known: float
    by_market: Mapping[str, float]
    standing: str

    @property
    def is_thin(self) -> bool:
        """Return whether too few leads have it."""
        return self.standing != COUNTS


COUNTS = "counts"
"""The standing of a rule that has enough to go by."""


@dataclass(frozen=True)
class Sample:
    """One mail as it lay in the mailbox. `html` and `calendar` are empty where it has no such part."""

    title: str
    subject: str
    sender: str
    locale: str
    direction: str
    text: str
    html: str = ""
    calendar: str = ""
    file: str = ""


@dataclass(frozen=True)
class Numbers:
    """Counts over the whole database at one instant (aware, UTC). Hours are 0 to 23.

    `window` is the widest span of hours that the tracks allow; `outside` counts touches that left outside their own.
    """

    since: datetime
    until: datetime
    leads: int = 0
    events: int = 0
    stages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    on_hold: int = 0
    unscored: int = 0
    objected: int = 0
    tracks: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    held_back: Mapping[str, int] = field(default_factory=dict)
    without_consent: int = 0
    by_locale: Mapping[str, int] = field(default_factory=dict)
    fallback: Mapping[str, int] = field(default_factory=dict)
    by_local_hour: Mapping[int, int] = field(default_factory=dict)
    by_utc_hour: Mapping[int, int] = field(default_factory=dict)
    window: tuple[int, int] | None = None
    outside: int = 0
    zones: int = 0
    handoffs: Sequence[HandoffLine] = ()
    runs: Mapping[str, int] = field(default_factory=dict)
    coverage: Sequence[CoverageLine] = ()

    @property
    def sent(self) -> int:
        """Return how many touches were accepted for delivery."""
        return sum(self.by_locale.values())

    @property
    def reps(self) -> list[RepLine]:
        """Return one line a rep, by name; hand-offs come by rep and time of the meeting."""
        lines = []
        for rep, theirs in groupby(self.handoffs, key=lambda line: line.rep):
            held = list(theirs)
            states = Counter(line.state for line in held)
            first = next((line for line in held if line.starts_rep), None)
            lines.append(RepLine(rep, len(held), states["accepted"], states["rejected"], first))
        return lines

    @property
    def scored(self) -> int:
        """Return how many leads have a score."""
        return sum(sum(grades.values()) for grades in self.stages.values())
