"""A sweep run: one pass over due rows, and its counts."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from models.columns import Document, UtcDateTime


class SweepRun(SQLModel, table=True):
    """Written by whoever starts a sweep (flow or command): a row at its start, its end when it ended."""

    __tablename__ = "sweep_run"
    __table_args__ = (Index("ix_sweep_run_sweep_started_at", "sweep", "started_at"),)

    id: UUID = Field(primary_key=True)
    sweep: str
    now: datetime = Field(sa_type=UtcDateTime, description="The instant it judged by")
    is_dry: bool = False
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None: running, or killed")
    counts: dict[str, int] = Field(default_factory=dict, sa_type=Document)
    version: str | None = None
