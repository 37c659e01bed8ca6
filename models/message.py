"""A message: a touch, invite, card or confirmation due for one person."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from models.columns import Key, UtcDateTime, Word


class MessageKind(StrEnum):
    """What a message is for; the class policy of RELIABILITY I3 hangs on it."""

    TOUCH = "touch"
    INVITE = "invite"
    CARD = "card"
    CONFIRM = "confirm"


class MessageState(StrEnum):
    """Where a message is on its way; at any time exactly one."""

    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


LIVE_STATES = (MessageState.SCHEDULED, MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.DEFERRED)
"""States in which a message may still go out by itself."""


TRIED = sa.text("state != 'scheduled'")
"""Of a message that is planned and nothing more, nobody asks when it went to whom, nor by its Message-ID: it is in no index of these, and a plan
takes much less time to write. A query that shall go through such an index says the same words."""


class Resolution(StrEnum):
    """How a local wall time became an instant."""

    NORMAL = "normal"
    GAP = "gap"
    AMBIGUOUS = "ambiguous"


class Message(SQLModel, table=True):
    """Planned by `schedule` and `handoff` (insert; cancel while scheduled or deferred), moved on by `deliver` alone.

    `id` is uuid5 of `key`, and `key` is unique: planning twice inserts once. `raw` holds the rendered bytes from the first
    submission to the final state, then nothing.
    """

    __table_args__ = (
        Index("ix_message_state_due_at", "state", "due_at"),
        Index("ix_message_lead_id", "lead_id"),
        Index("ix_message_enrolment_id", "enrolment_id"),
        Index("ix_message_recipient_tried", "recipient_key", "accepted_at", sqlite_where=TRIED, postgresql_where=TRIED),
        Index("uq_message_mail_id_tried", "mail_id", unique=True, sqlite_where=TRIED, postgresql_where=TRIED),
    )

    id: UUID = Field(primary_key=True)
    key: str = Field(unique=True)
    kind: MessageKind = Field(sa_type=Word(MessageKind))
    lead_id: int = Field(foreign_key="lead.id", sa_type=Key, description="Whom it is about")
    recipient: str = Field(default="lead", description="`lead`, or `rep:<name>` for what sales receives")
    recipient_key: str = Field(default="", description="Address key of the recipient at planning")
    enrolment_id: int | None = Field(default=None, foreign_key="enrolment.id", sa_type=Key)
    handoff_id: int | None = Field(default=None, foreign_key="handoff.id", sa_type=Key)
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", sa_type=Key)
    touch: str = Field(default="", description="The touch's name in its track; empty for others")
    template: str = Field(description="Folder below templates/, such as email/case-study; until it goes, where a touch chooses, the one for everybody else")
    variant: str = Field(
        default="",
        sa_column_kwargs={"server_default": ""},
        description="What the lot gave: the letter's name, `hold_out`; `go_to:<touch>` for one that went on to another; empty: all get the same",
    )
    version: str = Field(description="Hash of the playbook version it was planned by")

    rule: str = Field(default="", description="The rule that chose the instant, as `why` tells it")
    local_at: str = Field(description="Local wall time, ISO 8601 without zone")
    zone: str
    zone_source: str = Field(default="", description="Where the zone came from: lead, city, region, country, phone, activity, mobile, fallback, default")
    resolution: Resolution = Field(default=Resolution.NORMAL, sa_type=Word(Resolution))
    zone_database: str = Field(default="", description="Version of the zone database that resolved it")
    due_at: datetime = Field(sa_type=UtcDateTime, description="Not before")
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="After this it is cancelled, not sent late; None: never")

    state: MessageState = Field(default=MessageState.SCHEDULED, sa_type=Word(MessageState))
    reason: str = Field(default="", description="Why it is where it is, where that needs saying")
    phase: str = Field(default="", description="Within submitting: pre_dot, dot_pending")
    attempt: int = 0
    lease_token: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    worker: str | None = None

    mail_id: str = Field(description="The Message-ID header, fixed at planning: a keyed hash of `id`, so each is another's as little as that")
    mail_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="The Date header, fixed at first submission")
    raw: bytes | None = None
    raw_sha256: str | None = None
    subject: str | None = None
    locale: str | None = None
    locale_because: str | None = None

    last_code: int | None = None
    last_text: str | None = None
    planned_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    in_doubt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolved_by: str | None = None
    resolved_how: str | None = None
    consent_id: int | None = Field(default=None, foreign_key="consent.id", sa_type=Key)
