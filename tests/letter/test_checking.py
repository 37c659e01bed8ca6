"""What the check of letters finds, one fault at a time."""

from collections.abc import Callable

import pytest

from ripeline.letter.check import confined_faults, letter_faults
from ripeline.letter.check.rendered import LONGEST_PART
from ripeline.letter.folder import templates_in

Files = dict[str, str]
Change = Callable[[str], str]

SUBJECT, BODY, MJML = (f"templates/email/hello/{name}" for name in ("subject.txt", "body.txt", "body.mjml"))
FRAME, DE = "templates/frame.mjml", "locales/de/LC_MESSAGES/messages.po"


def _faults(files: Files, *, warnings: bool = False) -> list[str]:
    return [str(fault) for fault in letter_faults(files) if fault.is_warning == warnings]


def _adding(words: str) -> Change:
    """Return a change that puts words into the HTML, in a text of their own."""
    return lambda text: text.replace("{% endblock %}", f"<mj-text>{words}</mj-text>{{% endblock %}}")


def test_a_sound_playbook_has_no_fault(small: Files) -> None:
    assert (_faults(small), _faults(small, warnings=True)) == ([], [])


def test_letters_and_pages_are_found_and_what_they_share_is_not(small: Files) -> None:
    small |= {"templates/email/_base/parts.txt": "", "templates/web/frame.html": "", "templates/web/bye.html": "", "templates/handoff/card/subject.txt": ""}

    assert templates_in(small) == ("email/hello", "handoff/card", "web/bye.html")


MISTAKES = [
    pytest.param(BODY, lambda text: text + "{{ lead.cty }}",
                 "email/hello/body.txt:7  for the sample lead, in de: lead.cty: nothing is called 'cty'", id="a typo"),
    pytest.param(BODY, lambda text: text + "{{ lead.city }}", "for a lead of whom nothing is known, in de: lead.city has no value", id="a value some lack"),
    pytest.param(BODY, lambda text: text + """{% if not when("total > 50") %}{{ lead.cty }}{% endif %}""", "where total > 50 does not hold, in de: lead.cty",
                 id="a typo on a branch that few reach"),
    pytest.param(BODY, lambda text: text + "{{ next_asset.title }}", "for a lead with nothing to read next", id="nothing left to offer"),
    pytest.param(BODY, lambda text: text.replace("{{ link.unsubscribe }}", ""), "body.txt:1  for the sample lead, in de: the text part lacks the unsub",
                 id="no way out in the text"),
    pytest.param(MJML, lambda text: text.replace("{{ link.unsubscribe }}", "https://x.example"), "the HTML part lacks the unsubscribe link", id="none in HTML"),
    pytest.param(BODY, lambda text: text.replace("{{ sender.postal_address }}", ""), "the text part lacks the postal address", id="no postal address"),
    pytest.param(MJML, lambda text: text.replace("/imprint", "/print"), "the HTML part lacks the imprint", id="no imprint"),
    pytest.param(BODY, lambda text: text + "\nhttps://x.example/only-here", "body.txt:8  for the sample lead, in de: text and HTML lead to different places",
                 id="a link in one part"),
    pytest.param(BODY, lambda text: text.replace("/guide", "/guide?from=text"), "text and HTML count a link differently", id="a link counted in one part"),
    pytest.param(MJML, _adding('<a href="http://www.example.com/guide">a</a>'), "body.mjml:1  <a> leads to 'http://www.example.com/guide', and not to https://",
                 id="a link without https"),
    pytest.param(FRAME, lambda text: text.replace('dir="{{ dir }}"', ""), "does not say its lang and dir", id="no direction"),
    pytest.param(FRAME, lambda text: text.replace("{{ lang }}", "en"), "in de: the HTML does not say its lang and dir", id="a fixed language"),
    pytest.param(MJML, _adding("x" * LONGEST_PART), "the HTML is over 102,400 bytes", id="too long an HTML part"),
    pytest.param(BODY, lambda text: text + "x" * LONGEST_PART, "the text is over 102,400 bytes", id="too long a text part"),
    pytest.param(BODY, lambda text: text + "{{ 'a' * 9 }}", "join texts with ~", id="an operation on text"),
    pytest.param(SUBJECT, lambda text: "{{ lead.company|default(0) }} and more", "subject.txt:1  for 300 letters without a blank, in de: the subject has 309",
                 id="a subject as long as a name"),
    pytest.param(SUBJECT, lambda text: "Hi", "the subject has 2 characters, under 3", id="a subject too short"),
    pytest.param(SUBJECT, lambda text: "{% extends 'nowhere' %}", "no template 'nowhere'", id="a parent that is not there"),
    pytest.param(MJML, lambda text: text + "\n\n<mj-text>lost</mj-text>", "body.mjml:3  this stands outside of every block", id="words that nobody would see"),
    pytest.param(BODY, lambda text: text + "{% call pont() %}x{% endcall %}", "no macro 'pont' is here to call", id="a macro that is none"),
    pytest.param(MJML, _adding('<img src="https://x.example/a.png" />'), "body.mjml:1  <img> has no alt", id="a picture without alt"),
    pytest.param(MJML, _adding("<span title=a>b</span>"), "<span> has title without quotes", id="an attribute without quotes"),
    pytest.param(MJML, lambda text: text.replace("<mj-text>", '<mj-text colour="red">', 1),
                 "<mj-text> has no attribute 'colour', and MJML would drop it in silence. Did you mean 'color'?", id="an MJML attribute that is none"),
    pytest.param(MJML, lambda text: text.replace("mj-button", "mj-buton"), "MJML has no <mj-buton>. Did you mean 'mj-button'?", id="an MJML tag that is none"),
    pytest.param(MJML, _adding('<p style="color: #cccccc">faint</p>'), "body.mjml:1  for the sample lead, in de: 'faint' reads badly: contrast 1.6",
                 id="faint words"),
    pytest.param(MJML, _adding("Weiterlesen"), "in en: 'Weiterlesen' is de, and the letter is en", id="a footer in another language"),
    pytest.param(BODY, lambda text: text + "\n\u202eHello", "a mark turns the whole line round", id="a line turned round"),
    pytest.param(BODY, lambda text: text + "\n\u2068Hello", "directions are not balanced", id="an isolate left open"),
    pytest.param(BODY, lambda text: text + "\nSay \u05e9\u05dc\u05d5\u05dd", "directions are mixed", id="Hebrew in a German letter"),
    pytest.param(DE, lambda text: text.replace("Guten Tag %(name)s", "Guten Tag"), "messages.po:6  'Guten Tag,' has no placeholder, its original %(name)s",
                 id="a lost placeholder"),
    pytest.param(DE, lambda text: text.replace('"%(count)s Tage"', '""'), "'one day' has 1 of the 2 plural forms that de needs", id="a missing plural form"),
    pytest.param(DE, lambda text: text.replace('"Weiterlesen"', '"\u2068Weiterlesen"'), "an isolate that is opened and not closed",
                 id="an isolate in a translation"),
    pytest.param(DE, lambda text: text.replace('"Weiterlesen"', '"<b>Weiterlesen</b>"'), "other tags than its original", id="a tag in a translation"),
    pytest.param(DE, lambda text: text + "nonsense", "not a catalogue gettext understands", id="a broken catalogue"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "change", "what"), MISTAKES)
