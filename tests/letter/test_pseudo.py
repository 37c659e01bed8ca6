"""A language that nobody speaks shows what is not translated, and what does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.letter.catalogue import placeholders
from ripeline.letter.pseudo import ACCENTED, MIRRORED, accented, mirrored, pseudo_files, untranslated
from ripeline.letter.sample import sample_data
from ripeline.letter.sheet import Print, contact_sheet
from ripeline.letter.writing import complete_locales, write_letter


@pytest.mark.parametrize(("text", "expected"), [
    pytest.param("Read on", "⟦Rééááđ ööñ⟧", id="longer and accented"),
    pytest.param("Hello %(name)s, 100%%", "⟦Hééļļöö %(name)s, 100%%⟧", id="placeholders stay"),
    pytest.param("<b>Go</b> &amp; see", "⟦<b>Göö</b> &amp; šéééé⟧", id="tags and entities stay"),
])  # fmt: skip
def test_a_text_becomes_pseudo(text: str, expected: str) -> None:
    assert accented(text) == expected


@given(st.text(st.characters(codec="ascii", exclude_characters="%<>&"), max_size=40))
@tried(30)
def test_pseudo_texts_keep_their_placeholders_and_grow(text: str) -> None:
    whole = text + " %(name)s"

    for write in (accented, mirrored):
        assert placeholders(write(whole)) == {"name"}
        assert len(write(whole)) > len(whole)


def test_every_letter_is_complete_in_both_pseudo_locales(small: dict[str, str]) -> None:
    files = pseudo_files(small)

    assert {ACCENTED, MIRRORED} <= set(complete_locales(files, "email/hello"))
    letter = write_letter(files, "email/hello", ACCENTED, sample_data())
    assert letter.subject == "⟦Hééļļöö Ada,⟧"
    assert 'dir="rtl"' in write_letter(files, "email/hello", MIRRORED, sample_data()).html


def test_words_written_bare_are_found_and_nothing_else(small: dict[str, str]) -> None:
    small["templates/email/hello/body.txt"] += "\nSee you soon\n{{ meeting.starts_at|date('Europe/Berlin', 'full') }}"

    letter = write_letter(pseudo_files(small), "email/hello", ACCENTED, sample_data())

    assert "See you soon" in list(untranslated(letter, sample_data()))
    assert not any("March" in text or "Hééļļöö" in text for text in untranslated(letter, sample_data()))


def test_a_contact_sheet_shows_every_letter_and_says_what_falls_back() -> None:
    sheet = contact_sheet([Print("email/hello", "ar", '<b>"Hi"', "So.", "hello.ar.html")], {"email/hello": ["ko"]})

    assert '<iframe src="hello.ar.html" loading="lazy" sandbox=""' in sheet
    assert '<b lang="ar" dir="rtl">&lt;b&gt;&quot;Hi&quot;</b>' in sheet
    assert '<span lang="ar" dir="rtl">So.</span>' in sheet
    assert "Falls back as a whole in: ko" in sheet
