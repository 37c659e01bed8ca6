"""The words of a report: what the terminal and the page both say, so that they cannot disagree."""

from ripeline.report.numbers import Numbers

STAGES = {
    "subscriber": "Subscriber",
    "lead": "Lead",
    "marketing_qualified": "Marketing qualified",
    "sales_accepted": "Sales accepted",
    "sales_qualified": "Sales qualified",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "disqualified": "Disqualified",
}
"""Stages in the funnel's order, as people call them."""


def headline(numbers: Numbers) -> str:
    """Return the one sentence to remember."""
    if not numbers.sent:
        return f"{numbers.leads:,} leads, and no mail yet"
    return f"{numbers.sent:,} letters in {len(numbers.by_locale)} languages, each at its reader’s own hour"


def period(numbers: Numbers) -> str:
    """Return the days the report covers, in UTC."""
    return f"{numbers.since:%-d %B %Y} to {numbers.until:%-d %B %Y}, UTC"


def figures(numbers: Numbers) -> list[tuple[str, str]]:
    """Return the key figures as label and value, most telling first."""
    return [
        ("leads", f"{numbers.leads:,}"),
        ("events behind their scores", f"{numbers.events:,}"),
        ("letters sent", f"{numbers.sent:,}"),
        ("languages", f"{len(numbers.by_locale)}"),
        ("time zones", f"{numbers.zones}"),
        ("letters outside the reader’s hours", f"{numbers.outside}"),
        ("hand-offs to sales", f"{len(numbers.handoffs)}"),
    ]


def points(hundredths: int) -> str:
    """Return hundredths as points: 7550 → 75.5."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def plain(word: str) -> str:
    """Return a stored word as people read it."""
    return word.replace("_", " ")
