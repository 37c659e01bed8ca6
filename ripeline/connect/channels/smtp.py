"""The smtp channel: hands mails to a mail server, phase by phase, so that we always know whether it can have taken one.

`smtplib.sendmail` raises the same exception at every phase; here the phases are ours, over smtplib's commands and replies.
"""

import re
import select
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress

from ripeline.connect.channels import Accepted, Channel, Deferred, InDoubt, Mail, Outcome, Rejected, Withdrawn
from ripeline.connect.errors import Permanent, Temporary
from ripeline.connect.mail_server import LOST, SmtpSettings, connected, words_of
from ripeline.settings import Settings, read_settings
from ripeline.values import Refusal

__all__ = ["Smtp", "SmtpSettings", "channel"]

CLOSING = 421
GO_AHEAD = 354


class Smtp(Channel):
    """One connection, used for a whole batch; one that was lost is made anew for the next mail."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._is_used = False
        self.is_sink = settings.sink and settings.is_on_this_machine
        self.place = f"{settings.host}:{settings.port}"

    def open(self) -> None:
        self.close()
        self._server, self._is_used = connected(self._settings, self.place), False

    def submit(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        if not _is_sayable(mail.recipient):
            return Rejected(553, "the address holds blanks or control characters", "rcpt")
        was_used = self._is_used
        outcome = self._attempt(mail, on_dot)
        if was_used and isinstance(outcome, Deferred) and outcome.phase == "mail" and outcome.code in (None, CLOSING):
            # Servers close a connection after so many mails or so long a rest: nothing is wrong with this one.
            outcome = self._attempt(mail, on_dot)
        return outcome

    def close(self) -> None:
        if self._server is not None:
            with suppress(*LOST):
                self._server.docmd("QUIT")
        self._drop()

    def _attempt(self, mail: Mail, on_dot: Callable[[], bool]) -> Outcome:
        try:
            if self._server is None:
                self.open()
        except (Temporary, Permanent) as error:
            return Deferred(None, str(error), "connect")
        assert self._server is not None
        refused = self._up_to_the_dot(self._server, mail)
        if refused is not None:
            return refused
        if not on_dot():
            self._drop()  # the only way to take back a mail whose text is sent
            return Withdrawn()
        return self._dot(self._server, mail)

    def _up_to_the_dot(self, server: smtplib.SMTP, mail: Mail) -> Outcome | None:
        """Send everything but the dot. Return the refusal, None where the server awaits the dot."""
        commands = [("mail", _mail_command(server, mail), 250), ("rcpt", f"RCPT TO:<{mail.recipient}>", 250), ("data", "DATA", GO_AHEAD)]
        phase = "mail"
        try:
            if not _is_ascii(mail) and not server.has_extn("smtputf8"):
                whose = "rcpt" if mail.sender.isascii() else "mail"
                return Rejected(553, "the mail server takes no address outside ASCII (it offers no SMTPUTF8)", whose)
            for phase, command, wanted in commands:
                code, text = server.docmd(command)
                if code // 100 != wanted // 100:
                    return self._refusal(code, _said(text, mail), phase)
            self._is_used = True
            server.send(_dot_stuffed(mail.raw))
            if _has_spoken(server):  # or hung up: no answer is due before the dot
                code, text = server.getreply()
                return self._refusal(code, _said(text, mail), phase)
        except LOST as error:
            self._drop()
            return Deferred(None, f"{self.place} was lost ({error})", phase)
        return None

    def _refusal(self, code: int, text: str, phase: str) -> Outcome:
        self._reset(code)
        match code // 100:
            case 5:
                return Rejected(code, text, phase)
            case 4:
                return Deferred(code, text, phase)
        return Deferred(None, f"{self.place} answered {code} {text}, which makes no sense there", phase)

    def _dot(self, server: smtplib.SMTP, mail: Mail) -> Outcome:
        try:
            _wait_at_most(server, self._settings.dot_timeout_seconds)
            server.send(b".\r\n")
            code, answer = server.getreply()
            _wait_at_most(server, self._settings.timeout_seconds)
        except LOST as error:
            self._drop()
            return InDoubt(f"no answer to the final dot from {self.place} ({error})")
        text = _said(answer, mail)
        match code // 100:
            case 2:
                return Accepted(code, text)
            case 4 | 5:
                return self._refusal(code, text, "dot")
        self._drop()
        return InDoubt(f"{self.place} answered the final dot with {code} {text}")

    def _reset(self, code: int) -> None:
        """Make the connection ready for the next mail, or let go of it."""
        if self._server is None or code == CLOSING or code // 100 not in (4, 5):
            self._drop()
            return
        try:
            answer, _ = self._server.docmd("RSET")
        except LOST:
            answer = CLOSING
        if answer // 100 != 2:
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server, self._is_used = None, False


def channel(settings: Settings) -> Smtp:
    """Return the smtp channel; without a host, or a sender to name, raise Refusal."""
    own = read_settings(SmtpSettings)
    if not own.host:
        raise Refusal("RIPELINE_SMTP_HOST is not set: name the mail server, or set RIPELINE_CHANNEL=maildir")
    if not settings.sender_address:
        raise Refusal("RIPELINE_SENDER_ADDRESS is not set: real mail needs a sender (and RIPELINE_SENDER_NAME, RIPELINE_COMPANY, RIPELINE_POSTAL_ADDRESS)")
    return Smtp(own)


def _mail_command(server: smtplib.SMTP, mail: Mail) -> str:
    options = ""
    if not _is_ascii(mail):
        server.command_encoding = "utf-8"
        options += " SMTPUTF8"
    if not mail.raw.isascii() and server.has_extn("8bitmime"):
        options += " BODY=8BITMIME"
    return f"MAIL FROM:<{mail.sender}>{options}"


def _is_ascii(mail: Mail) -> bool:
    return mail.sender.isascii() and mail.recipient.isascii()


def _dot_stuffed(raw: bytes) -> bytes:
    """Return the text as it goes over the wire (RFC 5321 4.5.2): leading dots doubled, the last line ended."""
    stuffed = re.sub(rb"(?m)^\.", b"..", raw)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _has_spoken(server: smtplib.SMTP) -> bool:
    """Tell whether the server sent something unasked. Unknown, hence no, under TLS, whose own records look the same."""
    if server.sock is None or isinstance(server.sock, ssl.SSLSocket):
        return False
    return bool(select.select([server.sock], [], [], 0)[0])


def _wait_at_most(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _is_sayable(address: str) -> bool:
    return bool(address) and all(letter.isprintable() and letter not in " <>" for letter in address)


def _said(answer: bytes, mail: Mail) -> str:
    """Return an answer in one line without the address, which servers like to repeat."""
    return re.sub(re.escape(mail.recipient), "the recipient", words_of(answer), flags=re.IGNORECASE)
