"""Enumerations: the word by which a value of a lead's field is told, such as the industry `Retail` as "retail", then in every language."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

FIELDS = "playbook/fields.toml"
CONTENT = "playbook/content.toml"
ASSET = "asset"
"""The context in which titles of assets are translated."""

Enumerations = Mapping[str, Mapping[str, str]]
"""By field, as templates write it (lead.industry): the English word of each value, as it stands inside a sentence."""


def enumerations_in(files: Mapping[str, str]) -> Enumerations:
    """Return the words that fields.toml gives to values. Its shape is checked elsewhere: what is not understood has no words here."""
    return _enumerations(files.get(FIELDS, ""))


@lru_cache(maxsize=8)
def _enumerations(text: str) -> Enumerations:
    leads = _read(text).get("lead")
    fields = leads.items() if isinstance(leads, dict) else ()
    return {f"lead.{name}": _texts(field["words"]) for name, field in fields if isinstance(field, dict) and isinstance(field.get("words"), dict)}


def examples_in(files: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a value for each attribute of a lead that fields.toml declares with an example or with choices."""
    leads = _read(files.get(FIELDS, "")).get("lead")
    fields = leads.items() if isinstance(leads, dict) else ()
    told = {name: field.get("example", next(iter(field.get("choices", ())), None)) for name, field in fields if isinstance(field, dict)}
    return {name: value for name, value in told.items() if value is not None}


def titles_in(text: str) -> Iterator[str]:
    """Give the titles of the assets in a content.toml."""
    assets = _read(text).get("asset")
    titles = (asset.get("title") for asset in assets if isinstance(asset, dict)) if isinstance(assets, list) else ()
    return (title for title in titles if isinstance(title, str))


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {value: word for value, word in table.items() if isinstance(word, str)}


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
