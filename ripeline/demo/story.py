"""The ten days: each midnight news arrives and five flows judge it, each hour mail goes out. All of it as Prefect flows, on virtual time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prefect import Flow

from flows.deliver import deliver
from flows.handoff import handoff
from flows.ingest import ingest
from flows.rescore import rescore
from flows.schedule import schedule
from flows.segment import segment
from ripeline.database import open_session
from ripeline.demo.files import write_events
from ripeline.demo.people import Person
from ripeline.demo.reactions import reactions
from ripeline.demo.relay import AT_ONCE, Relay, in_turn
from ripeline.demo.visits import START, news
from ripeline.values import Tally

DAILY = tuple(in_turn(flow) for flow in (ingest, rescore, segment, handoff, schedule))
HOURLY = in_turn(deliver)
HOURS = 24
Tick = Callable[[datetime, int], None]
"""Called after each flow run with the virtual instant and how many letters went out so far."""


@dataclass(frozen=True)
class Stage:
    """What the story needs: the people, the folder it plays in, its database, its seed and length."""

    crowd: tuple[Person, ...]
    inbox: Path
    url: str
    seed: int
    days: int
    start: datetime = START

    @property
    def end(self) -> datetime:
        """Return the instant after the last day."""
        return self.start + timedelta(days=self.days)

    @property
    def runs(self) -> int:
        """Return how many flow runs the story takes."""
        return self.days * (len(DAILY) + HOURS)


def play(stage: Stage, tick: Tick) -> None:
    """Run the flows over all days of the story."""
    letters = 0
    with Relay() as relay:
        for day in (stage.start + timedelta(days=number) for number in range(stage.days)):
            if day > stage.start:
                _news_arrives(stage, day - timedelta(days=1), day)
            for now, tally in _ended(relay, _runs_of(day)):
                letters += tally["accepted"]
                tick(now, letters)


def _runs_of(day: datetime) -> Iterator[tuple[Flow[..., Tally], datetime]]:
    yield from ((flow, day) for flow in DAILY)
    yield from ((HOURLY, day + timedelta(hours=number)) for number in range(HOURS))


def _ended(relay: Relay, runs: Iterable[tuple[Flow[..., Tally], datetime]]) -> Iterator[tuple[datetime, Tally]]:
    """Give what each run came to, in their order, with its instant; all have ended when this ends."""
    begun: deque[tuple[datetime, Future[Tally]]] = deque()
    for flow, now in runs:
        if len(begun) == AT_ONCE:
            at, run = begun.popleft()
            yield at, run.result()
        begun.append((now, relay.begin(flow, now)))
    yield from ((at, run.result()) for at, run in begun)


def _news_arrives(stage: Stage, since: datetime, until: datetime) -> None:
    """Put what people did on the day before into the inbox, where `ingest` finds it."""
    with open_session(stage.url, writes=False) as session:
        answers = list(reactions(session, since, until))
    rows = [*(row for person in stage.crowd for row in news(person, stage.seed, since)), *answers]
    write_events(stage.inbox / f"events-{since:%Y-%m-%d}.jsonl", rows)
