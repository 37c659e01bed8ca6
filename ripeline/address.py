"""Mail addresses: the form that is written to, and the key that says whether two of them are one."""

import re
from dataclasses import dataclass

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from ripeline.values import Refusal

_ATOM = r"[A-Za-z0-9_+&'-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"(?=.{{1,64}}@)({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+([A-Za-z]{{2,63}}))")
_LONGEST = 254
_RESERVED = frozenset(SPECIAL_USE_DOMAIN_NAMES)


@dataclass(frozen=True, slots=True)
class Address:
    """`written` is what goes on the envelope, its domain as A-labels (RFC 5890); `key` is the same, casefolded: one key, one person."""

    written: str
    key: str


def read_address(text: str) -> Address:
    """Return the address that `text` is; raise Refusal where it is none. Dots and +tags stay: who owns a mailbox is the provider's to say.

    No name server is asked. Non-ASCII local parts are taken (RFC 6531), quoted ones are not.
    """
    text = text.strip()
    plain = _PLAIN.fullmatch(text)
    if plain and len(text) <= _LONGEST and "--" not in plain[2] and plain[3].lower() not in _RESERVED:
        return _address(plain[1], plain[2].lower())  # what the library says of such a one, a hundred times faster
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise Refusal(f"'{text}' is no mail address: {_lowered(str(error))}") from error
    return _address(found.local_part, found.ascii_domain)


def address_key(text: str) -> str:
    """Return the key of an address: casefolded, its domain as A-labels; raise Refusal where it is no address."""
    return read_address(text).key


def _address(local: str, domain: str) -> Address:
    written = f"{local}@{domain}"
    return Address(written, written.casefold())


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
