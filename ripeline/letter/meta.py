"""meta.toml: what a touch says beside its words: who writes, where answers go, what it is for, how its links are counted."""

import tomllib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ripeline.letter.folder import META
from ripeline.letter.headers import ascii_domain, one_line
from ripeline.render import FOLDER, RenderError
from ripeline.values import Refusal

Purpose = Literal["marketing", "service"]
UTM = ("source", "medium", "campaign", "content", "term")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _mailbox(address: str) -> str:
    try:
        return ascii_domain(address) if address else ""
    except Refusal as error:
        raise ValueError(f"'{address}' is no address that a header can carry: write it like desk@example.com") from error


class Writer(_Entry):
    """Name and address in From; empty: as the settings say."""

    name: str = ""
    address: str = ""

    _is_mailbox = field_validator("address")(_mailbox)

    @field_validator("name")
    @classmethod
    def _is_one_line(cls, name: str) -> str:
        if one_line(name) != name.strip():
            raise ValueError("a name in From is one line of plain text")
        return name.strip()


class Utm(_Entry):
    """What is added to links to our own site, so that visits can be counted by letter. `{touch}` and `{locale}` are filled in; empty: not added."""

    source: str = Field(default="", max_length=60)
    medium: str = Field(default="", max_length=60)
    campaign: str = Field(default="", max_length=60)
    content: str = Field(default="", max_length=60)
    term: str = Field(default="", max_length=60)

    def parameters(self, touch: str, locale: str) -> tuple[tuple[str, str], ...]:
        """Return the parameters of a letter's links, in the order of the table."""
        filled = ((name, getattr(self, name).replace("{touch}", touch).replace("{locale}", locale)) for name in UTM)
        return tuple((f"utm_{name}", value) for name, value in filled if value)


class Meta(_Entry):
    """One meta.toml. `purpose`: marketing letters carry the way out; service letters answer what the lead began. None: as the folder above."""

    sender: Writer = Writer()
    reply_to: str = ""
    purpose: Purpose | None = None
    utm: Utm = Utm()

    _is_mailbox = field_validator("reply_to")(_mailbox)

    @property
    def is_bulk(self) -> bool:
        """Return whether the letter must carry the way out, in its footer and its headers."""
        return self.purpose == "marketing"


def meta_of(files: Mapping[str, str], template: str) -> Meta:
    """Return what holds for a letter: its own meta.toml over that of `_base` in its family, purpose marketing below email/ unless one says else."""
    family, _, _ = template.partition("/")
    told: dict[str, Any] = {"purpose": "marketing" if family == "email" else "service"}
    for path in (f"{FOLDER}{family}/_base/{META}", f"{FOLDER}{template}/{META}"):
        if path in files:
            told = _over(told, read_meta(path, files[path]).model_dump(exclude_unset=True))
    return Meta.model_validate(told)


def read_meta(path: str, text: str) -> Meta:
    """Return the meta.toml in `text`; RenderError where it is none. `ripeline check` names every mistake by its line."""
    try:
        return Meta.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise RenderError(path, 0, f"not usable ({said}): `ripeline check` names the line") from error


def _over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = {key: below.get(key, {}) | value if isinstance(value, dict) else value for key, value in above.items()}
    return below | merged
