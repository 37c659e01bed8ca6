"""What a simulation tells: plain values that terminal, JSON and page share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ripeline.simulate.rates import Rate


@dataclass(frozen=True)
class TouchLine:
    """One touch of a track: how many mails would go, and how they would be answered."""

    track: str
    touch: str
    sent: int
    clicked: int = 0
    unsubscribed: int = 0


@dataclass(frozen=True)
class RepDay:
    """One rep on one date of their own clock: hand-offs offered on it, and how many stood open when it ended."""

    rep: str
    on: date
    offered: int
    open: int


@dataclass(frozen=True)
class RepLine:
    """One rep over the whole time. `fullest` is the most that stood open at the end of a day, against `capacity`."""

    rep: str
    capacity: int
    offered: int
    busiest_day: int
    fullest: int
    days_full: int


@dataclass(frozen=True)
class Flow:
    """So many leads were at `source` at the checkpoint of this number, and at `target` at the next."""

    checkpoint: int
    source: str
    target: str
    leads: int


@dataclass(frozen=True)
class Moment:
    """Something in the calendar of one lead: `local_at` on its own clock, what, and what there is to say about it."""

    at: datetime
    local_at: datetime
    what: str
    detail: str


@dataclass(frozen=True)
class Figures:
    """What would become of everybody by one playbook. Mails are touches to leads; dates and hours are those of their readers' clocks.

    put_off: touches moved to a later time, by what moved them; `put_off_by_day` by date. checkpoints: the instants between which `flows` run.
    waiting: hand-offs for which there was no rep, by date. sales_mails: cards and invites. not_sent: touches that did not go, by reason.
    seconds: what each sweep took on this machine.
    """

    name: str
    playbook: str
    since: datetime
    until: datetime
    leads: int
    track: str | None = None
    by_day: Mapping[date, int] = field(default_factory=dict)
    by_hour: Mapping[int, int] = field(default_factory=dict)
    by_weekday: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    by_zone: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    readers: int = 0
    touches: Sequence[TouchLine] = ()
    put_off: Mapping[str, int] = field(default_factory=dict)
    put_off_by_day: Mapping[date, int] = field(default_factory=dict)
    not_sent: Mapping[str, int] = field(default_factory=dict)
    exhausted: Mapping[str, int] = field(default_factory=dict)
    exhausted_by_day: Mapping[date, int] = field(default_factory=dict)
    stages: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    checkpoints: Sequence[datetime] = ()
    flows: Sequence[Flow] = ()
    rep_days: Sequence[RepDay] = ()
    reps: Sequence[RepLine] = ()
    waiting: Mapping[date, int] = field(default_factory=dict)
    sales_mails: int = 0
    rates: Sequence[Rate] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    stops: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)
    calendar: Sequence[Moment] = ()

    @property
    def mails(self) -> int:
        """Return how many touches would go out."""
        return sum(self.by_day.values())

    @property
    def busiest(self) -> tuple[date, int] | None:
        """Return the day with most mails, the first of equals; None without any."""
        return max(self.by_day.items(), key=lambda each: each[1], default=None)

    @property
    def handoffs(self) -> int:
        """Return how many leads would be offered to reps."""
        return sum(line.offered for line in self.reps)

    @property
    def clicked(self) -> int:
        """Return how many mails would be clicked."""
        return sum(line.clicked for line in self.touches)

    @property
    def unsubscribed(self) -> int:
        """Return how many leads would unsubscribe by a mail."""
        return sum(line.unsubscribed for line in self.touches)
