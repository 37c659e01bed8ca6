"""Places at which a test may kill us, to prove what survives. Without RIPELINE_FAILPOINT they are nothing.

`RIPELINE_FAILPOINT=K6:kill` ends the process at K6 without any farewell; `K6:raise` raises instead.
"""

import os
import signal


class Failed(RuntimeError):
    """A failpoint was told to raise."""


def reach(name: str) -> None:
    """Do what RIPELINE_FAILPOINT says about the place of this name."""
    place, _, act = os.environ.get("RIPELINE_FAILPOINT", "").partition(":")
    if place != name:
        return
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise Failed(f"failpoint {name}")
