"""What the check of letters finds, one fault at a time."""

import pytest

from ripeline.letter.checking import LONGEST_BODY, letter_faults
from ripeline.letter.folder import templates_in

BODY = "templates/email/hello/body.txt"
MJML = "templates/email/hello/body.mjml"


def _faults(files):
    return [str(fault) for fault in letter_faults(files)]


def test_a_sound_playbook_has_no_fault(small):
    assert _faults(small) == []


def test_letters_and_pages_are_found_and_what_they_share_is_not(small):
    small |= {"templates/email/_base/parts.txt": "", "templates/web/frame.html": "", "templates/web/bye.html": "", "templates/handoff/card/subject.txt": ""}

    assert templates_in(small) == ("email/hello", "handoff/card", "web/bye.html")


@pytest.mark.parametrize(("path", "change", "what"), [
    pytest.param(BODY, lambda text: text + "{{ lead.cty }}", "email/hello/body.txt:6  for the sample lead, in de: lead.cty: nothing is called 'cty'",
                 id="a typo"),
    pytest.param(BODY, lambda text: text + "{{ lead.city }}", "for a lead of whom nothing is known, in de: lead.city has no value",
                 id="a value some leads lack"),
    pytest.param(BODY, lambda text: text.replace("{{ link.unsubscribe }}", ""), "the text part lacks the unsubscribe link", id="no way out in the text"),
    pytest.param(MJML, lambda text: text.replace("{{ link.unsubscribe }}", "https://x.example"), "the HTML part lacks the unsubscribe link",
                 id="no way out in HTML"),
    pytest.param(BODY, lambda text: text.replace("{{ sender.postal_address }}", ""), "the text part lacks the postal address", id="no postal address"),
    pytest.param(BODY, lambda text: text + "\nhttps://x.example/only-here", "text and HTML lead to different places: https://x.example/only-here",
                 id="a link in one part"),
    pytest.param("templates/frame.mjml", lambda text: text.replace('dir="{{ dir }}"', ""), "does not say its lang and dir", id="no direction"),
    pytest.param(MJML, lambda text: text.replace("<mj-text>", "<mj-text>" + "x" * LONGEST_BODY), "where Gmail cuts it off", id="too long a body"),
    pytest.param(BODY, lambda text: text + "{{ 'a' * 9 }}", "join texts with ~", id="an operation on text"),
    pytest.param("locales/de/LC_MESSAGES/messages.po", lambda text: text.replace("Guten Tag %(name)s", "Guten Tag"), "its original %(name)s",
                 id="a lost placeholder"),
    pytest.param("locales/de/LC_MESSAGES/messages.po", lambda text: text + "nonsense", "not a catalogue gettext understands", id="a broken catalogue"),
    pytest.param("templates/email/hello/subject.txt", lambda text: "{% extends 'nowhere' %}", "no template 'nowhere'", id="a parent that is not there"),
])  # fmt: skip
def test_a_fault_is_found(small, path, change, what):
    small[path] = change(small[path])

    faults = _faults(small)
    assert any(what in fault for fault in faults), faults
