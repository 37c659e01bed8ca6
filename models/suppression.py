"""A suppression: a standing reason not to write."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from models.columns import Key, UtcDateTime, Word


class SuppressionReason(StrEnum):
    """Why we must not write."""

    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    OBJECTED = "objected"
    ERASED = "erased"
    DO_NOT_EMAIL = "do_not_email"
    IMPORTED = "imported"
    MANUAL = "manual"


class Suppression(SQLModel, table=True):
    """Written by `ingest`; outlives the lead, hence no address but keyed hashes (HMAC-SHA256, pepper outside the database)."""

    __table_args__ = (UniqueConstraint("address_hash", "scope", "reason"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    address_hash: str = Field(index=True, description="Over the address key with its local part as it is")
    address_hash_lower: str = Field(index=True, description="Over the address key with its local part lower-cased")
    scope: str = Field(default="all", description="`all`, or `track:<name>`")
    reason: SuppressionReason = Field(sa_type=Word(SuppressionReason))
    source: str
    at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
