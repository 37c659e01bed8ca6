"""Header fields written so that no value can be more than a value (RFC 5322, RFC 2047, RFC 6532)."""

import base64
import re
import unicodedata
from functools import lru_cache

import idna

from ripeline.values import Refusal

LONGEST_LINE = 998  # RFC 5322 2.1.1, without CRLF
_FOLD_AT = 76
_WORD_BYTES = 42  # of UTF-8 in one encoded word: 56 characters of base64, and 12 around them
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


@lru_cache(maxsize=1024)
def text_field(name: str, text: str) -> str:
    """Return a header field that holds words: as they are where they are short ASCII, else as encoded words. Many letters have one subject."""
    words = one_line(text)
    if _is_plain(words) and len(name) + 2 + len(words) <= _FOLD_AT:
        return f"{name}: {words}"
    return f"{name}: {encoded_words(words)}"


def address_field(name: str, display: str, address: str) -> str:
    """Return a header field that holds one mailbox; its display name comes back exactly, whatever it is made of."""
    mailbox = ascii_domain(address)
    words = one_line(display)
    if not words:
        return f"{name}: {mailbox}"
    if not _is_plain(words) or len(name) + len(words) + 6 > _FOLD_AT:
        written = encoded_words(words)
    elif _ATOMS.fullmatch(words):
        written = words
    else:
        escaped = words.replace("\\", "\\\\").replace('"', '\\"')
        written = f'"{escaped}"'
    return f"{name}: {written}\r\n <{mailbox}>" if len(written) + len(mailbox) > _FOLD_AT - 16 else f"{name}: {written} <{mailbox}>"


def token_field(name: str, value: str) -> str:
    """Return a header field that programs read: ASCII, one line, unchanged; anything else is refused."""
    line = f"{name}: {value}"
    if not value.isascii() or not value.isprintable() or len(line) > LONGEST_LINE or "=?" in value:
        raise Refusal(f"the header {name} would hold something other than one line of ASCII: correct the setting or link it comes from")
    return line


def ascii_domain(address: str) -> str:
    """Return an address with its domain as A-labels (RFC 5890); one that no header can carry is refused, without naming it.

    A local part outside ASCII stays as it is: such mail needs a server with SMTPUTF8.
    """
    local, _, domain = address.rpartition("@")
    labels = domain if domain.isascii() else _a_labels(domain)
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(labels) or "=?" in address or len(local.encode()) > 64 or len(labels) > 253:
        raise Refusal("an address cannot be written into a header (blanks, quotes, '=?' or no domain): correct the address")
    return f"{local}@{labels.lower()}"


@lru_cache(maxsize=4096)
def _a_labels(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise Refusal("an address has a domain that is none: correct the address") from error


def encoded_words(text: str) -> str:
    """Return the text as UTF-8 encoded words (RFC 2047), folded, no character split between two."""
    chunks, chunk = [], b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > _WORD_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += encoded
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(each).decode()}?=" for each in (*chunks, chunk))


def one_line(text: str) -> str:
    """Return the text without what could end a line or turn one round: control, format-override and separator characters become blanks."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return " ".join("".join(" " if _is_hostile(character) else character for character in text).split())


def _is_hostile(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") or "\u202a" <= character <= "\u202e"


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text
