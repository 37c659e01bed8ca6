"""Content: what we have to read and watch, and which of it a lead is offered next; playbook/content.toml as values."""

from collections.abc import Set as AbstractSet
from typing import Self

from pydantic import Field, field_validator, model_validator

from models.lead import Stage
from ripeline.decide.entry import Entry
from ripeline.decide.touch import NAME


class Asset(Entry):
    """One thing to read or watch. `name` is what events call it in `asset`; `title` is English, and translated like a letter's words.

    path: below our own site, or a whole https address. stages: the funnel stages it is for. topics: matched with what a lead cares about.
    locales: the languages the asset itself is in.
    """

    name: str = Field(pattern=NAME)
    title: str = Field(min_length=3, max_length=120)
    path: str
    stages: tuple[Stage, ...] = Field(min_length=1)
    topics: tuple[str, ...] = ()
    locales: tuple[str, ...] = Field(default=("en",), min_length=1)

    @field_validator("path")
    @classmethod
    def _is_address(cls, path: str) -> str:
        if not path.startswith(("/", "https://")) or path.startswith("//") or any(character.isspace() for character in path):
            raise ValueError(f"'{path}' is no place: write a path such as /cases/approvals, or a whole address with https://")
        return path


class Content(Entry):
    """All of playbook/content.toml."""

    assets: tuple[Asset, ...] = Field(default=(), alias="asset")

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [asset.name for asset in self.assets]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"two assets are called '{twice}': what a lead has read is known by the name")
        return self


def unread(content: Content, stage: Stage, seen: AbstractSet[str], interests: AbstractSet[str]) -> list[Asset]:
    """Return what a lead has not read yet, what suits it best first.

    `seen` are asset names and paths out of its events; `interests` the topics it cares about, to which those of what it read are
    added. First comes what is for its own stage, then what is for later ones; within a stage what shares the most topics, then the
    order of the file. What is for earlier stages alone is not offered.
    """
    fresh = [asset for asset in content.assets if not _is_read(asset, seen)]
    topics = interests | {topic for asset in content.assets if _is_read(asset, seen) for topic in asset.topics}
    stages = list(Stage)
    ahead = [(_steps(asset, stage, stages), -len(topics & set(asset.topics)), asset) for asset in fresh]
    return [asset for steps, _, asset in sorted((each for each in ahead if each[0] >= 0), key=lambda each: each[:2])]


def _is_read(asset: Asset, seen: AbstractSet[str]) -> bool:
    return asset.name in seen or asset.path in seen


def _steps(asset: Asset, stage: Stage, stages: list[Stage]) -> int:
    """Return how many stages ahead of a lead's an asset is for; -1: only for earlier ones."""
    here = stages.index(stage)
    return min((stages.index(each) - here for each in asset.stages if stages.index(each) >= here), default=-1)
