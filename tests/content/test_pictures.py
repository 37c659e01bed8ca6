"""Pictures of letters when the browser does not answer: it is let go, and the letter taken again, once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import screenshots.__main__ as screens
from ripeline.values import Refusal
from screenshots.browser import LOOKS

late = pytest.importorskip("playwright.sync_api").TimeoutError


class Page:
    """A page that does not answer as often as it was told."""

    def __init__(self, silences: list[bool]) -> None:
        self._silences = silences

    def goto(self, address: str) -> None:
        """Be there."""

    def screenshot(self, **_: Any) -> None:
        """Take a picture, or be silent."""
        if self._silences and self._silences.pop(0):
            raise late("no answer")

    def evaluate(self, _: str) -> list[str]:
        """Return that all fits."""
        return []


@pytest.fixture
def browsers(monkeypatch: pytest.MonkeyPatch) -> list[list[bool]]:
    """Give a list of how the next browsers answer, a picture each: True is silence. Those that are not in it answer."""
    told: list[list[bool]] = []

    @contextmanager
    def fake() -> Iterator[dict[Any, Page]]:
        yield {LOOKS[0]: Page(told.pop(0) if told else [])}

    monkeypatch.setattr(screens, "opened", fake)
    monkeypatch.setattr(screens, "LETTERS_A_BROWSER", 2)
    return told


LETTERS = [Path(f"/letters/{name}.html") for name in "abcde"]


def test_a_browser_takes_so_many_letters_and_each_is_taken_once(browsers: list[list[bool]], tmp_path: Path) -> None:
    assert [file for file, _, _ in screens.pictures(LETTERS, tmp_path)] == LETTERS


def test_a_letter_at_which_the_browser_is_silent_is_taken_again_in_another(browsers: list[list[bool]], tmp_path: Path) -> None:
    browsers += [[False, True], []]

    assert [file for file, _, _ in screens.pictures(LETTERS, tmp_path)] == LETTERS


def test_a_letter_at_which_two_are_silent_is_named(browsers: list[list[bool]], tmp_path: Path) -> None:
    browsers += [[True], [True]]

    with pytest.raises(Refusal, match=r"Chromium does not answer at a\.html, twice"):
        list(screens.pictures(LETTERS, tmp_path))
