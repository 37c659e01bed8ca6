"""A handoff: a lead passed to sales; and the meeting proposed with it."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from models.columns import Key, UtcDateTime, Word


class HandoffState(StrEnum):
    """How far a handoff has come. The first two are open."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Handoff(SQLModel, table=True):
    """Written by `handoff`. At most one open a lead: WAITING (nobody fits yet) or OFFERED (a rep has the card)."""

    __table_args__ = (
        Index(
            "uq_handoff_open",
            "lead_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        Index("ix_handoff_lead_id", "lead_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    lead_id: int = Field(foreign_key="lead.id", sa_type=Key)
    cycle: int = Field(default=1, description="How often this lead has been handed over, this one included")
    state: HandoffState = Field(default=HandoffState.WAITING, sa_type=Word(HandoffState))
    rep: str | None = Field(default=None, description="Name in handoff.toml; None: nobody fits yet")
    because: str = Field(default="", description="Why this rep, or why nobody")
    meeting_because: str = Field(default="", description="Why no meeting is proposed, or how its time was found where that needs saying")
    total: int = Field(sa_type=Key, description="The score at the handoff, in hundredths, like the two below")
    fit: int = Field(default=0, sa_type=Key)
    engagement: int = Field(default=0, sa_type=Key)
    reasons: str = Field(default="", description="As in Score, by the scorecard that `version` names")
    grade: str
    version: str = Field(description="Hash of the scorecard of that score")
    opened_at: datetime = Field(sa_type=UtcDateTime)
    offered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accept_by: datetime | None = Field(default=None, sa_type=UtcDateTime, description="Until when the rep has promised to answer; None: not offered yet")
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="None: open")
    verdict: str | None = Field(default=None, description="The reason the rep gave")


class MeetingState(StrEnum):
    """What became of a proposed meeting."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Meeting(SQLModel, table=True):
    """Written by `handoff`. One UID for ever; `sequence` never falls (RFC 5546 2.1.4)."""

    __table_args__ = (Index("ix_meeting_handoff_id", "handoff_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    handoff_id: int = Field(foreign_key="handoff.id", sa_type=Key)
    lead_id: int = Field(foreign_key="lead.id", sa_type=Key)
    rep: str
    uid: str = Field(unique=True)
    sequence: int = 0
    state: MeetingState = Field(default=MeetingState.PROPOSED, sa_type=Word(MeetingState))
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    lead_zone: str
    rep_zone: str
    stamped_at: datetime = Field(sa_type=UtcDateTime, description="DTSTAMP of the last revision")
