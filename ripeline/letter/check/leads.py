"""Whom letters are checked with: leads that are all legal and all dangerous, and the answers that take a letter through each of its branches."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import product
from typing import Any

from ripeline.letter.data import MarketData, lead_data
from ripeline.letter.sample import SAMPLE_LEAD, sample_data

NOTHING_KNOWN = "a lead of whom nothing is known"

HOSTILE_LEADS: Mapping[str, Mapping[str, Any]] = {
    NOTHING_KNOWN: dict.fromkeys(SAMPLE_LEAD),
    "a lead without a first name": {"first_name": None},
    "a lead without a family name": {"last_name": None},
    "a name that is a template": {"first_name": "{{7*7}}", "last_name": "{% raw %}", "company": "{{ lead }}"},
    "a name that is a script": {"first_name": "<script>alert(1)</script>", "last_name": "\"><img src=x onerror=alert(1)>", "company": "A & B </td></table>"},
    "a name that is a placeholder": {"first_name": "%(first_name)s %s %%", "last_name": "%n", "company": "100%"},
    "an emoji family": {"first_name": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "last_name": "\U0001f3f4\U000e0067\U000e0062\U000e007f"},
    "300 letters without a blank": dict.fromkeys(("first_name", "last_name", "company", "title", "industry", "city"), "x" * 300),
    "the longest values": dict.fromkeys(("first_name", "last_name", "company", "title", "industry", "city"), "Wolfeschlegelsteinhausen " * 8),
    "an Arabic name": {"first_name": "محمد", "last_name": "الأحمد", "company": "شركة النور"},
    "a name that turns lines round": {"first_name": "\u202egnorw", "last_name": "\u2066open", "company": "a\r\nBcc: b@example.com"},
}  # fmt: skip
"""Leads by what they try."""

SAMPLE = "the sample lead"
SOMEBODY = "somebody on a branch that none of these leads takes"
CARD = "handoff/card"
"""The letter that may be about a handoff without a meeting."""

ALL_ANSWERS = 4
"""Up to so many conditions are answered in every combination; above, each is turned by itself."""


def cases(template: str, fields: Iterable[str], conditions: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give name and data of everybody a letter is written for: the sample lead first, once for each branch; then the hostile ones."""
    declared = tuple(fields)
    sample = sample_data(fields=declared)
    for what, answers in _answered(conditions):
        yield f"{SAMPLE}{what}", sample | {"answers": answers}
    bare = {"answers": dict.fromkeys(conditions, False), "next_asset": None, "market": asdict(MarketData())}
    if template == CARD:
        bare["meeting"] = None
    yield "a lead with nothing to read next, no market and no meeting", sample | bare
    for what, lead in HOSTILE_LEADS.items():
        yield what, sample | {"lead": lead_data({**SAMPLE_LEAD, **lead}, declared), "answers": dict.fromkeys(conditions, True)}


def _answered(conditions: tuple[str, ...]) -> Iterator[tuple[str, dict[str, bool]]]:
    if len(conditions) <= ALL_ANSWERS:
        combinations = [dict(zip(conditions, answers, strict=True)) for answers in product((True, False), repeat=len(conditions))]
    else:
        every = dict.fromkeys(conditions, True)
        combinations = [every, dict.fromkeys(conditions, False), *(every | {condition: False} for condition in conditions)]
    for answers in combinations:
        denied = [condition for condition, holds in answers.items() if not holds]
        yield "".join(f", where {condition} does not hold" for condition in denied), answers
