"""Sixty days over a hundred thousand leads, beside the same sweeps run live.

Live means: the same instants, the same news, and every letter composed and laid into a mailbox. A whole live run takes hours, so it is measured
over fewer leads, beside a simulation of the same. Over all leads the referee is the time that the sweeps took inside the simulation itself, which
is less than they would take live, where letters are composed, too: what is more than that is what the time machine costs.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bases import sqlite
from benchmarks.goals import SIMULATE
from benchmarks.population import NOW, consents, fill
from benchmarks.row import Row
from ripeline.connect.channels.maildir import Maildir
from ripeline.database import engine_for, open_session
from ripeline.playbook.applied import applied_playbook, apply_files
from ripeline.playbook.files import read_folder
from ripeline.settings import CLONE, Settings
from ripeline.simulate.base import copied
from ripeline.simulate.machine import Journey, Machine
from ripeline.simulate.run import LIVE, Wish, simulate

GOAL, MOST, PEAK_MIB = "at most 3, under 4 GiB", 3.0, 4096
STEP, MAIL_STEP = timedelta(hours=6), timedelta(minutes=15)
EACH = 10


def run(small: bool) -> list[Row]:
    """Return a row against a whole live run for each of two sizes, so that one sees how it grows."""
    sizes, days = ((30, 60), 2) if small else ((200, 800), 4)
    return [_beside_live(leads, days) for leads in sizes]


def whole(small: bool) -> list[Row]:
    """Return a row over all leads that the issue asks about."""
    return [_alone(60, 2)] if small else [_alone(100_000, 60)]


@contextmanager
def _base(leads: int) -> Iterator[str]:
    with sqlite(leads, EACH) as url:
        fill(engine_for(url), "consent", consents(leads))
        with open_session(url) as session:
            apply_files(session, read_folder(CLONE), now=NOW, by="benchmark")
        engine_for(url).dispose()
        yield url


def _beside_live(leads: int, days: int) -> Row:
    with _base(leads) as url:
        ours, live = _child("simulate", url, days), _child("live", url, days)
    return _row(leads, days, ours, live["sweeps"], "letters composed")


def _alone(leads: int, days: int) -> Row:
    with _base(leads) as url:
        ours = _child("simulate", url, days)
    return _row(leads, days, ours, ours["sweeps"], "inside the simulation, letters not composed")


def _row(leads: int, days: int, ours: Mapping[str, float], sweeps: float, how: str) -> Row:
    ratio, peak = ours["seconds"] / sweeps, ours["peak_mib"]
    what, told = f"simulate {days} days × {leads:,} leads", f"{ours['seconds']:.0f} s, {ours['mails']:,.0f} mails"
    per = f", {ours['seconds'] / leads / days * 1e3:.2f} ms a lead and day"
    return Row(SIMULATE, what, told + per, f"the same sweeps live, {how}: {sweeps:.0f} s", ratio, GOAL, ratio <= MOST and peak < PEAK_MIB, peak)


def _child(what: str, url: str, days: int) -> dict[str, float]:
    """Run in a process of its own, whose memory is its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.simulate", what, url, str(days)], check=True, stdout=subprocess.PIPE, text=True, cwd=CLONE)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _simulated(url: str, days: int, folder: Path) -> dict[str, float]:
    begun = time.perf_counter()
    told = simulate(url, _settings(folder), Wish(_journey(days), [LIVE]), _told).figures[0]
    return {"seconds": time.perf_counter() - begun, "sweeps": sum(told.seconds.values()), "mails": told.mails}


def _live(url: str, days: int, folder: Path) -> dict[str, float]:
    """Run the sweeps at the same instants on a copy, as durable as a live database, with letters into a mailbox."""
    copied(url, folder / "copy.db")
    live = f"sqlite:///{shutil.copyfile(folder / 'copy.db', folder / 'live.db')}"
    with open_session(live) as session:
        playbook = applied_playbook(session)
    course = Machine(live, playbook, _settings(folder), _journey(days), Maildir(folder / "mail")).travel()
    return {"sweeps": sum(course.seconds.values()), "mails": course.tallies["deliver"]["accepted"]}


def _journey(days: int) -> Journey:
    return Journey(NOW, days, STEP, mail_step=MAIL_STEP)


def _told(title: str) -> Callable[[int, int], None]:
    """Say on standard error how far a long run is, a line a day."""
    begun, said = time.perf_counter(), set[int]()

    def tell(done: int, total: int) -> None:
        if done not in said:
            said.add(done)
            sys.stderr.write(f"{title}: {done} of {total} after {time.perf_counter() - begun:.0f} s\n")

    return tell


def _settings(folder: Path) -> Settings:
    return Settings(home=CLONE, var=folder, secret_key="0123456789abcdef0123456789abcdef")


def _peak_mib() -> float:
    """Return the most memory that this process and its children, who read in bulk, ever held together at most."""
    children = [int(child) for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()]
    return sum(int(Path(f"/proc/{process}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024 for process in (os.getpid(), *children))


if __name__ == "__main__":
    with TemporaryDirectory(prefix="ripeline-bench-") as var:
        measured = (_simulated if sys.argv[1] == "simulate" else _live)(sys.argv[2], int(sys.argv[3]), Path(var))
    sys.stdout.write(json.dumps(measured | {"peak_mib": _peak_mib()}) + "\n")