def test_a_fault_is_found(small: Files, path: str, change: Change, what: str) -> None:
    small[path] = change(small[path])

    faults = _faults(small)
    assert any(what in fault for fault in faults), faults


def test_a_variant_for_no_locale_is_found(small: Files) -> None:
    small["templates/email/hello/body.jp.txt"] = "x"

    assert "'jp' is no locale, so nobody would get this file" in _faults(small)[0]


def test_a_line_that_begins_in_the_other_direction_is_found(small: Files) -> None:
    small |= {f"templates/email/hello/{name}": "\u05e9\u05dc\u05d5\u05dd" for name in ("subject.he.txt", "body.he.html")}
    small["templates/email/hello/body.he.txt"] = "PDF \u05e9\u05dc\u05d5\u05dd"

    assert any("body.he.txt:1" in fault and "begins in the other direction" in fault for fault in _faults(small))


WARNINGS = [
    pytest.param(FRAME, lambda text: text.replace("color-scheme", "x"), "does not say that it knows dark mode", id="no word of dark mode"),
    pytest.param(FRAME, lambda text: text.replace(' background-color="#ffffff"', ""), "'Title' vanishes in dark mode: it has a colour of its own (#000000)",
                 id="dark words without a ground"),
    pytest.param(SUBJECT, lambda text: "READ THIS NOW PLEASE", "the subject shouts in capitals", id="capitals"),
    pytest.param(SUBJECT, lambda text: "Read this!!", "more than one exclamation", id="exclamation marks"),
    pytest.param(SUBJECT, lambda text: "Re: our call", "pretends to be an answer", id="a false answer"),
    pytest.param(SUBJECT, lambda text: "100% free for you", "a word filters count", id="a word filters count"),
    pytest.param(BODY, lambda text: text + "\nClick here", "a link that does not say where it leads", id="click here"),
    pytest.param(MJML, _adding('<a href="https://bit.ly/x">a</a>'), "a link shortener", id="a link shortener"),
    pytest.param(MJML, _adding('<a href="https://192.0.2.1/x">a</a>'), "a link to a bare number", id="a bare number"),
    pytest.param(MJML, _adding('<span style="font-size:0">x</span>'), "'x' is text of size nought", id="text of size nought"),
    pytest.param(MJML, _adding('<span style="display:none">x</span>'), "hidden text", id="hidden text"),
    pytest.param(MJML, _adding("<form></form>"), "<form>: Gmail, Outlook and Yahoo", id="a form"),
    pytest.param(MJML, _adding('<p style="display: flex">x</p>'), "flex and grid", id="flex"),
    pytest.param(MJML, _adding('<img alt="" src="https://x.example/a.webp" />'), "WebP and AVIF", id="WebP"),
    pytest.param(MJML, _adding('<p style="width: 2rem">x</p>'), "units rem, vw and vh", id="rem"),
    pytest.param("templates/email/hello/body.de.mjml", lambda text: "<mjml></mjml>", "has words of its own in de, and the text", id="half a variant"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "change", "what"), WARNINGS)
def test_a_habit_is_warned_of(small: Files, path: str, change: Change, what: str) -> None:
    small[path] = change(small.get(path, ""))

    warnings = _faults(small, warnings=True)
    assert any(what in warning for warning in warnings), warnings


def test_the_same_fault_is_told_once(small: Files) -> None:
    small[BODY] += "{{ lead.cty }}"

    (fault,) = _faults(small)

    assert fault.endswith("The same in 25 other cases.")


def test_the_check_in_processes_of_their_own_finds_the_same(small: Files) -> None:
    small[BODY] += "{{ lead.cty }}"
    told: list[tuple[int, int]] = []

    found = confined_faults(small, processes=1, progress=lambda done, total: told.append((done, total)))

    assert [str(fault) for fault in found] == [str(fault) for fault in letter_faults(small)]
    assert told == [(1, 2), (2, 2)]
