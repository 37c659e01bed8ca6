"""Workers of their own for the tests of crashes: forked from a process that has imported everything, so that only what is proven takes time."""

import os
from collections.abc import Mapping
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess

import ripeline.connect.channels.smtp
import ripeline.sweep.deliver  # noqa: F401  (what a worker loads)
from ripeline.letter.confined import PRELOADED
from ripeline.settings import load_settings
from ripeline.sweep.run import run_sweep

PRELOADED.append("delivering")  # there is one such process, and letters are checked in forks of it too
_CONTEXT = get_context("forkserver")


def a_worker(surroundings: Mapping[str, str], now: datetime) -> ForkServerProcess:
    """Start a process that delivers everything that is due, in this environment."""
    _CONTEXT.set_forkserver_preload(PRELOADED)
    process = _CONTEXT.Process(target=_deliver, args=(dict(surroundings), now))
    process.start()
    return process


def _deliver(surroundings: dict[str, str], now: datetime) -> None:
    os.environ.update(surroundings)
    run_sweep(load_settings().url, "deliver", now=now)
