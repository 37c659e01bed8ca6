"""Running a sweep from end to end without Prefect, and the rows that say a sweep ran."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
    """What every sweep offers: `due` lists half-open ranges of lead ids, `take` works one off in one transaction.

    `at_once` of them may be in work at a time: more than one where their order means nothing, and one reads while another one writes.
    """

    due: Callable[..., Sequence[range]]
    take: Callable[..., Tally]
    at_once: int = 1


def sweep_named(name: str) -> Sweep:
    """Return the sweep of this name from ORDER."""
    room = import_module(f"ripeline.sweep.{name}")
    return Sweep(room.due, getattr(room, name), getattr(room, "AT_ONCE", 1))


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
        if not dry_run:
            session.commit()  # what was found out by looking

    def take(batch: range) -> Tally:
        with open_session(url) as session:
            return sweep.take(session, batch, playbook, now=now, dry_run=dry_run, **whom, **options)

    tally = Tally()
    try:
        for number, told in enumerate(_each(take, batches, sweep.at_once), start=1):
            tally += told
            if progress:
                progress(number, len(batches))
    except Refusal as refusal:
        refusal.tally = tally + refusal.tally
        raise
    return tally


def _each(take: Callable[[range], Tally], batches: Sequence[range], at_once: int) -> Iterator[Tally]:
    """Give what each batch counted, in their order; a Refusal carries what those counted that were under way beside it."""
    if at_once == 1 or len(batches) == 1:
        yield from map(take, batches)
        return
    under_way: deque[Future[Tally]] = deque()
    with ThreadPoolExecutor(at_once) as workers:
        for batch in batches:
            under_way.append(workers.submit(take, batch))
            if len(under_way) == at_once:
                yield _ended(under_way)
        while under_way:
            yield _ended(under_way)


def _ended(under_way: deque[Future[Tally]]) -> Tally:
    """Return what the first of these counted, when it has ended."""
    try:
        return under_way.popleft().result()
    except Refusal as refusal:
        refusal.tally = sum((other.result() for other in under_way if other.exception() is None), refusal.tally)
        raise


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
