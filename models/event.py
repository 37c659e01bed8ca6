"""An event: something that happened to a lead, with a time and a source."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from models.columns import Document, Key, UtcDateTime, Word


class Actor(StrEnum):
    """Who did it. Only a human's doing scores."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


class Event(SQLModel, table=True):
    """Written by `ingest`. The key is (lead, at, id), so that a range of leads is one sequential read.

    `id` is the first 63 bits of BLAKE2b over source and source id: the same event has the same id wherever it is made.
    """

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_event_message_id", "message_id", sqlite_where=sa.text("message_id IS NOT NULL"), postgresql_where=sa.text("message_id IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )

    lead_id: int = Field(primary_key=True, foreign_key="lead.id", sa_type=Key)
    at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    id: int = Field(primary_key=True, sa_type=Key)
    received_at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    actor: Actor = Field(default=Actor.HUMAN, sa_type=Word(Actor))

    path: str | None = None
    form: str | None = None
    asset: str | None = None
    touch: str | None = None
    seconds: int | None = Field(default=None, sa_type=Key)
    amount: float | None = None
    more: dict[str, Any] | None = Field(default=None, sa_type=Document, description="Every other property that came, declared or not")

    message_id: UUID | None = Field(default=None, description="The Message it answers, where it answers one")
    source: str
    source_id: str


class ParkedEvent(SQLModel, table=True):
    """An event of a lead not known yet. `ingest` attaches it when the lead comes, and deletes this row then."""

    __tablename__ = "parked_event"
    __table_args__ = (UniqueConstraint("source", "source_id"), Index("ix_parked_event_lead_ref", "lead_ref"))

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    lead_ref: str = Field(description="The address key or external id by which the source names the lead")
    at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    actor: Actor = Field(default=Actor.HUMAN, sa_type=Word(Actor))
    properties: dict[str, Any] = Field(default_factory=dict, sa_type=Document)
    source: str
    source_id: str
