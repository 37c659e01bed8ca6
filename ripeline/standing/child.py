"""A child process in a group of its own: its words go to a log file, and stopping it stops whatever it started."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from ripeline.values import Refusal

GRACE_SECONDS = 8.0
TAIL_LINES = 12


class Child:
    """A running program. Leaving the `with` block interrupts it, waits, then kills its whole group: no orphan stays."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path | None = None) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(log, "ab") as out:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=dict(environment), cwd=folder, start_new_session=True
                )
        except OSError as error:
            raise Refusal(f"cannot start {name} ({error.strerror}): {command[0]}", 3) from error

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Return the process id, which is the group's id too."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Return whether it ended by itself."""
        return self._process.poll() is not None

    def interrupt(self) -> None:
        """Ask it to end, without waiting."""
        if not self.has_ended():
            with suppress(ProcessLookupError):  # it ended in between
                os.kill(self.pid, signal.SIGINT)

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Interrupt it, wait up to `grace_seconds`, then kill what is left of its group."""
        self.interrupt()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace_seconds)
        with suppress(ProcessLookupError):  # nobody is left in the group
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        """Return the last lines of its log, for a person."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
