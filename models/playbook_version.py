"""A playbook version: all that a marketer decides, frozen as one; which one is applied, and which one is in shadow."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import Document, Key, UtcDateTime


class PlaybookVersion(SQLModel, table=True):
    """Immutable. `files` maps a path (playbook/, templates/, locales/) to its text."""

    __tablename__ = "playbook_version"

    hash: str = Field(primary_key=True, description="SHA-256 over paths and texts")
    files: dict[str, str] = Field(sa_type=Document)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str


class PlaybookApplication(SQLModel, table=True):
    """One `ripeline apply`. The newest row names the version that is live; going back is one more row."""

    __tablename__ = "playbook_application"

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    hash: str = Field(foreign_key="playbook_version.hash")
    applied_at: datetime = Field(sa_type=UtcDateTime)
    applied_by: str


class ShadowApplication(SQLModel, table=True):
    """One `ripeline scorecard shadow`. The newest row names the version whose scores are kept beside the live ones; None: none."""

    __tablename__ = "shadow_application"

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    hash: str | None = Field(default=None, foreign_key="playbook_version.hash")
    applied_at: datetime = Field(sa_type=UtcDateTime)
    applied_by: str
