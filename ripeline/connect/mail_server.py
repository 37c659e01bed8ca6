"""The way to a mail server: its settings, and a connection that is greeted, secured and logged in."""

import smtplib
import socket
import ssl
from contextlib import suppress
from ipaddress import ip_address

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ripeline.connect.errors import Permanent, Temporary

TLS_FROM_THE_START = 465
LOST = (smtplib.SMTPException, OSError)


class SmtpSettings(BaseSettings):
    """The mail server. In production a relay of your own on this machine: the time in which a mail is in doubt shrinks to nothing."""

    model_config = SettingsConfigDict(env_prefix="RIPELINE_SMTP_", extra="ignore", frozen=True)

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


def connected(settings: SmtpSettings, place: str) -> smtplib.SMTP:
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
        raise kind(f"{place} answered {error.smtp_code} {words_of(error.smtp_error)}: check RIPELINE_SMTP_*, or ask whoever runs it") from error
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


def words_of(answer: bytes | str) -> str:
    """Return an answer in one line."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:500]
