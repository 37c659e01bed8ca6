"""An enrolment: one lead in one track, from when, until when, and why it ended."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from models.columns import Key, UtcDateTime


class Enrolment(SQLModel, table=True):
    """Opened and ended by `segment`; `exhausted_at` is written by `schedule`. One open enrolment a lead and exclusion group."""

    __table_args__ = (
        Index(
            "uq_enrolment_open",
            "lead_id",
            "group",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        Index("ix_enrolment_lead_id", "lead_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    lead_id: int = Field(foreign_key="lead.id", sa_type=Key)
    track: str
    group: str
    version: str = Field(description="Hash of the playbook version whose track this lead goes through")
    entered_at: datetime = Field(sa_type=UtcDateTime)
    entered_because: str = ""
    entered_total: int | None = Field(default=None, sa_type=Key, description="The lead's total when it entered, in hundredths; None: nobody knows")
    exhausted_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When every touch was done; the lead stays in the track")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None: open")
    ended_because: str | None = None
