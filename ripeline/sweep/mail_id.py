"""The Message-ID header: fixed when a message is planned, the same at every attempt (RELIABILITY I4)."""

import base64
import hashlib
import hmac
from uuid import UUID

from ripeline.settings import Settings

UNSET_DOMAIN = "ripeline.invalid"
"""Stands where no sender address is set: such mail never leaves the machine, and the name can belong to nobody (RFC 2606)."""


def mail_id(settings: Settings, message_id: UUID) -> str:
    """Return the Message-ID of a message, angle brackets included: it tells the recipient nothing, and finds our row again."""
    digest = hmac.new(settings.key, message_id.bytes, hashlib.sha256).digest()
    return f"<{base64.b32encode(digest).decode().lower()[:26]}@{mail_domain(settings)}>"


def mail_domain(settings: Settings) -> str:
    """Return the domain we send from, as A-labels, for Message-IDs and for the UIDs of meetings."""
    domain = settings.sender_address.rpartition("@")[2]
    return domain.encode("idna").decode("ascii").lower() or UNSET_DOMAIN
