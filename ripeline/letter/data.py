"""What a template may say: plain, documented data, built here and nowhere else.

Every name below is always there; what is not known is None. A template that shows None is refused, `|default("…")` and
`{% if … %}` are the ways out; a name that is not listed here is a typo and refused everywhere.

    lead.<field>           every lead attribute of playbook/fields.toml, as `ripeline fields` lists them
    sender.name            name in From, such as "Nora at Tidewerk"
    sender.address         address in From
    sender.company         legal name of the sender
    sender.postal_address  postal address of the sender, parts separated by commas
    link.site              address of the website, without a slash at the end
    link.unsubscribe       the lead's own way out; None in letters to reps
    link.confirm           where the lead confirms its address, in the letter that asks for it; None in all others
    link.confirm_by        the last day on which that works: show it by |date
    rep.name rep.address rep.title rep.phone rep.zone           whom the lead is handed to; rep.zone is an IANA name
    meeting.starts_at meeting.ends_at                           instants: show them by |datetime(meeting.lead_zone)
    meeting.lead_zone meeting.rep_zone                          IANA names
    meeting.location                                            where, or a link to join
    meeting.needs_call                                          in cancellations: the lead is invited, and no mail of ours says that it is off
    score.total score.fit score.engagement                      points as numbers
    score.grade                                                 such as A1
    score.reasons                                               list of {name, points, evidence}, the heaviest first
    handoff.id handoff.because handoff.accept handoff.reject    why this rep; the two commands or links that answer
    handoff.accept_by                                           until when: show it by |datetime(rep.zone)

`rep`, `meeting`, `score` and `handoff` are None in letters that are not about a handoff.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

LEAD_FIELDS = (
    "address", "first_name", "last_name", "company", "title", "seniority", "industry", "employees", "country", "region", "city", "phone", "locale", "zone",
)  # fmt: skip
"""The attributes every lead has a column for; `letter_data` adds what fields.toml declares beside them."""

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
    """What a card says about the handoff itself. `accept_by` is aware: until when the rep has promised to answer; None: no promise runs."""

    id: int
    because: str
    accept: str
    reject: str
    accept_by: datetime | None = None


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
) -> dict[str, Any]:
    """Return the data of one letter, as the module says it.

    `lead` maps attribute names to values (columns and `more` together); of it only LEAD_FIELDS and `fields`, the names that
    fields.toml declares, get through. Texts are cleaned: one line, no control and no direction characters, so that no
    value can forge a line, a header or the order of what stands around it. A value that is blank is None.
    """
    about = {"rep": rep, "meeting": meeting, "score": score, "handoff": handoff}
    return {
        "lead": {name: _cleaned(lead.get(name)) for name in dict.fromkeys((*LEAD_FIELDS, *fields))},
        "sender": _cleaned(asdict(sender)),
        "link": asdict(links),
    } | {name: None if part is None else _cleaned(asdict(part)) for name, part in about.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    if isinstance(value, str):
        plain = str.__str__(value)  # an enum's value; and never a text that calls itself markup
        return _BLANK.sub(" ", _INVISIBLE.sub("", plain)).strip() or None
    if isinstance(value, PLAIN):
        return value
    raise TypeError(f"a letter holds plain data, and {type(value).__name__} is not")


def sample_data(lead: Mapping[str, Any] | None = None, *, site: str = "https://www.example.com", fields: Iterable[str] = ()) -> dict[str, Any]:
    """Return the data previews and checks are written with: a lead, rep, meeting and score that exist nowhere.

    What `lead` holds stands in place of the sample's own attributes.
    """
    return letter_data(
        dict(SAMPLE_LEAD) | dict(lead or {}),
        Sender("Nora at Tidewerk", "nora@tidewerk.example", "Tidewerk BV", "Keizersgracht 1, 1015 CN Amsterdam, Netherlands"),
        Links(site, f"{site}/unsubscribe/sample-token", f"{site}/confirm/sample-token", date(2026, 3, 16)),
        fields=fields,
        rep=RepData("Ingrid Dahl", "ingrid@tidewerk.example", "Account Executive", "+47 22 12 34 56", "Europe/Oslo"),
        meeting=MeetingData(
            datetime(2026, 3, 4, 9, 30, tzinfo=UTC), datetime(2026, 3, 4, 10, 0, tzinfo=UTC), "Europe/Berlin", "Europe/Oslo", "https://meet.tidewerk.example/ingrid"
        ),
        score=ScoreData(
            Decimal("82.50"), 40, Decimal("42.50"), "A2",
            (ReasonData("Decision maker", 20, "vp"), ReasonData("Came back to pricing", 15, "/pricing, 2 times"), ReasonData("Silent for a month", -10)),
        ),
        handoff=HandoffData(
            7, "Speaks German; fewest open hand-offs", "ripeline handoff accept 7", "ripeline handoff reject 7 --reason …",
            datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
        ),
    )  # fmt: skip


SAMPLE_LEAD: Mapping[str, Any] = {
    "address": "ada@spreewerk.example", "first_name": "Ada", "last_name": "Neumann", "company": "Spreewerk", "title": "VP Operations", "seniority": "vp",
    "industry": "Technology", "employees": 200, "country": "DE", "region": "BE", "city": "Berlin",
    "phone": "+49 30 1234", "locale": "de", "zone": "Europe/Berlin",
}  # fmt: skip
"""Ada of tests/people.py, as plain data."""
