"""Consent: who agreed to what, in which words, when, and how we can prove it. Append-only."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from models.columns import Key, UtcDateTime, Word


class Purpose(StrEnum):
    """What a consent is for; each stands alone."""

    MARKETING = "marketing"
    TRACKING = "tracking"
    PROFILING = "profiling"


class ConsentState(StrEnum):
    """Asked for and not confirmed yet (double opt-in), given, or taken back; for profiling, `withdrawn` is the objection of GDPR article 21."""

    PENDING = "pending"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


_IS_PROFILING = sa.text("purpose = 'profiling'")
"""Few say anything about it, and every rescore asks who objects."""


class Consent(SQLModel, table=True):
    """Written by `ingest`. The newest row by `at`, then `id`, of a lead and purpose is the one that counts."""

    __table_args__ = (
        Index("ix_consent_lead_id_purpose", "lead_id", "purpose", "at"),
        Index("ix_consent_profiling", "lead_id", postgresql_where=_IS_PROFILING, sqlite_where=_IS_PROFILING),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    lead_id: int = Field(foreign_key="lead.id", sa_type=Key)
    subject_hash: str = Field(index=True, description="Keyed hash of the address key, for proof after an erasure")
    purpose: Purpose = Field(sa_type=Word(Purpose))
    state: ConsentState = Field(sa_type=Word(ConsentState))
    basis: str = Field(description="Legal basis: consent, contract, legitimate_interest, soft_opt_in")
    text: str = Field(default="", description="The words agreed to")
    text_sha256: str = ""
    locale: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    source: str
    proof: str = Field(default="", description="Where the proof lies: form URL and IP, ticket, import file and line")
