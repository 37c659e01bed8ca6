"""The envelope's sender: for each message an address of its own, so that whatever comes back says which message it is about (VERP).

`RIPELINE_BOUNCE_ADDRESS=b@bounce.example.com` makes `b+<token>@bounce.example.com`. The token is base 32, since mail servers may change the
case of an address, and it is keyed: nobody else can make one. The header Return-Path is the receiving server's to write (RFC 5321 4.4).
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error
from uuid import UUID

from ripeline.settings import Settings

_ID_BYTES, _MAC_BYTES = 16, 10
_PURPOSE = b"return path "


def return_path(settings: Settings, message_id: UUID, otherwise: str) -> str:
    """Return the address that a message's bounces go to; where RIPELINE_BOUNCE_ADDRESS is empty, the one it is sent from."""
    local, _, domain = settings.bounce_address.rpartition("@")
    return f"{local}+{_token(settings, message_id)}@{domain}" if domain else otherwise


def read_return_path(settings: Settings, address: str) -> UUID | None:
    """Return the id of the message that an address was made for; None for every other text: forged, of another key, or no such address."""
    local, _, domain = settings.bounce_address.lower().rpartition("@")
    named, _, host = address.strip().lower().rpartition("@")
    before, plus, token = named.rpartition("+")
    if not domain or not plus or (before, host) != (local, domain):
        return None
    try:
        about = UUID(bytes=b32decode(_padded(token).upper())[:_ID_BYTES])
    except (Error, ValueError):
        return None
    return about if hmac.compare_digest(token.encode(), _token(settings, about).encode()) else None


def _token(settings: Settings, message_id: UUID) -> str:
    mac = hmac.digest(settings.key, _PURPOSE + message_id.bytes, "sha256")[:_MAC_BYTES]
    return b32encode(message_id.bytes + mac).decode("ascii").rstrip("=").lower()


def _padded(token: str) -> str:
    return token + "=" * (-len(token) % 8)
