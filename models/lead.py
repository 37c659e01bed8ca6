"""A lead: a person we may write to."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel

from models.columns import Document, Key, UtcDateTime, Word


class Stage(StrEnum):
    """Where a lead stands in the funnel, first to last."""

    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    MARKETING_QUALIFIED = "marketing_qualified"
    SALES_ACCEPTED = "sales_accepted"
    SALES_QUALIFIED = "sales_qualified"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    DISQUALIFIED = "disqualified"


class Lead(SQLModel, table=True):
    """Facts are written by `ingest` alone, what is inferred from them by `schedule`, the columns below `stage` by `segment`."""

    __table_args__ = (Index("ix_lead_segment_review_at", "segment_review_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    address: str = Field(description="The mail address as it is written to")
    address_key: str = Field(unique=True, description="The address casefolded, its domain as A-labels: one key, one lead")
    external_id: str | None = Field(default=None, unique=True, description="The lead's id in the system it came from")
    source: str = Field(default="import", description="Where the lead first came from")

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    title: str | None = None
    seniority: str | None = None
    industry: str | None = None
    employees: int | None = Field(default=None, sa_type=Key)
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2")
    region: str | None = Field(default=None, description="ISO 3166-2 without the country, such as BY, or as it came")
    city: str | None = None
    phone: str | None = None
    locale: str | None = Field(default=None, description="CLDR id such as pt_BR; None: to be inferred")
    zone: str | None = Field(default=None, description="IANA zone as given, unchecked; None: to be inferred")
    more: dict[str, Any] = Field(default_factory=dict, sa_type=Document, description="Every other attribute that came, declared or not")

    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    facts_seq: int = Field(default=1, sa_type=Key, description="Raised by ingest at every new fact; `rescore` compares it with Score.scored_seq")
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="From then on nothing is judged or sent by this row")
    merged_into: int | None = Field(
        default=None, foreign_key="lead.id", sa_type=Key, description="The lead that this one turned out to be; its address and id mean that one since"
    )

    inferred_zone: str | None = Field(default=None, description="IANA zone that telephone or hours speak for, in a country with several; None: nothing does")
    inferred_from: str | None = Field(default=None, description="phone, mobile or activity")
    inferred_percent: int | None = Field(default=None, sa_type=Key, description="How likely the zone is by the hours of activity; None: by the telephone")
    inferred_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When the telephone was last asked, or the answer changed; None: never")

    stage: Stage = Field(default=Stage.LEAD, sa_type=Word(Stage))
    stage_at: datetime = Field(sa_type=UtcDateTime, description="Since when the lead is in its stage")
    is_on_hold: bool = False
    segmented_revision: int = Field(default=0, sa_type=Key, description="The Score.revision that `segment` last judged")
    segmented_version: str = Field(default="", description="Hash of the rules (stages, tracks, fields, lists) that `segment` last judged by")
    segment_review_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When `segment` must look again without news; None: never")
