"""One simulation from end to end: copy, choose the playbook, let the days pass, read the figures, prove that the base is as it was."""

import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from ripeline.database import engine_for, open_session
from ripeline.playbook.applied import applied_before, applied_playbook, apply_files
from ripeline.playbook.lineage import lineage_with
from ripeline.playbook.playbook import Playbook, sound_playbook
from ripeline.settings import Settings
from ripeline.simulate.base import Prints, changed, copied, prints
from ripeline.simulate.figures import Figures
from ripeline.simulate.journal import keep_journal
from ripeline.simulate.machine import BATCH, Course, Journey, Machine
from ripeline.simulate.reading import read_figures, stage_counts
from ripeline.simulate.story import read_calendar
from ripeline.sweep.plan import Move, due_to_move, move_people
from ripeline.values import Refusal

CACHE_KIB = 524_288
"""How much of its private file a journey holds at most: mails ask for their readers' rows all over it."""

Steps = Callable[[str], Callable[[int, int], None]]
"""Gives, for the title of a step, a callback (done, total)."""


@dataclass(frozen=True)
class Candidate:
    """A playbook to let the days pass by: `files` None is the one that is live. `name` is what people call it."""

    name: str
    files: Mapping[str, str] | None = None


LIVE = Candidate("the live playbook")


@dataclass(frozen=True)
class Wish:
    """What shall be simulated. track: tell of this one alone (all run). lead: whose calendar to tell."""

    journey: Journey
    candidates: Sequence[Candidate]
    track: str | None = None
    lead: int | None = None


@dataclass(frozen=True)
class Outcome:
    """The figures of each candidate, in order. base: the prints of the snapshot; changed: by table, what others did to the base meanwhile."""

    figures: Sequence[Figures]
    base: Prints
    changed: Mapping[str, int]

    @property
    def rows(self) -> int:
        """Return how many rows the base had."""
        return sum(each.rows for each in self.base.values())


def simulate(url: str, settings: Settings, wish: Wish, steps: Steps = lambda title: lambda done, total: None) -> Outcome:
    """Return what would become of the base at `url`, which is only read. Private files are deleted before it returns, however it ends."""
    for candidate in wish.candidates:
        _look_at(url, candidate, wish)
    with TemporaryDirectory(prefix="ripeline-simulate-") as folder:
        copy = Path(folder, "base.db")
        before = copied(url, copy, steps("copying the base"))
        figures = [_passed(copy, Path(folder, f"{number}.db"), settings, wish, each, steps) for number, each in enumerate(wish.candidates)]
        return Outcome(figures, before, changed(before, prints(url)))


def _look_at(url: str, candidate: Candidate, wish: Wish) -> None:
    """Raise Refusal where the playbook cannot be used, or has no such track, before anything is copied."""
    if candidate.files is None:
        with open_session(url, writes=False) as session:
            playbook = applied_playbook(session)
    else:
        playbook = sound_playbook(candidate.files, letters=False)
    if wish.track is not None and wish.track not in playbook.tracks:
        raise Refusal(f"no track '{wish.track}' in {candidate.name} (have: {', '.join(sorted(playbook.tracks))})")


def _passed(copy: Path, file: Path, settings: Settings, wish: Wish, candidate: Candidate, steps: Steps) -> Figures:
    url, journey = private(copy, file), wish.journey
    try:
        playbook = _chosen(url, candidate, journey, settings)
        with open_session(url, writes=False) as session:
            stages = stage_counts(session)
        course = Machine(url, playbook, settings, journey).travel(steps(f"days by {candidate.name}"))
        return _read(url, playbook, wish, candidate, course, stages)
    finally:
        engine_for(url).dispose()


def private(copy: Path, file: Path) -> str:
    """Return the URL of a private file of one journey's own, made from the copy, with a journal. A crash may lose it: nothing waits for the disk."""
    shutil.copyfile(copy, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        keep_journal(connection)
    url = f"sqlite:///{file}"
    sa.event.listen(engine_for(url), "connect", _hurry)
    return url


def _hurry(connection: Any, _: Any) -> None:
    for pragma in ("synchronous=OFF", "temp_store=MEMORY", f"cache_size=-{CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _chosen(url: str, candidate: Candidate, journey: Journey, settings: Settings) -> Playbook:
    if candidate.files is not None:
        return applied_in(url, candidate.files, journey.start, settings)
    with open_session(url, writes=False) as session:
        return applied_playbook(session)


def applied_in(url: str, files: Mapping[str, str], now: datetime, settings: Settings) -> Playbook:
    """Make a playbook live in a private file as `ripeline apply` does it, people in flight moved to it, and return it."""
    with open_session(url) as session:
        playbook = apply_files(session, files, now=now, by="simulation")
        by = Move(applied_before(session), playbook, lineage_with(session, playbook))
        for ids in due_to_move(session, playbook, batch_size=BATCH):
            move_people(session, ids, by, now=now, settings=settings)
        return playbook


def _read(url: str, playbook: Playbook, wish: Wish, candidate: Candidate, course: Course, stages: Mapping[str, int]) -> Figures:
    with open_session(url, writes=False) as session:
        figures = read_figures(session, playbook, wish.journey, course, name=candidate.name, track=wish.track, stages=stages)
        if wish.lead is None:
            return figures
        return replace(figures, calendar=read_calendar(session, wish.lead, playbook, wish.journey))
