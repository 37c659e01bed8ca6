"""A score: the sum after caps, with the reasons that make it, as of one instant."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from models.columns import Key, UtcDateTime, Word


class Role(StrEnum):
    """Whether anybody acts on a score."""

    LIVE = "live"
    SHADOW = "shadow"


class Score(SQLModel, table=True):
    """One row a lead and role, written by `rescore`. Points are whole hundredths.

    `reasons` is `<rule number>=<hundredths>` joined by `;`, rules numbered from 0 in the order of the scorecard that `version`
    names; rules that gave nothing are left out. Evidence is recomputed when somebody asks.
    """

    __table_args__ = (
        Index("ix_score_next_review_at", "next_review_at"),
        Index("ix_score_total", "role", "total"),
        Index("ix_score_version", "role", "version"),
        {"sqlite_with_rowid": False},
    )

    lead_id: int = Field(primary_key=True, foreign_key="lead.id", sa_type=Key)
    role: Role = Field(default=Role.LIVE, primary_key=True, sa_type=Word(Role))
    fit: int = Field(sa_type=Key)
    engagement: int = Field(sa_type=Key)
    total: int = Field(sa_type=Key)
    grade: str
    market: str | None = Field(default=None, description="The market whose overlay was used; None: the card alone")
    excluded: str | None = Field(default=None, description="The exclusion that wins over the sum; None: none does")
    reasons: str = ""
    version: str = Field(description="Hash of the scorecard")
    as_of: datetime = Field(sa_type=UtcDateTime)
    next_review_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="May be early, never late; None: only news can change it")
    scored_seq: int = Field(sa_type=Key, description="The Lead.facts_seq this score has seen")
    revision: int = Field(default=1, sa_type=Key, description="Raised where a rescore may change a verdict; `segment` compares it")


class ScoreChange(SQLModel, table=True):
    """History, kept when a lead's grade or stage changes. Written by `rescore` and, for stages, by `segment`."""

    __tablename__ = "score_change"
    __table_args__ = (Index("ix_score_change_lead_id_at", "lead_id", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    lead_id: int = Field(foreign_key="lead.id", sa_type=Key)
    at: datetime = Field(sa_type=UtcDateTime)
    total: int = Field(sa_type=Key)
    grade: str
    stage: str
    version: str
    reasons: str = ""
    because: str = Field(default="", description="For a stage change, the sentence that says why")
