"""The whole demonstration: a folder, a database, people, a mail sink, a Prefect server, ten days, a report; and everything stopped."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ripeline.connect.sink import Sink
from ripeline.database import open_session
from ripeline.demo.folder import demo_settings, fresh_folder
from ripeline.demo.ground import lay_ground
from ripeline.demo.people import Person
from ripeline.demo.samples import one_invite, one_mail
from ripeline.demo.visits import START
from ripeline.letter.writing import complete_locales, letter_parts
from ripeline.playbook.applied import applied_playbook
from ripeline.report.numbers import Numbers, Sample
from ripeline.report.reading import read_numbers
from ripeline.settings import Settings, load_settings
from ripeline.standing.environment import environment
from ripeline.standing.interruption import interruptible
from ripeline.standing.prefect_server import IN_MEMORY, flows_run_on, free_port, start_prefect_server, wait_until_healthy

if TYPE_CHECKING:
    from ripeline.demo.story import Stage

Say = Callable[[str], None]
Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Gives, for a title, a callback (done, total) that draws a bar."""


@dataclass(frozen=True)
class Outcome:
    """What the demonstration leaves: its numbers, one mail, one invite, and the id of a lead worth looking at."""

    numbers: Numbers
    mail: Sample | None
    invite: Sample | None
    lead: str


def run_demo(home: Path, folder: Path, *, leads: int, days: int, seed: int, say: Say, progress: Progress) -> Outcome:
    """Play the demonstration in `folder`, made anew, and return what became of it. Server and sink are stopped, however it ends."""
    fresh_folder(folder)
    with interruptible(), ExitStack() as stack:
        port = free_port()
        server = stack.enter_context(start_prefect_server(folder / "prefect", port, folder / "log" / "prefect-server.log", IN_MEMORY, has_services=False))
        sink = stack.enter_context(Sink(folder / "mail"))
        stack.enter_context(environment(demo_settings(home, folder, sink.port)))
        say(f"{leads:,} made-up people come in, while a Prefect server starts …")
        settings = load_settings()
        crowd = lay_ground(settings, leads=leads, seed=seed, now=START)
        wait_until_healthy(server, port, meanwhile=_get_ready(settings, crowd))
        stack.enter_context(flows_run_on(folder / "prefect", port))

        from ripeline.demo.runs import keep_runs
        from ripeline.demo.story import Stage, play

        stage = Stage(crowd, settings.var_folder / "inbox", settings.url, seed, days)
        say(f"{days} virtual days from {stage.start:%A %-d %B %Y}, {stage.runs:,} flow runs …")
        with progress("flow runs") as bar:
            ticks = _ticks(stage, bar)
            play(stage, lambda now, letters: next(ticks))
        keep_runs(folder / "log" / "flow-runs.csv")
        return _outcome(stage, folder)


def _get_ready(settings: Settings, crowd: Iterable[Person]) -> Iterator[str]:
    """Compile first touches in the languages of the crowd, a letter a step: the server that starts leaves a core idle."""
    with open_session(settings.url, writes=False) as session:
        playbook = applied_playbook(session)
    spoken = Counter(person.locale for person in crowd if person.locale)
    for template in [f"email/{track.touches[0].template or track.touches[0].name}" for track in playbook.tracks.values()]:
        complete = complete_locales(playbook.files, template)
        for locale in [locale for locale, _ in spoken.most_common() if locale in complete]:
            letter_parts(playbook.files, template, locale)
            yield locale


def _ticks(stage: "Stage", bar: Callable[[int, int], None]) -> Iterator[None]:
    for done in range(1, stage.runs + 1):
        bar(done, stage.runs)
        yield


def _outcome(stage: "Stage", folder: Path) -> Outcome:
    with open_session(stage.url, writes=False) as session:
        numbers = read_numbers(session, applied_playbook(session), stage.start, stage.end)
        mailbox = folder / "mail"
        return Outcome(numbers, one_mail(session, mailbox), one_invite(session, mailbox), _lead(numbers))


def _lead(numbers: Numbers) -> str:
    with_meeting = [line.lead_id for line in numbers.handoffs if line.starts_lead]
    return str(next(iter([*with_meeting, *(line.lead_id for line in numbers.handoffs)]), 1))
