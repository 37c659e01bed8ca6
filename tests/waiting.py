"""Waiting for other processes: as long as a loaded machine may take. Nothing here decides how fast something is."""

import os
import select

PATIENCE = 600
"""Seconds after which a test gives up on what never comes."""


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
