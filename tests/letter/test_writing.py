"""Letters whole: one language, three parts, or not at all."""

import pytest

from ripeline.letter.sample import sample_data
from ripeline.letter.writing import complete_locales, write_letter, write_page
from ripeline.render import RenderError

DE = "locales/de/LC_MESSAGES/messages.po"


def test_a_letter_has_subject_text_and_html_in_one_language(small):
    letter = write_letter(small, "email/hello", "de", sample_data())

    assert (letter.subject, letter.locale) == ("Guten Tag Ada,", "de")
    assert letter.text.startswith("Guten Tag Ada,\n\nWeiterlesen\nhttps://www.example.com/guide\n")
    assert 'lang="de"' in letter.html
    assert "Weiterlesen" in letter.html


def test_a_locale_with_one_text_missing_does_not_count_for_the_letters_that_say_it(small):
    small["templates/email/other/subject.txt"] = "{% trans %}Read on{% endtrans %}"
    small["templates/email/other/body.txt"] = "x"
    small["templates/email/other/body.html"] = "<html><body>x</body></html>"
    small[DE] = small[DE].replace('msgid "Hello', '#, fuzzy\nmsgid "Hello')

    assert complete_locales(small, "email/hello") == ("en",)
    assert complete_locales(small, "email/other") == ("de", "en")


def test_a_letter_in_half_a_language_is_refused(small):
    small[DE] = small[DE].replace("Weiterlesen", "")

    with pytest.raises(RenderError, match="2 texts of email/hello are not translated, the first is 'Read on'"):
        write_letter(small, "email/hello", "de", sample_data())


def test_a_locale_counts_only_if_every_branch_is_translated(small):
    small["templates/email/hello/body.txt"] += "{% if lang == 'fr' %}{% trans %}Untranslated{% endtrans %}{% endif %}"

    assert complete_locales(small, "email/hello") == ("en",)


def test_a_subject_is_one_line_whatever_a_lead_is_called(small):
    letter = write_letter(small, "email/hello", "en", sample_data({"first_name": "Ada\r\nBcc: x@example.com"}))

    assert letter.subject == "Hello Ada Bcc: x@example.com,"


def test_a_text_part_has_single_empty_lines_and_a_signature_mark(small):
    small["templates/email/hello/body.txt"] = "a   \n\n\n\n\nb\n--\nc\n\n"

    assert write_letter(small, "email/hello", "en", sample_data()).text == "a\n\nb\n-- \nc\n"


def test_plain_html_is_a_body_too(small):
    del small["templates/email/hello/body.mjml"]
    small["templates/email/hello/body.html"] = (
        "<html lang='{{ lang }}'><head><style>p { color: red }</style></head><body><p>{{ lead.city }}</p>"
        "{% for r in score.reasons %}<i>{{ r.name }}</i>{% endfor %}</body></html>"
    )

    html = write_letter(small, "email/hello", "en", sample_data()).html

    assert '<p style="color: red;">Berlin</p>' in html
    assert html.count("<i>") == 3


@pytest.mark.parametrize(("change", "what"), [
    pytest.param({"templates/email/hello/subject.txt": "  \n"}, "the subject is empty", id="an empty subject"),
    pytest.param({"templates/email/hello/subject.txt": None}, "this part is missing", id="no subject"),
    pytest.param({"templates/email/hello/body.mjml": None}, "this part is missing", id="no HTML"),
])  # fmt: skip
def test_a_letter_that_lacks_a_part_is_refused(small, change, what):
    files = {path: text for path, text in (small | change).items() if text is not None}

    with pytest.raises(RenderError, match=what):
        write_letter(files, "email/hello", "en", sample_data())


def test_a_letter_that_is_not_there_names_the_nearest(small):
    with pytest.raises(RenderError, match="Did you mean 'email/hello'"):
        write_letter(small, "email/helo", "en", sample_data())


def test_a_part_beyond_measure_is_refused(small):
    small["templates/email/hello/body.txt"] = "{% for a in score.reasons %}{% for b in score.reasons %}" + "x" * 200_000 + "{% endfor %}{% endfor %}"

    with pytest.raises(RenderError, match="more than 1,000,000 characters"):
        write_letter(small, "email/hello", "en", sample_data())


def test_a_page_is_written_in_the_readers_language(small):
    small["templates/web/bye.html"] = '<html lang="{{ lang }}"><body>{% trans %}Read on{% endtrans %} {{ sender.company }}</body></html>'

    assert write_page(small, "web/bye.html", "de", sample_data()) == '<html lang="de"><body>Weiterlesen Tidewerk BV</body></html>'


def test_two_playbook_versions_do_not_share_letters(small):
    other = small | {"templates/email/hello/subject.txt": "Other"}

    assert [write_letter(files, "email/hello", "en", sample_data()).subject for files in (small, other, small)] == ["Hello Ada,", "Other", "Hello Ada,"]
