"""The Message-ID header: fixed when a message is planned, the same at every attempt (RELIABILITY I4)."""

from collections.abc import Iterable
from uuid import UUID

from ripeline.settings import Settings
from ripeline.values import keyed_hashes

UNSET_DOMAIN = "ripeline.invalid"
"""Stands where no sender address is set: such mail never leaves the machine, and the name can belong to nobody (RFC 2606)."""


def mail_id(settings: Settings, message_id: UUID) -> str:
    """Return the Message-ID of a message, angle brackets included: it tells the recipient nothing, and finds our row again."""
    return mail_ids(settings, [message_id.bytes])[0]


def mail_ids(settings: Settings, message_ids: Iterable[bytes]) -> list[str]:
    """Return `mail_id` for many messages at once, by the bytes of their ids."""
    end = f"@{mail_domain(settings)}>"
    return [f"<{each[:32]}{end}" for each in keyed_hashes(settings.key, message_ids)]


def mail_domain(settings: Settings) -> str:
    """Return the domain we send from, as A-labels, for Message-IDs and for the UIDs of meetings."""
    domain = settings.sender_address.rpartition("@")[2]
    return domain.encode("idna").decode("ascii").lower() or UNSET_DOMAIN
