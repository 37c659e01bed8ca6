"""The channel of a simulation: it sends nothing. And one around any channel that keeps in mind what was taken."""

from collections.abc import Callable

from ripeline.connect.channels import Accepted, Channel, Mail, Outcome, Withdrawn


class Nowhere(Channel):
    """Takes every mail and lets it vanish. It is no setting on purpose: a live system must never lose mail by a word in a file.

    `wants_letters` False: what nobody will see is not composed. Everything that decides whether and when a mail goes is asked as ever.
    """

    is_sink = True
    wants_letters = False
    place = "nowhere"

    def open(self) -> None:
        """Do nothing: there is nothing to open."""

    def submit(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        return Accepted(250, "simulated") if on_dot() else Withdrawn()

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class Noting(Channel):
    """Another channel, and a note of each mail it took."""

    def __init__(self, channel: Channel) -> None:
        self._channel, self._taken = channel, list[str]()
        self.is_sink, self.wants_letters, self.place = channel.is_sink, channel.wants_letters, channel.place

    def open(self) -> None:
        self._channel.open()

    def submit(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        outcome = self._channel.submit(mail, on_dot)
        if isinstance(outcome, Accepted):
            self._taken.append(mail.mail_id)
        return outcome

    def close(self) -> None:
        self._channel.close()

    def taken(self) -> list[str]:
        """Return the Message-IDs of what was taken since the last question."""
        taken, self._taken = self._taken, []
        return taken
