"""Under what circumstances a figure was taken: the machine, the day, how much of its cores the machine really had, and how fast they were."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_STOLEN = 7
"""Where /proc/stat tells the time in which another guest of the same host had our core."""


@dataclass(frozen=True)
class Circumstances:
    """`stolen` is the share of all core time that the host gave to others meanwhile, `load` how many wanted to run at the end; None: not told here.

    `pace`: millions of turns of an empty Python loop a second, the mean of before and after: a host that shares its cores says nothing where it
    only slows them down. None: not taken.
    """

    day: str
    machine: str
    stolen: float | None
    load: float | None
    pace: float | None = None

    def __str__(self) -> str:
        stolen = "" if self.stolen is None else f", {self.stolen:.0%} stolen"
        pace = "" if self.pace is None else f", pace {self.pace:.0f}"
        return self.day + stolen + ("" if self.load is None else f", load {self.load:.1f}") + pace


@dataclass
class Watch:
    """What is known of the circumstances once the watch has ended."""

    seen: list[Circumstances] = field(default_factory=list)

    @property
    def circumstances(self) -> Circumstances:
        return self.seen[-1]


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch the machine for the length of the block."""
    watch, pace, before = Watch(), _pace(), _core_time()
    yield watch
    after = _core_time()
    passed = [later - earlier for earlier, later in zip(before, after, strict=True)]
    stolen = passed[_STOLEN] / sum(passed) if sum(passed) else None
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    watch.seen.append(Circumstances(datetime.now(UTC).date().isoformat(), machine(), stolen, load, (pace + _pace()) / 2))


def _pace() -> float:
    turns = 5_000_000
    begun = time.perf_counter()
    for _ in range(turns):
        pass
    return turns / 1e6 / (time.perf_counter() - begun)


def _core_time() -> list[int]:
    """Return the ticks of all cores so far, by what they did; empty where the system does not tell."""
    file = Path("/proc/stat")
    return [int(ticks) for ticks in file.read_text().split("\n", 1)[0].split()[1:9]] if file.exists() else []


def machine() -> str:
    """Return what this machine is, in one line without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = next((line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor())
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text().splitlines() if file.exists() else []
