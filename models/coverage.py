"""Coverage: which rules of a card had too little to go by, and since when."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import Document, Key, UtcDateTime


class Coverage(SQLModel, table=True):
    """Written by `rescore`, a row whenever other rules of a playbook version are thin than before. The newest row up to an instant held at it."""

    version: str = Field(primary_key=True, description="Hash of the playbook version")
    at: datetime = Field(primary_key=True, sa_type=UtcDateTime, description="The instant by which the sweep judged")
    leads: int = Field(sa_type=Key, description="How many leads there were")
    thin: dict[str, float] = Field(sa_type=Document, description="By the name of each thin rule, the share of leads that has what it asks for")
    left_out: list[str] = Field(sa_type=Document, description="Those of them that give nothing meanwhile")
