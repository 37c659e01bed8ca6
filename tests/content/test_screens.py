"""Letters in a real browser: on a telephone, by night, from right to left, nothing runs over, is cut off or vanishes. `make screenshots` looks at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shipped import FILES

from ripeline.letter.check import HOSTILE_LEADS
from ripeline.letter.pseudo import ACCENTED, MIRRORED, pseudo_files
from ripeline.letter.sample import sample_data
from ripeline.letter.writing import letter_asks, write_letter
from ripeline.playbook.telling import declared_fields
from screenshots.browser import LOOKS, MISSING, Look, chromium, opened
from screenshots.fit import misfits

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason=MISSING),
    pytest.mark.xdist_group("chromium"),
]

NIGHT = next(look for look in LOOKS if look.name == "phone-dark")
DAY = next(look for look in LOOKS if look.name == "phone-light")


@pytest.fixture(scope="module")
def pages() -> "Iterator[dict[Look, Page]]":
    pytest.importorskip("playwright", reason=MISSING)
    with opened() as found:
        yield found


def _html(template: str, locale: str, lead: str | None = None) -> str:
    files = pseudo_files(FILES) if locale in (ACCENTED, MIRRORED) else FILES
    asset = {"name": "x", "title": "A guide to what one reads next, with a long title", "address": "https://www.example.com/x", "topic": None}
    answers = dict.fromkeys(letter_asks(files, template, locale).conditions, True)
    data = sample_data(HOSTILE_LEADS[lead] if lead else None, fields=declared_fields(files)) | {"answers": answers, "next_asset": asset}
    return write_letter(files, template, locale, data).html


@pytest.mark.parametrize(("template", "locale", "lead"), [
    pytest.param("email/industry-trends", "de", None, id="long German words, and something to read next"),
    pytest.param("email/compare-options", "ar", None, id="Arabic"),
    pytest.param("handoff/card", "ja", None, id="a card in Japanese"),
    pytest.param("handoff/card", "he", "300 letters without a blank", id="a card in Hebrew with words that have no blank"),
    pytest.param("email/book-a-call", ACCENTED, None, id="every text a third longer"),
])  # fmt: skip
def test_a_letter_fits_a_telephone_by_night(pages: "dict[Look, Page]", tmp_path: Path, template: str, locale: str, lead: str | None) -> None:
    assert _misfits(pages[NIGHT], tmp_path, _html(template, locale, lead)) == []


@pytest.mark.parametrize(("body", "look", "what"), [
    pytest.param('<p style="width: 500px">x</p>', DAY, "px wider than the screen", id="too wide a page"),
    pytest.param('<div style="width: 90px; overflow: hidden; white-space: nowrap">these words are longer</div>', DAY, "words are cut off: these", id="cut off"),
    pytest.param("<table><tr><td><div style='width: 28px'>unbreakable</div></td></tr></table>", DAY, "words run out of their box", id="out of its box"),
    pytest.param('<p style="position: relative; left: -50px">gone</p>', DAY, "words leave the screen: gone", id="off the screen"),
    pytest.param("<style>@media (prefers-color-scheme: dark) {body {background: #111}}</style><p style='color: #222'>faint</p>", NIGHT,
                 "words are hard to read: faint", id="dark on dark"),
])  # fmt: skip
def test_what_does_not_fit_is_found(pages: "dict[Look, Page]", tmp_path: Path, body: str, look: Look, what: str) -> None:
    found = _misfits(pages[look], tmp_path, f'<!doctype html><meta name="viewport" content="width=device-width"><body style="margin: 0">{body}</body>')

    assert any(what in each for each in found), found


def test_what_fits_and_what_nobody_sees_is_not_told(pages: "dict[Look, Page]", tmp_path: Path) -> None:
    assert _misfits(pages[NIGHT], tmp_path, "<p>fine</p><div style='display: none; width: 900px'>unseen</div>") == []


def _misfits(page: "Page", folder: Path, html: str) -> list[str]:
    (folder / "letter.html").write_text(html, encoding="utf-8")
    page.goto((folder / "letter.html").as_uri())
    return misfits(page)
