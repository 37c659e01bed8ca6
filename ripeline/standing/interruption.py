"""Being asked to end: SIGTERM does what Ctrl-C does, and a second one cannot interrupt the tidying up."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ASKED = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt in the block at Ctrl-C and at SIGTERM; put the handlers back afterwards. Main thread only."""
    before = {number: signal.signal(number, _interrupt) for number in ASKED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no Ctrl-C or SIGTERM in while the block tidies up."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ASKED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
