"""`ripeline scorecard fit`: the card judged on the past of the real base, on the terminal, as a page and for programs."""

from pathlib import Path

import pytest
from commands import Run

GOAL = ("--goal", "did('webinar_attended')")
THEN = ("--at", "2026-02-26T10:00:00Z", "--within", "4 days")
"""Ada came to webinars in these days, and nobody else did; all five were known since February 1st."""


def test_programs_get_bands_rules_and_segments(seen: Run, tmp_path: Path) -> None:
    answer = seen("scorecard", "fit", *GOAL, *THEN, "--json", "--html", tmp_path / "fit.html")

    told = answer.told
    assert (told["leads"], told["converted"], told["had_converted"]) == (5, 1, 0)
    assert sum(band["leads"] for band in told["bands"]) == 5
    decides = next(rule for rule in told["rules"] if rule["name"] == "Decides")
    assert (decides["given"]["leads"], decides["given"]["converted"], decides["verdict"]) == (2, 1, "cannot be told from zero")
    page = (tmp_path / "fit.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "@example.com" not in page


def test_people_read_intervals_marks_and_how_it_was_judged(seen: Run) -> None:
    answer = seen("scorecard", "fit", *GOAL, *THEN)

    assert answer.exit_code == 0
    for words in ("Conversion by score", "Conversion by grade", "Lift of every rule", "cannot be told from zero", "always score low", "Wilson (1927)"):
        assert words in answer.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--goal", "did('meeting')"), "meeting_booked", id="an event nobody declared"),
        pytest.param((*GOAL, "--at", "2099-01-01T00:00Z"), "still to come", id="a window that ends in the future"),
        pytest.param((*GOAL, "--at", "2020-01-01T00:00Z"), "no lead was known yet", id="a cut-off before everybody"),
        pytest.param((*GOAL, "--within", "soon"), "is not a duration", id="a span that is none"),
        pytest.param((*GOAL, "--within", "0 days"), "no time at all", id="a span of nothing"),
        pytest.param((*GOAL, "--within", "2 business days"), "needs a calendar", id="a span that hangs on a calendar"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_words(seen: Run, words: tuple[str, ...], said: str) -> None:
    answer = seen("scorecard", "fit", *words)

    assert answer.exit_code == 2
    assert said in answer.said
