"""The ground of the demonstration: tables, playbook, and people with a past, brought in as a user would bring theirs."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from ripeline.database import open_session
from ripeline.demo.files import write_events, write_leads, write_suppressions
from ripeline.demo.people import Person, people
from ripeline.demo.visits import history
from ripeline.migrations import upgrade
from ripeline.playbook.applied import apply_files
from ripeline.playbook.files import read_folder
from ripeline.playbook.mapping import EventsMap, LeadsMap, SuppressionsMap
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.ingest.events import import_events
from ripeline.sweep.ingest.intake import Intake
from ripeline.sweep.ingest.leads import import_leads
from ripeline.sweep.ingest.suppressions import import_suppressions


def lay_ground(settings: Settings, *, leads: int, seed: int, now: datetime) -> tuple[Person, ...]:
    """Make the tables, apply the playbook, write files of made-up people and bring them in as of `now`; return the people."""
    crowd = tuple(people(leads, seed, now))
    folder = settings.var_folder / "people"
    folder.mkdir()
    write_leads(folder / "people.csv", crowd)
    write_suppressions(folder / "never.csv", crowd)
    write_events(folder / "events.jsonl", (row for person in crowd for row in history(person, seed, now)))
    upgrade(settings.url)
    with open_session(settings.url) as session:
        playbook = apply_files(session, read_folder(settings.home), now=now, by="demonstration")
    with open_session(settings.url) as session:
        _bring_in(_intake(session, playbook, settings, now), folder)
    return crowd


def _intake(session: Session, playbook: Playbook, settings: Settings, now: datetime) -> Intake:
    return Intake(session, playbook.files, playbook.fields, now, settings.key, (settings.var_folder,))


def _bring_in(intake: Intake, folder: Path) -> None:
    import_leads(intake, folder / "people.csv", intake.read_map(LeadsMap, folder / "people.toml"))
    events, never = folder / "events.jsonl", folder / "never.csv"  # of very few people perhaps nothing is known, and nobody must never be written to
    if events.exists():
        import_events(intake, events, intake.read_map(EventsMap, None))
    if never.exists():
        import_suppressions(intake, never, intake.read_map(SuppressionsMap, None))
