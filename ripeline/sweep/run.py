"""Running a sweep from end to end without Prefect, and the rows that say a sweep ran."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from models import SweepRun
from ripeline.database import database_now, open_session
from ripeline.playbook.applied import applied_playbook
from ripeline.playbook.playbook import Playbook
from ripeline.values import Refusal, Tally

ORDER = ("ingest", "rescore", "segment", "handoff", "schedule", "deliver")
"""The order in which news travels: hand-offs come before schedule, since an open one pauses nurture."""

Progress = Callable[[int, int], None]
"""Called after each batch with how many are done, and how many there are."""


@dataclass(frozen=True)
class Sweep:
    """What every sweep offers: `due` lists half-open ranges of lead ids, `take` works one off in one transaction."""

    due: Callable[..., Sequence[range]]
    take: Callable[..., Tally]


def sweep_named(name: str) -> Sweep:
    """Return the sweep of this name from ORDER."""
    room = import_module(f"ripeline.sweep.{name}")
    return Sweep(room.due, getattr(room, name))


def run_sweep(
    url: str, name: str, *, now: datetime | None = None, dry_run: bool = False, batch_size: int = 20_000, progress: Progress | None = None,
    full: bool = False, **options: Any,
) -> Tally:  # fmt: skip
    """Work off everything that is due for one sweep and return its counts.

    `now` None: the database's clock, read once. `full`: everybody, due or not; only `rescore` can. `options` go to the sweep as they
    are. A Refusal leaves the batches before it done, and its run ended with what was counted until then.
    """
    with open_session(url) as session:
        now = now or database_now(session)
        playbook = applied_playbook(session)
        run = begin_run(session, name, now=now, dry_run=dry_run, version=playbook.hash)
    try:
        tally = work_off(url, name, playbook, now=now, dry_run=dry_run, batch_size=batch_size, progress=progress, full=full, **options)
    except Refusal as refusal:
        _end(url, run, refusal.tally)
        raise
    _end(url, run, tally)
    return tally


def work_off(
    url: str,
    name: str,
    playbook: Playbook,
    *,
    now: datetime,
    dry_run: bool = False,
    batch_size: int = 20_000,
    progress: Progress | None = None,
    full: bool = False,
    **options: Any,
) -> Tally:
    """Work off everything that is due for one sweep at `now` by this playbook, and return its counts; a Refusal carries those until then."""
    sweep, whom = sweep_named(name), {"full": True} if full else {}
    with open_session(url) as session:
        batches = sweep.due(session, playbook, now=now, batch_size=batch_size, **whom)
    tally = Tally()
    for number, batch in enumerate(batches, start=1):
        try:
            with open_session(url) as session:
                tally += sweep.take(session, batch, playbook, now=now, dry_run=dry_run, **whom, **options)
        except Refusal as refusal:
            refusal.tally = tally + refusal.tally
            raise
        if progress:
            progress(number, len(batches))
    return tally


def _end(url: str, run: UUID, tally: Tally) -> None:
    with open_session(url) as session:
        end_run(session, run, tally)


def begin_run(session: Session, name: str, *, now: datetime, dry_run: bool, version: str) -> UUID:
    """Record that a sweep starts; commits; return the run's id."""
    run = SweepRun(id=uuid4(), sweep=name, now=now, is_dry=dry_run, started_at=_clock(), version=version)
    session.add(run)
    session.commit()
    return run.id


def end_run(session: Session, run_id: UUID, tally: Tally) -> None:
    """Record that a sweep ended, with its counts; commits."""
    run = session.get(SweepRun, run_id)
    assert run is not None, "begin_run stored it"
    run.ended_at, run.counts = _clock(), dict(tally.counts)
    session.add(run)
    session.commit()


def _clock() -> datetime:
    """Return the real time: a run is something that happens to the machine, whatever `now` it judges by."""
    return datetime.now(UTC)
