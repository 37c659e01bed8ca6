"""Attribute history: what a lead's attribute was before, so that a score of the past can be told again."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from models.columns import Key, UtcDateTime


class AttributeChange(SQLModel, table=True):
    """Written by `ingest`. A lead's first values are not changes. Values are text, as `str` gives it; None: no value."""

    __tablename__ = "attribute_change"
    __table_args__ = (Index("ix_attribute_change_lead_id_at", "lead_id", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    lead_id: int = Field(foreign_key="lead.id", sa_type=Key)
    attribute: str
    old: str | None = None
    new: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
