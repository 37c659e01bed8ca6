"""Signed links in mails. A token holds for one purpose alone, names a message or a lead, and never runs out (CAN-SPAM, CASL)."""

import hashlib
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from ripeline.settings import Settings

UNSUBSCRIBE = "unsub"
LONGEST_TOKEN = 256


def unsubscribe_url(settings: Settings, about: UUID | int) -> str:
    """Return the address at which the reader of a message (its id), or a lead (its id), unsubscribes."""
    return f"{settings.base_url.rstrip('/')}/u/{unsubscribe_token(settings, about)}"


def unsubscribe_token(settings: Settings, about: UUID | int) -> str:
    """Return the token of that address."""
    return str(_signer(settings, UNSUBSCRIBE).dumps(about.hex if isinstance(about, UUID) else about))


def read_unsubscribe(settings: Settings, token: str) -> UUID | int | None:
    """Return the message's id or the lead's id that a token names; None for every other text, whatever is wrong with it."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        about = _signer(settings, UNSUBSCRIBE).loads(token)
    except BadData:
        return None
    return UUID(about) if isinstance(about, str) else int(about)


def _signer(settings: Settings, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings.key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})
