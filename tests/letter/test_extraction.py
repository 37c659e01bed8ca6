"""Words for translators: the same files give the same bytes; a stale catalogue is noticed."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from shipped import FILES

from ripeline.letter.extraction import POT, coverage, extracted, refreshed, stale
from ripeline.render import RenderError
from ripeline.settings import CLONE
from ripeline.values import Refusal

DE = "locales/de/LC_MESSAGES/messages.po"


def test_every_marked_text_is_taken_once_with_its_files(small):
    texts = {message.id: [path for path, _ in message.locations] for message in extracted(small) if message.id}

    assert texts == {
        "Hello %(name)s,": ["templates/email/hello/body.mjml", "templates/email/hello/body.txt", "templates/email/hello/subject.txt"],
        "Read on": ["templates/email/hello/body.mjml", "templates/email/hello/body.txt"],
    }


def test_a_note_in_a_template_reaches_the_translators(small):
    small["templates/email/hello/body.txt"] = "{# NOTE: of the day #}{% trans %}Menu{% endtrans %}"

    assert "#. of the day\n" in refreshed(small)[POT]


def test_refreshing_keeps_translations_and_adds_what_is_new(small):
    small["templates/email/hello/body.txt"] += "{% trans %}A new line{% endtrans %}"

    german = refreshed(small)[DE]

    assert 'msgid "Read on"\nmsgstr "Weiterlesen"' in german
    assert 'msgid "A new line"\nmsgstr ""' in german


def test_a_text_that_changed_keeps_its_translation_as_fuzzy(small):
    small["templates/email/hello/body.txt"] = small["templates/email/hello/body.txt"].replace("Read on", "Read on!")
    small["templates/email/hello/body.mjml"] = small["templates/email/hello/body.mjml"].replace("Read on", "Read on!")

    assert '#, fuzzy\nmsgid "Read on!"\nmsgstr "Weiterlesen"' in refreshed(small)[DE]


def test_refreshing_twice_changes_nothing_on_any_day(small):
    once = small | refreshed(small)

    assert stale(once) == []
    assert "Creation-Date" not in once[POT]


def test_a_text_nobody_extracted_yet_is_noticed(small):
    fresh = small | refreshed(small)
    fresh["templates/email/hello/subject.txt"] = "{% trans %}Another subject{% endtrans %}"

    assert stale(fresh) == [POT, DE]


def test_coverage_counts_confirmed_fuzzy_and_missing(small):
    small["templates/email/hello/subject.txt"] = "{% trans %}New{% endtrans %}"

    (german,) = coverage(small)

    assert (german.locale, german.confirmed, german.fuzzy, german.missing, german.percent) == ("de", 2, 0, 1, 66)


def test_a_new_locale_begins_with_every_text_and_its_own_plurals(small):
    polish = refreshed(small, add="pl")["locales/pl/LC_MESSAGES/messages.po"]

    assert "nplurals=3" in polish
    assert 'msgid "Read on"\nmsgstr ""' in polish


def test_a_locale_that_is_none_cannot_begin(small):
    with pytest.raises(Refusal, match="'klingon' is no locale"):
        refreshed(small, add="klingon")


def test_a_template_that_is_not_understood_is_named(small):
    small["templates/email/hello/body.txt"] = "a\n{% trans %}b"

    with pytest.raises(RenderError, match=r"hello/body.txt:2"):
        extracted(small)


def test_babel_cfg_reads_the_same_words():
    with open(CLONE / "babel.cfg") as opened:
        methods, options = parse_mapping_cfg(opened)

    by_tool = {(message, context) for _, _, message, _, context in extract_from_dir(str(CLONE), methods, options, directory_filter=_is_ours)}

    ours = {(message.id, message.context) for message in extracted(FILES) if message.id}
    assert by_tool == ours


def _is_ours(folder: str) -> bool:
    return Path(folder) in (CLONE, CLONE / "playbook") or CLONE / "templates" in (Path(folder), *Path(folder).parents)
