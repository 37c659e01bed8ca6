"""The machine: lets days pass over a private copy of the base. At each instant at which something is due, the very same sweeps run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import polars as pl

from ripeline.connect.channels import Channel
from ripeline.database import open_session
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.simulate.base import look_over
from ripeline.simulate.chance import Chance
from ripeline.simulate.clock import next_judgement_at, next_mail_at, on_grid
from ripeline.simulate.nowhere import Noting, Nowhere
from ripeline.simulate.observed import observed
from ripeline.simulate.rates import Rates, rates_of
from ripeline.simulate.reactions import Reactions
from ripeline.simulate.visits import Visitors
from ripeline.standing.environment import environment
from ripeline.sweep.board import raise_facts
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.ingest.storing import store_events
from ripeline.sweep.run import work_off
from ripeline.values import Tally

JUDGING = ("rescore", "segment", "handoff", "schedule")
"""The sweeps that run where something may have changed, in the order of `ripeline run all`. News is written down before them, mail goes after them."""

LOOKED_AT_AGAIN = {"handoff": ("accepted", "rejected", "withdrawn", "offered"), "schedule": ("exhausted", "expired", "moved")}
"""What a sweep may do that gives one before it something to do: at the next step all are asked again."""

ENDS = ("accepted", "rejected", "cancelled", "suppressed", "in_doubt")
"""How a message ends."""

LOOKED_OVER_AFTER = (1, 100)
"""After so many stops SQLite looks the file over: the first fills tables that were empty, and it must know which index leads to few rows."""

BATCH = 100_000
MAILS_AT_ONCE = 2_000
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Journey:
    """Which days pass: from `start` up to but not at `end` (aware, UTC), judged every `step` in which something is due.

    Mails that are due go every `mail_step`; the standing flow delivers every minute.
    """

    start: datetime
    days: int
    step: timedelta = timedelta(hours=1)
    seed: int = 1
    mail_step: timedelta = timedelta(minutes=1)

    @property
    def end(self) -> datetime:
        """Return the instant after the last day."""
        return self.start + self.days * _DAY


@dataclass
class Course:
    """How a journey went: counts by sweep, how often the clock stopped, how people answered, and the seconds that the sweeps took."""

    rates: Rates
    tallies: dict[str, Tally] = field(default_factory=dict)
    stops: int = 0
    visits: int = 0
    reactions: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, tally: Tally, seconds: float) -> None:
        """Add what a sweep did, and how long it took."""
        self.tallies[name] = self.tallies.get(name, Tally()) + tally
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


@dataclass(frozen=True)
class Stop:
    """An instant at which the clock stops; `is_judged`: not only mail may be due."""

    at: datetime
    is_judged: bool


class Machine:
    """A private copy at `start`, and all that is needed to let days pass over it. `channel` None: mails go nowhere."""

    def __init__(self, url: str, playbook: Playbook, settings: Settings, journey: Journey, channel: Channel | None = None) -> None:
        self._url, self._playbook, self._settings, self._journey = url, playbook, settings.model_copy(update={"only_to": ""}), journey
        self._channel = Noting(channel or Nowhere())
        chance = Chance(journey.seed)
        with open_session(url) as session:
            seen = observed(session, playbook, journey.start)
        self.course = Course(rates_of(seen.counts))
        self._visitors = Visitors.of(seen, self.course.rates, chance)
        self._reactions = Reactions(self.course.rates, self._visitors, chance, settings.key)
        self._visits, self._drawn_until = self._visitors.on(journey.start.date() - _DAY), journey.start.date() - _DAY
        self._judge_from: datetime | None = journey.start

    def travel(self, progress: Progress = lambda done, total: None) -> Course:
        """Let all days pass, and return how it went."""
        now = self._journey.start
        with environment({"RIPELINE_ONLY_TO": ""}):  # what would happen to everybody, not to those who may be mailed while testing
            while (stop := self._next(now)) and stop.at < self._journey.end:
                now = stop.at
                self._work(stop)
                if self.course.stops in LOOKED_OVER_AFTER:
                    look_over(self._url)
                progress((now - self._journey.start).days, self._journey.days)
        progress(self._journey.days, self._journey.days)
        return self.course

    def _next(self, now: datetime) -> Stop | None:
        """Return where the clock stops next; None: nothing will ever be due."""
        self._draw_visits(now)
        visit_at = self._visits["at"].min()
        news = [at for at in (self._judge_from, visit_at, self._reactions.next_at) if isinstance(at, datetime)]
        is_first = not self.course.stops
        judged_at = on_grid(max(min(news), now + _MOMENT), self._journey.step) if news and not is_first else self._judge_from
        with open_session(self._url, writes=False) as session:
            mailed_at = next_mail_at(session)
        if mailed_at is not None:
            mailed_at = on_grid(max(mailed_at, now if is_first else now + _MOMENT), self._journey.mail_step)
        first = min((at for at in (judged_at, mailed_at) if at is not None), default=None)
        return None if first is None else Stop(first, first == judged_at)

    def _draw_visits(self, now: datetime) -> None:
        """Draw whole days ahead: a day of somebody's clock begins up to 14 hours before UTC's."""
        while self._drawn_until <= now.date():
            self._drawn_until += _DAY
            drawn = self._visitors.on(self._drawn_until).filter(pl.col("at") > self._journey.start)
            self._visits = pl.concat([self._visits.filter(pl.col("at") > now), drawn])

    def _work(self, stop: Stop) -> None:
        self.course.stops += 1
        if stop.is_judged:
            self._hear(stop.at)
            did = {name: self._sweep(name, stop.at) for name in JUDGING}
            with open_session(self._url, writes=False) as session:
                self._judge_from = next_judgement_at(session, self._playbook, stop.at)
            if any(tally[word] for name, tally in did.items() for word in LOOKED_AT_AGAIN.get(name, ())):
                self._judge_from = stop.at
        tally = self._mail(stop.at)
        if any(tally[word] for word in ENDS):
            self._judge_from = stop.at  # whose touch is over is to be planned the next one

    def _hear(self, now: datetime) -> None:
        """Write down what people have done up to `now`, as ingest does."""
        happened, self._visits = self._visits.filter(pl.col("at") <= now), self._visits.filter(pl.col("at") > now)
        with open_session(self._url) as session:
            raise_facts(session, set(store_events(session, happened, now)["lead_id"]))
            session.commit()
            self.course.reactions += self._reactions.record(session, now)
        self.course.visits += happened.height

    def _sweep(self, name: str, now: datetime) -> Tally:
        begun = perf_counter()
        tally = work_off(self._url, name, self._playbook, now=now, batch_size=BATCH, **self._options(name))
        self.course.note(name, tally, perf_counter() - begun)
        if name == "handoff" and tally["offered"]:
            with open_session(self._url, writes=False) as session:
                self._reactions.to_handoffs(session, now)
        return tally

    def _options(self, name: str) -> dict[str, Any]:
        match name:
            case "deliver":
                return {"settings": self._settings, "channel": self._channel, "pace": Pace(claim=MAILS_AT_ONCE)}
            case "handoff" | "schedule":
                return {"settings": self._settings}
        return {}

    def _mail(self, now: datetime) -> Tally:
        """Deliver what is due and draw what its readers will do."""
        tally = self._sweep("deliver", now)
        with open_session(self._url, writes=False) as session:
            self._reactions.to_mails(session, self._channel.taken(), now)
        return tally
