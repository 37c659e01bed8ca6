"""The base of every shape a marketer writes in TOML."""

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """Frozen, and strict about names: a key nobody knows is a typo."""

    model_config = ConfigDict(extra="forbid", frozen=True)
