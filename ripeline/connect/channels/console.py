"""The console channel: shows what would go, and to nobody in particular. It stands in for a mail server in a rehearsal."""

import sys
from collections.abc import Callable
from email.parser import BytesHeaderParser
from email.policy import default
from typing import TextIO

from ripeline.connect.channels import Accepted, Channel, Mail, Outcome, Withdrawn
from ripeline.settings import Settings

SHOWN = ("Message-ID", "Date", "Subject", "Content-Language")


class Console(Channel):
    """Prints the headers that name no address."""

    is_sink = True
    place = "the console"

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def open(self) -> None:
        """Do nothing: the console is there."""

    def submit(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        headers = BytesHeaderParser(policy=default).parsebytes(mail.raw)
        shown = "".join(f"{name}: {headers[name]}\n" for name in SHOWN if headers[name])
        if not on_dot():
            return Withdrawn()
        self._out.write(shown + "\n")
        return Accepted(250, "printed")

    def close(self) -> None:
        self._out.flush()


def channel(settings: Settings) -> Console:
    """Return the console channel."""
    return Console()
