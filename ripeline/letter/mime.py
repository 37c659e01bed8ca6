"""A letter as bytes: a pure function of the letter and its envelope, checked by reading it again.

The fields and parts are written here and not by `email.message`, for three reasons: its folding turns a long List-Unsubscribe
into encoded words, its boundaries are random, and it costs more than all the rest of a letter. `email` reads them back.
"""

import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from ripeline.letter.headers import address_field, ascii_domain, one_line, text_field, token_field
from ripeline.letter.reread import Planned, check_bytes
from ripeline.letter.writing import Letter
from ripeline.values import Refusal

CALENDAR_FILE = "invite.ics"
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
_URL = re.compile(r"https?://[!#-;=?-~]+")
_LIST_ID = re.compile(r"[A-Za-z0-9.-]+")
_BASE64_LINE = 76


@dataclass(frozen=True)
class Envelope:
    """Everything about a letter that is not in it.

    `mail_id` is the Message-ID with its angle brackets, `at` the Date (aware); both are given so that a retry is the same
    bytes. `unsubscribe_url` and `list_id` are for bulk mail. `calendar` is an iCalendar object whose METHOD is
    `calendar_method`. `is_automatic` marks mail nobody should auto-reply to (RFC 3834). Empty `reply_to`: none.
    """

    from_name: str
    from_address: str
    to_address: str
    mail_id: str
    at: datetime
    to_name: str = ""
    reply_to: str = ""
    unsubscribe_url: str | None = None
    list_id: str | None = None
    calendar: bytes | None = None
    calendar_method: str = "REQUEST"
    is_automatic: bool = False


def to_bytes(letter: Letter, envelope: Envelope) -> bytes:
    """Return the mail, lines ended by CRLF, text first, HTML second, a calendar last and again as a file.

    It is ASCII unless the recipient's local part is not. What cannot be written safely raises Refusal, which names no one.
    """
    planned = _planned(letter, envelope)
    boundary = _boundary(envelope.mail_id, "alternative")
    parts = [_text_part("plain", letter.text), _text_part("html", letter.html)]
    if envelope.calendar is not None:
        parts.append(_calendar_part(envelope.calendar, envelope.calendar_method))
    kind, body = _multipart("alternative", boundary, parts)
    if envelope.calendar is not None:
        whole = f"Content-Type: {kind}\r\n\r\n".encode() + body
        boundary = _boundary(envelope.mail_id, "mixed")
        kind, body = _multipart("mixed", boundary, [whole, _calendar_file(envelope.calendar)])
    lines = [*(each.field for each in planned), f"Content-Type: {kind}"]
    raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    check_bytes(raw, [*planned, Planned("Content-Type", kind, f"Content-Type: {kind}")])
    return raw


def _planned(letter: Letter, envelope: Envelope) -> list[Planned]:
    mail_id = _matching(_MESSAGE_ID, envelope.mail_id, "Message-ID")
    if envelope.at.tzinfo is None:
        raise TypeError(f"the Date of a mail needs an instant with a zone, and {envelope.at!r} has none")
    fields = [
        _address("From", envelope.from_name, envelope.from_address),
        _address("To", envelope.to_name, envelope.to_address),
        Planned("Subject", one_line(letter.subject), text_field("Subject", letter.subject)),
        _token("Date", format_datetime(envelope.at)),
        _token("Message-ID", mail_id),
    ]
    if envelope.reply_to:
        fields.append(_address("Reply-To", "", envelope.reply_to))
    if envelope.list_id is not None:
        fields.append(_token("List-Id", f"<{_matching(_LIST_ID, envelope.list_id, 'List-Id')}>"))
    if envelope.unsubscribe_url is not None:
        fields.append(_token("List-Unsubscribe", f"<{_matching(_URL, envelope.unsubscribe_url, 'List-Unsubscribe')}>"))
        fields.append(_token("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    if envelope.is_automatic:
        fields.append(_token("Auto-Submitted", "auto-generated"))
    return [*fields, _token("Content-Language", letter.locale.replace("_", "-")), _token("MIME-Version", "1.0")]


def _address(name: str, display: str, address: str) -> Planned:
    words, mailbox = one_line(display), ascii_domain(address)
    return Planned(name, f"{words} <{mailbox}>" if words else mailbox, address_field(name, display, address))


def _token(name: str, value: str) -> Planned:
    return Planned(name, value, token_field(name, value))


def _matching(shape: re.Pattern[str], value: str, name: str) -> str:
    if not shape.fullmatch(value):
        raise Refusal(f"the header {name} cannot hold what it was given: correct the setting or link it comes from")
    return value


def _text_part(subtype: str, text: str) -> bytes:
    """Return a part whose lines fit: quoted-printable where most is ASCII, base64 where that is shorter."""
    kind, unix = f"text/{subtype}; charset=utf-8", text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    content = unix.encode()
    if (len(content) - len(unix)) * 11 > len(content):  # a character beyond ASCII takes one to three bytes more than others
        return _base64_part(kind, content.replace(b"\n", b"\r\n"))
    quoted = b"\r\n".join(map(_quoted_line, unix.split("\n")))
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode() + quoted


@lru_cache(maxsize=8192)
def _quoted_line(line: str) -> bytes:
    """Return a line in quoted-printable. Most lines of a letter are the same for all its readers, and quoting costs more than all the rest."""
    # b2a_qp takes the line ending of the first line for its soft breaks: the one put before makes it CRLF, and is taken off.
    return binascii.b2a_qp(b"\r\n" + line.encode(), istext=True)[2:]


def _calendar_part(calendar: bytes, method: str) -> bytes:
    if not method.isalpha() or f"\r\nMETHOD:{method}\r\n".encode() not in calendar:
        raise Refusal(f"the invite's METHOD is not {method!r}: mail programs show buttons only where both say the same")
    return _base64_part(f"text/calendar; method={method}; charset=utf-8", calendar)


def _calendar_file(calendar: bytes) -> bytes:
    disposition = f'Content-Disposition: attachment; filename="{CALENDAR_FILE}"\r\n'
    return disposition.encode() + _base64_part(f'application/ics; name="{CALENDAR_FILE}"', calendar)


def _base64_part(kind: str, content: bytes) -> bytes:
    whole = binascii.b2a_base64(content, newline=False)
    lines = [whole[at : at + _BASE64_LINE] for at in range(0, len(whole), _BASE64_LINE)]
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + b"\r\n".join([*lines, b""])


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> tuple[str, bytes]:
    delimiter = f"--{boundary}".encode()
    body = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts)
    return f'multipart/{subtype}; boundary="{boundary}"', body + delimiter + b"--\r\n"


def _boundary(mail_id: str, level: str) -> str:
    """Return a boundary that no part can contain: `=_` occurs in neither quoted-printable nor base64."""
    return f"=_{hashlib.blake2b(f'{level} {mail_id}'.encode(), digest_size=15).hexdigest()}"
