"""Channels: how a mail leaves. One module a channel; its file name is the setting RIPELINE_CHANNEL.

A channel opens for a batch, submits one mail at a time and closes. What became of a mail is a value, never an exception.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from ripeline.connect.errors import Permanent, Temporary
from ripeline.settings import Settings
from ripeline.values import Refusal


@dataclass(frozen=True)
class Mail:
    """What a channel needs to hand one mail over. Addresses have their domain as A-labels; `raw` ends its lines with CRLF."""

    sender: str
    recipient: str
    mail_id: str
    raw: bytes


@dataclass(frozen=True)
class Accepted:
    """The other side took responsibility for the mail."""

    code: int
    text: str


@dataclass(frozen=True)
class Deferred:
    """Not taken now, certainly not delivered: try again later. `code` None: the server did not get to answer.

    Phases, in order: connect, mail, rcpt, data, dot.
    """

    code: int | None
    text: str
    phase: str

    @property
    def is_of_server(self) -> bool:
        """Tell whether this says something about the server, so that the next mail would fare the same."""
        return self.code in (None, 421) or self.phase in ("connect", "mail")


@dataclass(frozen=True)
class Rejected:
    """Refused for good, certainly not delivered."""

    code: int
    text: str
    phase: str


@dataclass(frozen=True)
class InDoubt:
    """The final dot was sent and no answer came: it may or may not be delivered."""

    text: str


@dataclass(frozen=True)
class Withdrawn:
    """`on_dot` said no: certainly not delivered."""


Outcome = Accepted | Deferred | Rejected | InDoubt | Withdrawn


class Channel(ABC):
    """One way out.

    `is_sink` tells that mails stay with us, so that a virtual now may be mailed. `wants_letters` False: nobody will ever see the bytes, so
    they are not composed. `place` names the other side for people.
    """

    is_sink: bool
    wants_letters: bool = True
    place: str

    @abstractmethod
    def open(self) -> None:
        """Get ready for a batch. Raises Temporary (out of reach) or Permanent (wrong settings)."""

    @abstractmethod
    def submit(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        """Return what became of `mail`; a channel that is not open opens itself.

        `on_dot` is called when everything but the last step is done. From its return on the mail may be delivered even if we
        never learn so; where it returns False, the last step is not taken.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go; closing twice, or what never opened, does nothing."""

    def check(self) -> None:
        """Raise Refusal unless a mail could be handed over now."""
        try:
            self.open()
        except (Temporary, Permanent) as error:
            raise Refusal(str(error), 3) from error
        finally:
            self.close()


def channel_names() -> list[str]:
    """Return the channels that exist, by their names."""
    return sorted(module.name for module in iter_modules(__path__))


def channel_named(name: str, settings: Settings) -> Channel:
    """Return the channel with this name, closed; an unknown name raises Refusal that lists what exists."""
    if name not in channel_names():
        raise Refusal(f"RIPELINE_CHANNEL is {name!r}, and there is no such channel (have: {', '.join(channel_names())})")
    made: Channel = import_module(f"{__name__}.{name}").channel(settings)
    return made
