"""Waiting for other processes: as long as a loaded machine may take. Nothing here decides how fast something is."""

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 240
"""Seconds after which a test gives up on what never comes: less than `faulthandler_timeout` of pyproject.toml, which ends a test that does not."""


@contextmanager
def started(*command: str, **options: Any) -> Iterator["subprocess.Popen[Any]"]:
    """Start a process, and kill it where it is still there when its test ends, well or not: who waits for it would wait for ever."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def ends(pid: int) -> bool:
    """Return whether a process, which may be somebody else's child, ends; Linux tells at once."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE)[0])
    finally:
        os.close(handle)
