"""Catalogues: what they give, what they lack, what is wrong in them."""

import pytest

from ripeline.letter.catalogue import placeholders, read_catalogue
from ripeline.render import RenderError

PATH = "locales/{}/LC_MESSAGES/messages.po"
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'


def _catalogue(entries: str, locale: str = "de", plurals: str = ""):
    header = HEADER + (f'"Plural-Forms: {plurals}\\n"\n' if plurals else "")
    return read_catalogue({PATH.format(locale): header + "\n" + entries}, locale)


def test_a_translation_is_found_by_text_and_context():
    catalogue = _catalogue('msgid "Open"\nmsgstr "Offen"\n\nmsgctxt "verb"\nmsgid "Open"\nmsgstr "Öffnen"\n')

    assert catalogue.forms(None, "Open", None) == ("Offen",)
    assert catalogue.forms("verb", "Open", None) == ("Öffnen",)


@pytest.mark.parametrize("entry", [
    pytest.param("", id="not there"),
    pytest.param('msgid "Open"\nmsgstr ""\n', id="empty"),
    pytest.param('#, fuzzy\nmsgid "Open"\nmsgstr "Offen"\n', id="fuzzy"),
])  # fmt: skip
def test_a_text_nobody_confirmed_counts_as_missing_and_shows_the_original(entry):
    catalogue = _catalogue(entry)

    assert catalogue.lacks((None, "Open", None))
    assert catalogue.forms(None, "Open", None) == ("Open",)


def test_a_missing_plural_form_counts_as_missing():
    catalogue = _catalogue('msgid "day"\nmsgid_plural "days"\nmsgstr[0] "dzień"\nmsgstr[1] "dni"\nmsgstr[2] ""\n', "pl")

    assert catalogue.lacks((None, "day", "days"))


@pytest.mark.parametrize(("count", "expected"), [(1, 0), (2, 1), (5, 2), (12, 2), (22, 1)])
def test_plural_forms_follow_the_language(count, expected):
    assert _catalogue("", "pl").plural_form(count) == expected


def test_the_source_language_lacks_nothing():
    assert not read_catalogue({}, "en").lacks((None, "anything", None))


@pytest.mark.parametrize(("text", "translation", "is_fault"), [
    pytest.param("Hi %(name)s", "Hallo %(name)s", False, id="the same"),
    pytest.param("Hi %(name)s", "Hallo", True, id="one left out"),
    pytest.param("Hi", "Hallo %(name)s", True, id="one invented"),
    pytest.param("Hi %(name)s", "Hallo %(nmae)s", True, id="one misspelt"),
    pytest.param("Hi %(name)s", "Hallo %(name)", True, id="one cut off"),
    pytest.param("Hi %(name)s", "Hallo %(name)1000000d", True, id="one with a width"),
    pytest.param("100%%", "100 %%", False, id="percent signs"),
])  # fmt: skip
def test_a_translation_has_the_placeholders_of_its_original(text, translation, is_fault):
    faults = list(_catalogue(f'msgid "{text}"\nmsgstr "{translation}"\n').faults())

    assert bool(faults) == is_fault


def test_a_singular_may_leave_its_count_out():
    catalogue = _catalogue('msgid "%(count)s day"\nmsgid_plural "%(count)s days"\nmsgstr[0] "ein Tag"\nmsgstr[1] "%(count)s Tage"\n')

    assert len(list(catalogue.faults())) == 1  # the original's own singular counts

    catalogue = _catalogue('msgid "a day"\nmsgid_plural "%(count)s days"\nmsgstr[0] "ein Tag"\nmsgstr[1] "%(count)s Tage"\n')

    assert list(catalogue.faults()) == []


def test_placeholders_are_named():
    assert placeholders("%(a)s and %(b)s, 5%% off") == {"a", "b"}
    assert placeholders("5% off") == {"%"}


def test_a_folder_that_is_no_locale_is_refused():
    with pytest.raises(RenderError, match="locales/klingon"):
        read_catalogue({PATH.format("klingon"): HEADER}, "klingon")


def test_a_locale_without_a_catalogue_is_refused_with_the_way_to_begin_one():
    with pytest.raises(RenderError, match="translations --add ko"):
        read_catalogue({}, "ko")


@pytest.mark.parametrize("text", [
    pytest.param("this is no catalogue", id="prose"),
    pytest.param(HEADER + '"Plural-Forms: nplurals=2; plural=__import__(1);\\n"\n', id="a plural rule that is code"),
])  # fmt: skip
def test_a_file_gettext_does_not_understand_is_refused(text):
    with pytest.raises(RenderError, match="locales/de"):
        read_catalogue({PATH.format("de"): text}, "de")
