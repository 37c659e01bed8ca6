"""Words of its own for one locale: `body.ja.mjml` beside `body.mjml`, chosen whole, the rest in the same language."""

import pytest

from ripeline.letter.folder import parts_of, templates_in, variants_of
from ripeline.letter.sample import sample_data
from ripeline.letter.writing import complete_locales, write_letter, write_page

HELLO = "templates/email/hello/"


def test_a_part_with_the_locale_in_its_name_goes_before_the_one_for_all(small: dict[str, str]) -> None:
    small[HELLO + "subject.de.txt"] = "Moin, {{ lead.first_name }}"

    assert write_letter(small, "email/hello", "de", sample_data()).subject == "Moin, Ada"
    assert write_letter(small, "email/hello", "en", sample_data()).subject == "Hello Ada,"
    assert parts_of(small, "email/hello", "de") == ("email/hello/subject.de.txt", "email/hello/body.txt", "email/hello/body.mjml")


def test_a_variant_is_no_letter_or_page_of_its_own(small: dict[str, str]) -> None:
    small |= {HELLO + "body.de.mjml": "", "templates/web/bye.html": "", "templates/web/bye.de.html": ""}

    assert templates_in(small) == ("email/hello", "web/bye.html")
    assert variants_of(small, "email/hello") == variants_of(small, "web/bye.html") == {"de"}


def test_a_locale_that_has_only_variants_takes_the_rest_from_the_nearest_catalogue(small: dict[str, str]) -> None:
    small[HELLO + "body.de_CH.txt"] = "Grüezi {{ 1234.5|number }}\n{{ link.site }}/guide"

    letter = write_letter(small, "email/hello", "de_CH", sample_data())

    assert "de_CH" in complete_locales(small, "email/hello")
    assert (letter.subject, letter.text.split("\n")[0]) == ("Guten Tag Ada,", "Grüezi 1’234.5")
    assert 'lang="de-CH"' in letter.html


def test_a_language_without_a_catalogue_can_go_out_in_files_of_its_own_alone(small: dict[str, str]) -> None:
    small[HELLO + "body.ja.mjml"] = '<mjml lang="{{ lang }}"><mj-body><mj-section><mj-column><mj-text>やあ</mj-text></mj-column></mj-section></mj-body></mjml>'
    small[HELLO + "body.ja.txt"] = "やあ"

    assert "ja" not in complete_locales(small, "email/hello")

    whole = small | {HELLO + "subject.ja.txt": "こんにちは"}

    assert "ja" in complete_locales(whole, "email/hello")
    assert "やあ" in write_letter(whole, "email/hello", "ja", sample_data()).html


def test_a_variant_never_reaches_another_script(small: dict[str, str]) -> None:
    small[HELLO + "subject.zh_Hant.txt"] = "您好"
    small["locales/zh_Hans/LC_MESSAGES/messages.po"] = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'

    assert set(complete_locales(small, "email/hello")) == {"de", "en"}


def test_a_page_has_variants_too(small: dict[str, str]) -> None:
    small |= {"templates/web/bye.html": "<html>Bye</html>", "templates/web/bye.de.html": "<html>Tschüss</html>"}

    assert write_page(small, "web/bye.html", "de", sample_data()) == "<html>Tschüss</html>"


@pytest.mark.parametrize("words", [
    pytest.param("5 < 6 & {{ lead.company }}", id="signs that HTML knows"),
    pytest.param("{{ lead.first_name }}, this is for you", id="a name"),
])  # fmt: skip
def test_a_preheader_is_a_file_of_its_own_and_stands_in_the_html(small: dict[str, str], words: str) -> None:
    small[HELLO + "preheader.txt"] = words
    small["templates/frame.mjml"] = small["templates/frame.mjml"].replace("<mj-head>", "<mj-head><mj-preview>{{ preheader|default('') }}</mj-preview>")

    letter = write_letter(small, "email/hello", "en", sample_data())

    assert letter.preheader in ("5 < 6 & Spreewerk", "Ada, this is for you")
    assert letter.preheader.replace("&", "&amp;").replace("<", "&lt;") in letter.html


def test_the_words_of_a_preheader_count_for_a_locale(small: dict[str, str]) -> None:
    small[HELLO + "preheader.txt"] = "{% trans %}Nobody translated this{% endtrans %}"

    assert complete_locales(small, "email/hello") == ("en",)
