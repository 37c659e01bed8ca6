"""The words of a report: what the terminal and the page both say, so that they cannot disagree."""

from collections.abc import Mapping

from ripeline.report.grid import Grid
from ripeline.report.numbers import CoverageLine, Numbers

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
        return f"{numbers.leads:,} leads, and no mail since {numbers.since:%-d %B %Y}"
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


def coverage(numbers: Numbers) -> Grid:
    """Return the rules that ask for coverage, those that are left out first."""
    thin = [line.rule for line in numbers.coverage if line.is_thin]
    told = f"Too few leads have what {_listed(thin)} asks for." if thin else "Of enough leads everything is known that a rule asks for."
    about = f"{told} Such a rule is handled as the card says (when_thin), in every market alike; the shares within each tell where to fill."
    rows = [_covered(line) for line in sorted(numbers.coverage, key=lambda line: not line.is_thin)]
    return Grid("What the card asks for, and how much is known", about, ("Rule", "Attribute", "#Needs", "#Known", "Within each market", "So it"), rows)


def _covered(line: CoverageLine) -> tuple[str, ...]:
    return line.rule, line.attribute, f"{line.needs:.0%}", f"{line.known:.1%}", _shares(line.by_market), line.standing


def _shares(by_market: Mapping[str, float]) -> str:
    return ", ".join(f"{market or 'in none'} {share:.1%}" for market, share in sorted(by_market.items(), key=lambda pair: pair[1]))


def _listed(rules: list[str]) -> str:
    return " and ".join(f"‘{rule}’" for rule in rules)


def points(hundredths: int) -> str:
    """Return hundredths as points: 7550 → 75.5."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def plain(word: str) -> str:
    """Return a stored word as people read it."""
    return word.replace("_", " ")
