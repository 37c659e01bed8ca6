"""What the playbook tells a letter's reader: the ways of the market, and what to read next in the letter's language."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from models.lead import Stage
from ripeline.decide.answers import answers, facts_of
from ripeline.decide.content import Asset, unread
from ripeline.letter.data import AssetData, MarketData
from ripeline.letter.sample import SAMPLE_LEAD, SAMPLE_PRICE
from ripeline.letter.version import Asks
from ripeline.letter.writing import asset_title
from ripeline.playbook.fields import FieldsFile
from ripeline.playbook.finding import Finding, Unfit
from ripeline.playbook.playbook import FIELDS, Playbook
from ripeline.playbook.reading import read_toml

SAMPLE_STANDING: Mapping[str, Any] = {
    "total": 6250, "fit": 4000, "engagement": 2250, "grade": "A3", "stage": "marketing_qualified", "is_on_hold": False, "market": "de",
}  # fmt: skip
SAMPLE_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def market_data(playbook: Playbook, market: str | None) -> MarketData:
    """Return what letters learn of a market; None, or one that the playbook no longer has, says nothing."""
    known = playbook.markets.get(market) if market else None
    return MarketData(known.money.currency if known.money else None, known.approach, playbook.rates.price_in(known)) if known else MarketData()


def asset_data(playbook: Playbook, assets: Iterable[Asset], locale: str, site: str) -> AssetData | None:
    """Return the first asset that a letter in this locale can offer: it is there in that language, and its title is translated."""
    for asset in assets:
        title = asset_title(playbook.files, asset.title, asset.locales, locale)
        if title is not None:
            address = asset.path if asset.path.startswith("https://") else site + asset.path
            return AssetData(asset.name, title, address, asset.topics[0] if asset.topics else None)
    return None


def sample_parts(playbook: Playbook | None, asks: Asks, locale: str, site: str) -> dict[str, Any]:
    """Return the keyword arguments of `letter_data` for the made-up lead of previews; without a playbook nothing is asked of it."""
    if playbook is None:
        return {"market": MarketData("EUR", price=SAMPLE_PRICE), "answers": {}, "next_asset": None}
    facts = facts_of(SAMPLE_LEAD, playbook.fields)
    held = answers([playbook.condition(text) for text in asks.conditions], facts, SAMPLE_STANDING, SAMPLE_AT)
    offered = unread(playbook.content, Stage(SAMPLE_STANDING["stage"]), frozenset(), frozenset())
    return {
        "market": market_data(playbook, str(SAMPLE_STANDING["market"])),
        "answers": dict(zip(asks.conditions, held, strict=True)),
        "next_asset": asset_data(playbook, offered, locale, site),
    }


def declared_fields(files: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lead attributes that fields.toml declares; raise Unfit where it cannot be read. No other file is looked at."""
    findings: list[Finding] = []
    shape = read_toml(FIELDS, files.get(FIELDS, ""), FieldsFile, findings)
    if shape is None:
        raise Unfit(findings)
    return tuple(shape.lead)
