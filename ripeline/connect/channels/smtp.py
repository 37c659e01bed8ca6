"""The smtp channel: hands mails to a mail server, phase by phase, so that we always know whether it can have taken one.

`smtplib.sendmail` raises the same exception at every phase; here the phases are ours, over smtplib's commands and replies.
"""

import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ripeline.connect.channels import Accepted, Channel, Deferred, InDoubt, Mail, Outcome, Rejected, Withdrawn
from ripeline.connect.errors import Permanent, Temporary
from ripeline.settings import Settings
from ripeline.values import Refusal

TLS_FROM_THE_START = 465
CLOSING = 421
GO_AHEAD = 354
LOST = (smtplib.SMTPException, OSError)


class SmtpSettings(BaseSettings):
    """The mail server. In production a relay of your own on this machine: the time in which a mail is in doubt shrinks to nothing."""

    model_config = SettingsConfigDict(env_prefix="RIPELINE_SMTP_", env_file=".env", extra="ignore", frozen=True)

    host: str = Field(default="", description="Name or address of the mail server")
    port: int = Field(default=587, description="465 speaks TLS from the start")
    user: str = Field(default="", description="Empty: no login")
    password: SecretStr = SecretStr("")
    starttls: bool | None = Field(default=None, description="Require STARTTLS; unset: yes, except on this machine and on port 465")
    timeout_seconds: float = Field(default=60, gt=0, description="Longest wait for any answer but the last (RFC 5321 4.5.3.2 allows 300)")
    dot_timeout_seconds: float = Field(default=600, gt=0, description="Longest wait for the final answer; under 600 mails end in doubt (RFC 5321 4.5.3.2.6)")
    sink: bool = Field(default=False, description="The server on this machine keeps every mail and passes none on: a virtual now may be mailed")

    @property
    def is_on_this_machine(self) -> bool:
        """Tell whether the server is on the loopback interface."""
        with suppress(ValueError):
            return ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def wants_starttls(self) -> bool:
        """Tell whether the connection must be upgraded."""
        return self.starttls if self.starttls is not None else not (self.is_on_this_machine or self.port == TLS_FROM_THE_START)


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
        self._server, self._is_used = _connected(self._settings, self.place), False

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
            if not mail.recipient.isascii() and not server.has_extn("smtputf8"):
                return Rejected(553, "the mail server takes no address outside ASCII (it offers no SMTPUTF8)", "rcpt")
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
    own = SmtpSettings()
    if not own.host:
        raise Refusal("RIPELINE_SMTP_HOST is not set: name the mail server, or set RIPELINE_CHANNEL=maildir")
    if not settings.sender_address:
        raise Refusal("RIPELINE_SENDER_ADDRESS is not set: real mail needs a sender (and RIPELINE_SENDER_NAME, RIPELINE_COMPANY, RIPELINE_POSTAL_ADDRESS)")
    return Smtp(own)


def _connected(settings: SmtpSettings, place: str) -> smtplib.SMTP:
    """Return a greeted, secured, logged-in connection. smtplib's many errors become Temporary or Permanent here, and only here."""
    try:
        server = _dialled(settings)
        try:
            _introduced(server, settings)
        except BaseException:
            server.close()
            raise
    except ssl.SSLCertVerificationError as error:
        raise Permanent(f"the certificate of {place} is not to be trusted ({error.verify_message}): mend it, or use the name it is for") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Permanent(f"{place} lacks what RIPELINE_SMTP_* asks for ({error}): check RIPELINE_SMTP_STARTTLS, RIPELINE_SMTP_USER and the port") from error
    except smtplib.SMTPResponseException as error:
        kind = Permanent if error.smtp_code // 100 == 5 else Temporary
        raise kind(f"{place} answered {error.smtp_code} {_words(error.smtp_error)}: check RIPELINE_SMTP_*, or ask whoever runs it") from error
    except LOST as error:
        raise Temporary(f"cannot reach the mail server {place} ({error}): check RIPELINE_SMTP_HOST and RIPELINE_SMTP_PORT, and that it is up") from error
    return server


def _dialled(settings: SmtpSettings) -> smtplib.SMTP:
    # Without a name of ours smtplib would ask the network for one.
    name, wait = socket.gethostname(), settings.timeout_seconds
    if settings.port == TLS_FROM_THE_START:
        return smtplib.SMTP_SSL(settings.host, settings.port, local_hostname=name, timeout=wait, context=ssl.create_default_context())
    return smtplib.SMTP(settings.host, settings.port, local_hostname=name, timeout=wait)


def _introduced(server: smtplib.SMTP, settings: SmtpSettings) -> None:
    if server.sock is not None:
        # The dot follows the text without an answer in between: Nagle's algorithm would hold it back for 40 ms a mail.
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if settings.wants_starttls:
        server.starttls(context=ssl.create_default_context())
    server.ehlo_or_helo_if_needed()
    if settings.user:
        server.login(settings.user, settings.password.get_secret_value())


def _mail_command(server: smtplib.SMTP, mail: Mail) -> str:
    options = ""
    if not mail.recipient.isascii():
        server.command_encoding = "utf-8"
        options += " SMTPUTF8"
    if not mail.raw.isascii() and server.has_extn("8bitmime"):
        options += " BODY=8BITMIME"
    return f"MAIL FROM:<{mail.sender}>{options}"


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
    return re.sub(re.escape(mail.recipient), "the recipient", _words(answer), flags=re.IGNORECASE)


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:500]
