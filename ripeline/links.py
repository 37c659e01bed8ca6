"""Signed links in mails. A token holds for one purpose alone. Those to unsubscribe name a message or a lead and never run out (CAN-SPAM, CASL);
those to confirm name a consent, and say until when."""

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from ripeline.settings import Settings

UNSUBSCRIBE = "unsub"
CONFIRM = "confirm"
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


def confirm_url(settings: Settings, consent_id: int, until: datetime) -> str:
    """Return the address at which somebody confirms to have asked for our mail. `until` is aware, and kept in whole seconds."""
    return f"{settings.base_url.rstrip('/')}/c/{confirm_token(settings, consent_id, until)}"


def confirm_token(settings: Settings, consent_id: int, until: datetime) -> str:
    """Return the token of that address."""
    return str(_signer(settings, CONFIRM).dumps([consent_id, int(until.timestamp())]))


def read_confirm(settings: Settings, token: str) -> tuple[int, datetime] | None:
    """Return the consent's id and until when it may be confirmed (UTC); None for every other text, whatever is wrong with it."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        consent_id, until = _signer(settings, CONFIRM).loads(token)
    except BadData:
        return None
    return int(consent_id), datetime.fromtimestamp(until, UTC)


def _signer(settings: Settings, purpose: str) -> URLSafeSerializer:
    return _signer_with(settings.key, purpose)


@lru_cache(maxsize=16)
def _signer_with(key: bytes, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})
