"""What a template may say: plain, documented data, built here and nowhere else.

Every name below is always there; what is not known is None. A template that shows None is refused, `|default("…")` and
`{% if … %}` are the ways out; a name that is not listed here is a typo and refused everywhere.

LETTER_FIELDS below lists them with their meaning; `ripeline fields` shows them.

`rep`, `meeting`, `score` and `handoff` are None in letters that are not about a handoff.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

LEAD_FIELDS = (
    "address", "first_name", "last_name", "company", "title", "seniority", "industry", "employees", "country", "region", "city", "phone", "locale", "zone",
)  # fmt: skip
"""The attributes every lead has a column for; `letter_data` adds what fields.toml declares beside them."""

LETTER_FIELDS: Mapping[str, tuple[str, str]] = {
    "sender.name": ("Name in From", "Nora at Tidewerk"),
    "sender.address": ("Address in From", "nora@tidewerk.example"),
    "sender.company": ("Legal name of the sender", "Tidewerk BV"),
    "sender.postal_address": ("Postal address of the sender, parts separated by commas", "Keizersgracht 1, 1015 CN Amsterdam"),
    "link.site": ("Address of the website, without a slash at the end", "https://www.example.com"),
    "link.unsubscribe": ("The lead's own way out; nothing in letters to reps", "https://go.example.com/u/…"),
    "link.confirm": ("Where the lead confirms its address, in the letter that asks for it; nothing in all others", "https://go.example.com/c/…"),
    "link.confirm_by": ("The last day on which that works: show it by |date", "2026-03-09"),
    "market.currency": ("The market's currency, for |money(market.currency); nothing where no market names one", "EUR"),
    "market.price": (
        "The list price there, by playbook/rates.toml: {{ market.price|money(market.currency) }}; nothing where there is none",
        "12.00",
    ),
    "market.approach": ("How the market writes: direct or relationship", "direct"),
    "next_asset.name": (
        "What the lead has not read yet from playbook/content.toml; next_asset is nothing where all is read",
        "approvals-case",
    ),
    "next_asset.title": ("Its title, in the letter's language", "When approvals live in a shared inbox"),
    "next_asset.address": ("Where it is", "https://www.example.com/cases/approvals"),
    "next_asset.topic": ("Its first topic", "approvals"),
    "preheader": ("The text of preheader.txt, for the frame", "How approvals stop getting lost"),
    "rep.name": ("Whom the lead is handed to", "Ingrid Dahl"),
    "rep.address": ("The rep's address", "ingrid@tidewerk.example"),
    "rep.title": ("The rep's title", "Account Executive"),
    "rep.phone": ("The rep's telephone", "+47 22 12 34 56"),
    "rep.zone": ("The rep's zone, an IANA name", "Europe/Oslo"),
    "meeting.starts_at": ("An instant: show it by |datetime(meeting.lead_zone)", "2026-03-04T09:30Z"),
    "meeting.ends_at": ("An instant", "2026-03-04T10:00Z"),
    "meeting.lead_zone": ("The lead's zone, an IANA name", "Europe/Berlin"),
    "meeting.rep_zone": ("The rep's zone, an IANA name", "Europe/Oslo"),
    "meeting.location": ("Where, or a link to join", "https://meet.tidewerk.example/ingrid"),
    "meeting.needs_call": ("In cancellations: the lead is invited, and no mail of ours says that it is off", "false"),
    "score.total": ("Points as a number", "82.50"),
    "score.fit": ("Points from attributes", "40"),
    "score.engagement": ("Points from events", "42.50"),
    "score.grade": ("Fit and engagement in one word", "A2"),
    "score.reasons": ("A list, the heaviest first: each has name, points and evidence", "Decision maker, 20, vp"),
    "handoff.id": ("Number of the handoff", "7"),
    "handoff.because": ("Why this rep", "Speaks German; fewest open hand-offs"),
    "handoff.accept": ("The command or link that accepts", "ripeline handoff accept 7"),
    "handoff.reject": ("The command or link that rejects", "ripeline handoff reject 7 --reason …"),
    "handoff.corrected": ("Score without what turned out to be a machine's; only in the note that tells it", "41.5"),
    "handoff.accept_by": ("Until when to answer: show it by |datetime(rep.zone)", "2026-03-02T14:30Z"),
    "locale": ("The letter's locale as CLDR writes it", "pt_BR"),
    "lang": ("The same as HTML writes it", "pt-BR"),
    "dir": ("ltr or rtl", "ltr"),
}
"""What a template may say beside the lead's own attributes: meaning and example."""

PLAIN = (str, int, float, Decimal, bool, datetime, date, type(None))

_INVISIBLE = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Sender:
    """Who writes."""

    name: str
    address: str
    company: str
    postal_address: str


