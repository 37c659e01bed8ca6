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
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.population import NOW, consents, fill, sqlite_base
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
TAKES_HOURS = True
STEP = timedelta(hours=6)
EACH = 10


def run(small: bool) -> list[Row]:
    """Return a row against a whole live run of some leads, and one over all leads."""
    some, some_days, leads, days = (30, 2, 60, 2) if small else (2_000, 20, 100_000, 60)
    with TemporaryDirectory(prefix="ripeline-bench-") as folder:
        return [_beside_live(_base(Path(folder, "some.db"), some), some, some_days), _alone(_base(Path(folder, "all.db"), leads), leads, days)]


def _base(file: Path, leads: int) -> str:
    url = sqlite_base(file, leads, EACH)
    fill(engine_for(url), "consent", consents(leads))
    with open_session(url) as session:
        apply_files(session, read_folder(CLONE), now=NOW, by="benchmark")
    engine_for(url).dispose()
    return url


def _beside_live(url: str, leads: int, days: int) -> Row:
    ours, live = _child("simulate", url, days), _child("live", url, days)
    what = f"simulate {days} days × {leads:,} leads"
    ratio = ours["seconds"] / live["sweeps"]
    said = f"the same sweeps live, letters composed: {live['sweeps']:.0f} s"
    return Row(what, f"{ours['seconds']:.0f} s, {ours['mails']:,.0f} mails", said, ratio, GOAL, ratio <= MOST and ours["peak_mib"] < PEAK_MIB, ours["peak_mib"])


def _alone(url: str, leads: int, days: int) -> Row:
    ours = _child("simulate", url, days)
    what = f"simulate {days} days × {leads:,} leads"
    ratio = ours["seconds"] / ours["sweeps"]
    said = f"the same sweeps alone, letters not composed: {ours['sweeps']:.0f} s"
    return Row(what, f"{ours['seconds']:.0f} s, {ours['mails']:,.0f} mails", said, ratio, GOAL, ratio <= MOST and ours["peak_mib"] < PEAK_MIB, ours["peak_mib"])


def _child(what: str, url: str, days: int) -> dict[str, float]:
    """Run in a process of its own, whose memory is its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.simulate", what, url, str(days)], check=True, stdout=subprocess.PIPE, text=True, cwd=CLONE)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _simulated(url: str, days: int, folder: Path) -> dict[str, float]:
    begun = time.perf_counter()
    told = simulate(url, _settings(folder), Wish(Journey(NOW, days, STEP), [LIVE])).figures[0]
    return {"seconds": time.perf_counter() - begun, "sweeps": sum(told.seconds.values()), "mails": told.mails}


def _live(url: str, days: int, folder: Path) -> dict[str, float]:
    """Run the sweeps at the same instants on a copy, as durable as a live database, with letters into a mailbox."""
    copied(url, folder / "copy.db")
    live = f"sqlite:///{shutil.copyfile(folder / 'copy.db', folder / 'live.db')}"
    with open_session(live) as session:
        playbook = applied_playbook(session)
    course = Machine(live, playbook, _settings(folder), Journey(NOW, days, STEP), Maildir(folder / "mail")).travel()
    return {"sweeps": sum(course.seconds.values()), "mails": course.tallies["deliver"]["accepted"]}


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
