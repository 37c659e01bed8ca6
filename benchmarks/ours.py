"""Ours, in a process of its own, whose memory is its own: one sweep over everybody who is due, as `ripeline run` would do it.

Before the clock starts a few leads are worked off without keeping anything: a standing worker has its libraries loaded, too.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from benchmarks.population import NOW
from ripeline.database import engine_for, open_session
from ripeline.decide.scorecard import Scorecard
from ripeline.playbook.files import read_folder
from ripeline.playbook.playbook import Playbook, parse_playbook
from ripeline.settings import CLONE, Settings
from ripeline.sweep.run import sweep_named, work_off
from ripeline.values import Tally

BATCH = 100_000
FEW = 3_000
"""A base of so many leads is there to see that it runs."""

WARM = 12_000
"""So many leads warm it up: enough to start the process that reads SQLite in bulk, see `bulk_read.SMALL`."""


@dataclass(frozen=True)
class Told:
    """What a run took: `seconds` by the clock, of which `writing` by what the sweep calls `record`; `peak_mib` of memory, without the database
    server's; and what it counted."""

    seconds: float
    writing: float
    peak_mib: float
    counts: dict[str, int]


def ours(sweep: str, url: str, card: Path | None = None, *, full: bool = False, now: datetime = NOW) -> Told:
    """Run a sweep over whoever is due, or with `full` over everybody, by a card without markets, or by the playbook as it is shipped.

    A base of FEW leads gets no process of its own.
    """
    if _leads(url) <= FEW:
        return _measured(sweep, url, playbook_with(card), full, now)
    command = [
        sys.executable,
        "-m",
        "benchmarks.ours",
        sweep,
        url,
        "--now",
        now.isoformat(),
        *(["--full"] if full else []),
        *(["--card", str(card)] if card else []),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=CLONE)
    return Told(**json.loads(done.stdout.splitlines()[-1]))


def playbook_with(card: Path | None) -> Playbook:
    """Return the shipped playbook; with a card, that one in the place of its own, and no markets."""
    shipped = parse_playbook(read_folder(CLONE))
    if card is None:
        return shipped
    return replace(shipped, hash=card.stem, scorecard=Scorecard.model_validate(tomllib.loads(card.read_text())), markets={})


def _leads(url: str) -> int:
    with engine_for(url).connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM lead")).scalar_one())


def _measured(sweep: str, url: str, playbook: Playbook, full: bool, now: datetime) -> Told:
    with TemporaryDirectory(prefix="ripeline-bench-") as var:
        options: dict[str, Any] = {"settings": Settings(var=Path(var), secret_key="0123456789abcdef0123456789abcdef")} if sweep == "schedule" else {}
        with open_session(url) as session:
            whom = {"full": True} if sweep == "rescore" else {}
            sweep_named(sweep).take(session, range(1, WARM + 1), playbook, now=now, dry_run=True, **options, **whom)
        with _writing_timed(sweep) as writing:
            begun = time.perf_counter()
            tally = work_off(url, sweep, playbook, now=now, batch_size=BATCH, full=full, **options)
            seconds = time.perf_counter() - begun
        return Told(seconds, sum(writing), sum(map(_peak_mib, _processes())), dict(tally.counts))


@contextmanager
def _writing_timed(sweep: str) -> Iterator[list[float]]:
    """Give the seconds of each `record` of a sweep, as they come; none where it has none of this name."""
    room, spans = import_module(f"ripeline.sweep.{sweep}"), list[float]()
    record = getattr(room, "record", None)

    def timed(*asked: Any) -> Tally:
        begun = time.perf_counter()
        told: Tally = record(*asked)  # type: ignore[misc]
        spans.append(time.perf_counter() - begun)
        return told

    with patch.object(room, "record", timed, create=record is None):
        yield spans


def _processes() -> list[int]:
    """Return this process and those that read for it. A thread may end while it is asked for its children."""
    found = [os.getpid()]
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):
            found += map(int, (task / "children").read_text().split())
    return found


def _peak_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    said = argparse.ArgumentParser(prog="python -m benchmarks.ours", description=__doc__)
    said.add_argument("sweep")
    said.add_argument("url")
    said.add_argument("--card", type=Path)
    said.add_argument("--full", action="store_true")
    said.add_argument("--now", type=datetime.fromisoformat)
    asked = said.parse_args()
    sys.stdout.write(json.dumps(asdict(_measured(asked.sweep, asked.url, playbook_with(asked.card), asked.full, asked.now))) + "\n")