@dataclass(frozen=True)
class Links:
    """Where a letter leads. `unsubscribe` is None in letters that nobody can unsubscribe from, `confirm` in all but the one that asks.

    `confirm_by` is the last whole day on which that link works, on the lead's calendar.
    """

    site: str
    unsubscribe: str | None = None
    confirm: str | None = None
    confirm_by: date | None = None


@dataclass(frozen=True)
class RepData:
    """The rep as a lead and a card see them. `zone` is an IANA name."""

    name: str
    address: str
    title: str | None = None
    phone: str | None = None
    zone: str = "UTC"


@dataclass(frozen=True)
class MeetingData:
    """A meeting. Instants are aware; zones are IANA names. `needs_call`: the rep must tell the lead that it is off, no mail does."""

    starts_at: datetime
    ends_at: datetime
    lead_zone: str
    rep_zone: str
    location: str | None = None
    needs_call: bool = False


@dataclass(frozen=True)
class MarketData:
    """What the lead's market says of writing there; `currency` an ISO 4217 code, `price` the list price in it, None: none is known."""

    currency: str | None = None
    approach: str = "direct"
    price: Decimal | None = None


@dataclass(frozen=True)
class AssetData:
    """What a lead may read next. `title` is in the letter's language, `address` whole, `topic` None where it has none."""

    name: str
    title: str
    address: str
    topic: str | None = None


@dataclass(frozen=True)
class ReasonData:
    """One reason of a score: the rule's name, its points, and what the rule saw."""

    name: str
    points: Decimal | int
    evidence: str = ""


@dataclass(frozen=True)
class ScoreData:
    """A score in points, not hundredths."""

    total: Decimal | int
    fit: Decimal | int
    engagement: Decimal | int
    grade: str
    reasons: Sequence[ReasonData] = field(default_factory=tuple)


@dataclass(frozen=True)
class HandoffData:
    """What a card says about the handoff itself. `accept_by` is aware: until when the rep has promised to answer; None: no promise runs.

    `corrected`: the score without what turned out to be a machine's, in points; None in all letters but the note that tells it.
    """

    id: int
    because: str
    accept: str
    reject: str
    accept_by: datetime | None = None
    corrected: Decimal | int | None = None


def letter_data(
    lead: Mapping[str, Any],
    sender: Sender,
    links: Links,
    *,
    fields: Iterable[str] = (),
    rep: RepData | None = None,
    meeting: MeetingData | None = None,
    score: ScoreData | None = None,
    handoff: HandoffData | None = None,
    market: MarketData | None = None,
    next_asset: AssetData | None = None,
    answers: Mapping[str, bool] | None = None,
) -> dict[str, Any]:
    """Return the data of one letter, as the module says it.

    `lead` maps attribute names to values (columns and `more` together); of it only LEAD_FIELDS and `fields`, the names that
    fields.toml declares, get through. Texts are cleaned: one line, no control and no direction characters, so that no
    value can forge a line, a header or the order of what stands around it. A value that is blank is None. `answers` are those
    to the letter's `when("…")`, by their text; `market` None: none applies.
    """
    about = {"rep": rep, "meeting": meeting, "score": score, "handoff": handoff, "next_asset": next_asset}
    return {
        "lead": lead_data(lead, fields),
        "sender": dict(_cleaned_flat(sender)),
        "link": vars(links).copy(),
        "market": dict(_cleaned_flat(market or MarketData())),
        "preheader": None,
        "answers": dict(answers or {}),
    } | {name: _cleaned(part) for name, part in about.items()}


def lead_data(lead: Mapping[str, Any], fields: Iterable[str] = ()) -> dict[str, Any]:
    """Return what `letter_data` says of the lead itself."""
    return {name: _cleaned(lead.get(name)) for name in dict.fromkeys((*LEAD_FIELDS, *fields))}


@lru_cache(maxsize=64)
def _cleaned_flat(part: Sender | MarketData) -> Mapping[str, Any]:
    """Return what many letters share, cleaned once."""
    return MappingProxyType({name: _cleaned(value) for name, value in vars(part).items()})


def _cleaned(value: Any) -> Any:
    if is_dataclass(value):
        return {name: _cleaned(each) for name, each in vars(value).items()}
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    if isinstance(value, str):
        plain = str.__str__(value)  # an enum's value; and never a text that calls itself markup
        if plain.isascii() and plain.isprintable() and "  " not in plain:
            return plain.strip() or None
        return _BLANK.sub(" ", _INVISIBLE.sub("", plain)).strip() or None
    if isinstance(value, PLAIN):
        return value
    raise TypeError(f"a letter holds plain data, and {type(value).__name__} is not")
