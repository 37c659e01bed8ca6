"""A child process in a group of its own: its words go to a log file, and stopping it stops whatever it started."""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from ripeline.standing.interruption import uninterrupted
from ripeline.values import Refusal

GRACE_SECONDS = 8.0
TAIL_LINES = 12


class Child:
    """A running program. Leaving the `with` block interrupts it, waits, then kills what is left of it: no orphan stays."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path | None = None) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(log, "ab") as out:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=dict(environment), cwd=folder, start_new_session=True
                )
        except OSError as error:
            raise Refusal(f"cannot start the {name} ({error.strerror}): {command[0]}", 3) from error

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with uninterrupted():
            stop_all([self])

    @property
    def pid(self) -> int:
        """Return the process id, which is the group's id too."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Return whether it ended by itself."""
        return self._process.poll() is not None

    @property
    def exit_code(self) -> int | None:
        """Return its exit code; None while it runs."""
        return self._process.poll()

    def interrupt(self) -> None:
        """Ask it to end, without waiting."""
        if not self.has_ended():
            self._process.send_signal(signal.SIGINT)

    def wait(self, seconds: float) -> None:
        """Wait until it ended, for so long at most."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def kill_group(self) -> None:
        """Kill whoever is left of its group."""
        with suppress(ProcessLookupError, PermissionError):  # nobody is left, or on macOS only a dead one
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        """Return the last lines of its log, for a person."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def stop_all(children: Iterable[Child], grace_seconds: float = GRACE_SECONDS) -> None:
    """Interrupt all children at once, wait, then kill their groups and every descendant that has left its group."""
    family = list(children)
    strays = descendants([child.pid for child in family])
    for child in family:
        child.interrupt()
    for child in family:
        child.wait(grace_seconds)
        child.kill_group()
    for pid in strays:
        with suppress(ProcessLookupError, PermissionError):  # it ended with its parent, as it should
            os.kill(pid, signal.SIGKILL)


def descendants(roots: Iterable[int]) -> set[int]:
    """Return the ids of all processes below `roots`, whatever group or session they moved to."""
    parents = _parents()
    found = set(roots)
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found - set(roots)


def _parents() -> dict[int, int]:
    """Return the parent of every process: from /proc where there is one, else from ps, which slim Linux images lack."""
    if Path("/proc/self/stat").exists():
        stats = (_stat(folder) for folder in Path("/proc").iterdir() if folder.name.isdecimal())
        return {int(pid): int(parent) for pid, parent in filter(None, stats)}
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
    return {int(pid): int(parent) for pid, parent in (line.split() for line in listed.splitlines())}


def _stat(folder: Path) -> tuple[str, str] | None:
    with suppress(OSError):  # it ended while we looked
        return folder.name, (folder / "stat").read_text().rpartition(")")[2].split()[1]
    return None
