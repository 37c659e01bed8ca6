"""How often people do something: what the base shows, drawn towards what is known elsewhere or assumed, as far as it shows little."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

PRIOR_MAILS, PRIOR_TOUCH, PRIOR_HANDOFFS = 200, 50, 20
"""So many mails of all touches, mails of one touch, or hand-offs weigh as much as what is assumed of them."""

VISIT_DAYS = 90
FEW_VISITS = 30
"""With fewer recorded visits than this, the assumption stands alone: the site is hardly connected yet."""


@dataclass(frozen=True)
class Rate:
    """A share from 0 to 1. `seen` of `of` is what the base shows (0 of 0: nothing), `assumed` what is believed where it shows nothing."""

    what: str
    value: float
    seen: int = 0
    of: int = 0
    assumed: float = 0.0

    @property
    def basis(self) -> str:
        """Return where the value comes from, in words."""
        if not self.of:
            return f"assumed: {self.assumed:.2%}"
        return f"seen {self.seen:,} of {self.of:,}, drawn towards {self.assumed:.2%}"


def smoothed(what: str, seen: int, of: int, assumed: float, weight: int) -> Rate:
    """Return a rate: `of` observations against `weight` observations of what is assumed."""
    return Rate(what, (min(seen, of) + weight * assumed) / (of + weight), min(seen, of), of, assumed)


ASSUMED_ANSWERS: Mapping[str, float] = {"unsubscribed": 0.003, "mail_replied": 0.004, "mail_clicked": 0.04, "mail_opened": 0.0}
"""Of a hundred mails, how many get such an answer, where nothing is known. Opens are drawn only where the base has seen some."""

ASSUMED_VERDICTS: Mapping[str, float] = {"handoff_accepted": 0.6, "handoff_rejected": 0.25}
ASSUMED_BOOKED = 0.35
ASSUMED_VISITS = 0.01
"""Visits a lead and day where the base has hardly any."""

SHAPE = 0.5
"""How alike leads are in how often they visit (the shape of a gamma distribution): below 1, a few do most of it."""


@dataclass(frozen=True)
class Counts:
    """What the base shows. answers: by (touch, kind) how many mails of the touch got such an answer; sent: mails by touch.

    verdicts: closed hand-offs by kind of answer, `handoffs` all that were closed; booked of `accepted`. visits: days with a visit
    of `lead_days` in the last 90 days.
    """

    sent: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    verdicts: Mapping[str, int] = field(default_factory=dict)
    handoffs: int = 0
    booked: int = 0
    accepted: int = 0
    visits: int = 0
    lead_days: int = 0


@dataclass(frozen=True)
class Rates:
    """How people answer: mails by touch and kind (`pooled` for touches never sent), reps, and visits of their own accord."""

    touches: Mapping[tuple[str, str], Rate]
    pooled: Mapping[str, Rate]
    verdicts: Mapping[str, Rate]
    booked: Rate
    visits: Rate

    def of_touch(self, touch: str, kind: str) -> float:
        """Return how likely a mail of this touch gets such an answer."""
        return self.touches.get((touch, kind), self.pooled[kind]).value

    def visits_a_day(self, seen: int) -> float:
        """Return how often a lead with so many visits in the last 90 days visits, a day: its own past, drawn towards everybody's."""
        everybody = self.visits.value
        return (seen + SHAPE) / (VISIT_DAYS + SHAPE / everybody) if everybody else 0.0

    def listed(self) -> list[Rate]:
        """Return all rates for a reader."""
        return [*self.pooled.values(), *self.touches.values(), *self.verdicts.values(), self.booked, self.visits]


def rates_of(counts: Counts) -> Rates:
    """Return the rates that the base suggests."""
    pooled = {kind: _pooled(kind, counts) for kind in ASSUMED_ANSWERS}
    touches = {
        (touch, kind): smoothed(f"{touch}: {_plain(kind)}", counts.answers.get((touch, kind), 0), sent, pooled[kind].value, PRIOR_TOUCH)
        for touch, sent in sorted(counts.sent.items())
        for kind in ASSUMED_ANSWERS
        if pooled[kind].value
    }
    verdicts = {
        kind: smoothed(f"hand-off: {_plain(kind)}", counts.verdicts.get(kind, 0), counts.handoffs, share, PRIOR_HANDOFFS)
        for kind, share in ASSUMED_VERDICTS.items()
    }
    booked = smoothed("hand-off: meeting booked, once accepted", counts.booked, counts.accepted, ASSUMED_BOOKED, PRIOR_HANDOFFS)
    return Rates(touches, pooled, verdicts, booked, _visits(counts))


def _pooled(kind: str, counts: Counts) -> Rate:
    seen = sum(counts.answers.get((touch, kind), 0) for touch in counts.sent)
    return smoothed(f"any mail: {_plain(kind)}", seen, sum(counts.sent.values()), ASSUMED_ANSWERS[kind], PRIOR_MAILS)


def _visits(counts: Counts) -> Rate:
    what = "a visit, a lead and day"
    if counts.visits < FEW_VISITS or not counts.lead_days:
        return Rate(what, ASSUMED_VISITS, assumed=ASSUMED_VISITS)
    share = counts.visits / counts.lead_days
    return Rate(what, share, counts.visits, counts.lead_days, share)


def _plain(kind: str) -> str:
    return kind.removeprefix("mail_").removeprefix("handoff_").replace("_", " ")


def first_of(draw: float, chances: Iterable[tuple[str, float]]) -> str | None:
    """Return which of several things that exclude each other happens for a number from 0 to 1; None: none does."""
    for what, chance in chances:
        if draw < chance:
            return what
        draw -= chance
    return None
