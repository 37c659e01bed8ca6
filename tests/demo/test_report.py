"""The report says the same on a terminal and on a page, and the page needs nothing from anywhere."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console

from ripeline.report.numbers import CoverageLine, HandoffLine, Numbers, Sample
from ripeline.report.page import report_page
from ripeline.report.terminal import show_report
from ripeline.report.words import points

wall = datetime.fromisoformat  # a wall clock has no zone

NUMBERS = Numbers(
    since=datetime(2026, 3, 2, tzinfo=UTC),
    until=datetime(2026, 3, 12, tzinfo=UTC),
    leads=3,
    events=12,
    stages={"lead": {"C3": 2}, "marketing_qualified": {"A1": 1}},
    on_hold=1,
    tracks={"awareness": 2, "decision": 1},
    states={"accepted": 5, "suppressed": 1},
    held_back={"unsubscribed": 1},
    without_consent=1,
    by_locale={"de": 4, "en": 1},
    fallback={"el": 1},
    by_local_hour={9: 4, 16: 1},
    by_utc_hour={0: 1, 8: 4},
    window=(9, 17),
    zones=2,
    handoffs=[HandoffLine("Ingrid", 7, "NO", 7550, "A1", "offered", wall("2026-03-05T09:30"), "Europe/Oslo", wall("2026-03-05T03:30"), "America/New_York")],
    runs={"deliver": 240},
    coverage=[CoverageLine("Company size", "employees", 0.2, 0.125, {"jp": 0.1, "": 0.25}, "left out")],
)
MAIL = Sample(
    "One letter", "مرحبا", "Nora <nora@tidewerk.example>", "ar", "rtl", "نص", '<html dir="rtl"><script>alert("hi")</script></html>', file="demo/mail/1.eml"
)


def _printed(numbers: Numbers, **more: object) -> str:
    out = StringIO()
    show_report(Console(file=out, width=160, force_terminal=False), numbers, **more)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        "5 letters in 2 languages",
        "Ingrid",
        "Thu 5 Mar",
        "09:30",
        "03:30",
        "America/New_York",
        "unsubscribed",
        "Marketing qualified",
        "Company size",
        "12.5%",
        "jp 10.0%, in none 25.0%",
    ],
)
def test_terminal_and_page_tell_the_same(words: str) -> None:
    page = re.sub(r"<[^>]+>", " ", report_page(NUMBERS))

    assert words in _printed(NUMBERS)
    assert words in page


def test_the_page_lists_every_hand_off_with_its_score() -> None:
    page = re.sub(r"<[^>]+>", " ", report_page(NUMBERS))

    assert re.search(r"Ingrid\s+7\s+NO\s+75\.5\s+A1\s+offered", page)


def test_whoever_objected_has_the_word_where_the_score_stood() -> None:
    objected = replace(NUMBERS.handoffs[0], total=None, grade=None, withheld="objected to profiling on 2026-03-01")
    page = re.sub(r"<[^>]+>", " ", report_page(replace(NUMBERS, objected=1, handoffs=[objected])))

    assert re.search(r"Ingrid\s+7\s+NO\s+objected to profiling on 2026-03-01\s+offered", page)
    assert "1 objected to profiling and have no score" in page


def test_the_page_fetches_nothing() -> None:
    page = report_page(NUMBERS, MAIL, commands=[("ripeline explain 7", "why")])

    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "default-src 'none'" in page


def test_a_mails_html_is_shut_in_a_frame_where_it_can_run_nothing() -> None:
    page = report_page(NUMBERS, MAIL)

    assert '<iframe sandbox=""' in page
    assert "<script>" not in page


def test_a_subject_keeps_its_own_direction() -> None:
    assert '<dd dir="auto">مرحبا</dd>' in report_page(NUMBERS, MAIL)


def test_a_rep_called_like_markup_stays_text() -> None:
    rep = replace(NUMBERS, handoffs=[replace(NUMBERS.handoffs[0], rep="<b>[bold]Ann")])

    assert "&lt;b&gt;" in report_page(rep)
    assert "<b>[bold]Ann" in _printed(rep)


def test_every_tag_of_the_page_is_closed() -> None:
    parser = _Balance()

    parser.feed(report_page(NUMBERS, MAIL, MAIL, [("ripeline leads", "all of them")]))

    assert parser.open == []


def test_a_database_without_mails_in_these_days_still_makes_a_report() -> None:
    nothing = Numbers(since=NUMBERS.since, until=NUMBERS.until)

    assert f"0 leads, and no mail since {NUMBERS.since:%-d %B %Y}" in report_page(nothing)
    assert "nobody was ready yet" in _printed(nothing)


@pytest.mark.parametrize(("hundredths", "shown"), [(7550, "75.5"), (7500, "75"), (1, "0.01"), (0, "0")])
def test_points_are_shown_as_people_write_them(hundredths: int, shown: str) -> None:
    assert points(hundredths) == shown


class _Balance(HTMLParser):
    alone = frozenset(("meta", "rect", "line"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.alone:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """Leave the balance as it is."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
