"""The sample that previews and checks are written with: a lead, rep, meeting and score that exist nowhere."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ripeline.letter.data import AssetData, HandoffData, Links, MarketData, MeetingData, ReasonData, RepData, ScoreData, Sender, letter_data

SAMPLE_PRICE = Decimal("12.00")

SAMPLE_LEAD: Mapping[str, Any] = {
    "address": "ada@spreewerk.example", "first_name": "Ada", "last_name": "Neumann", "company": "Spreewerk", "title": "VP Operations", "seniority": "vp",
    "industry": "Technology", "employees": 200, "country": "DE", "region": "BE", "city": "Berlin",
    "phone": "+49 30 1234", "locale": "de", "zone": "Europe/Berlin",
}  # fmt: skip
"""Ada of tests/people.py, as plain data."""


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
            datetime(2026, 3, 2, 14, 30, tzinfo=UTC), Decimal("61.50"),
        ),
        market=MarketData("EUR", price=SAMPLE_PRICE),
        # A title in no catalogue: those of content.toml are translated before they come here, or not offered.
        next_asset=AssetData("approvals-case", "A sample of what to read", f"{site}/cases/approvals", "approvals"),
    )  # fmt: skip
