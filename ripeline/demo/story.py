"""The ten days: each midnight news arrives and five flows judge it, each hour mail goes out. All of it as Prefect flows, on virtual time."""

from collections.abc import Callable
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
from ripeline.demo.visits import START, news
from ripeline.values import Tally

DAILY: tuple[Flow[..., Tally], ...] = (ingest, rescore, segment, handoff, schedule)
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
    for day in (stage.start + timedelta(days=number) for number in range(stage.days)):
        if day > stage.start:
            _news_arrives(stage, day - timedelta(days=1), day)
        for flow in DAILY:
            flow(now=day)
            tick(day, letters)
        for hour in (day + timedelta(hours=number) for number in range(HOURS)):
            letters += deliver(now=hour)["accepted"]
            tick(hour, letters)


def _news_arrives(stage: Stage, since: datetime, until: datetime) -> None:
    """Put what people did on the day before into the inbox, where `ingest` finds it."""
    with open_session(stage.url, writes=False) as session:
        answers = list(reactions(session, since, until))
    rows = [*(row for person in stage.crowd for row in news(person, stage.seed, since)), *answers]
    write_events(stage.inbox / f"events-{since:%Y-%m-%d}.jsonl", rows)
