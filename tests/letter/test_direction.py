"""Names that run the other way do not turn their neighbours round (RELIABILITY D11)."""

import pytest

FSI, PDI = "\u2068", "\u2069"


@pytest.mark.parametrize(("locale", "value", "expected"), [
    pytest.param("en", "Ada", "Ada", id="a Latin name in an English letter"),
    pytest.param("en", "محمد", f"{FSI}محمد{PDI}", id="an Arabic name in an English letter"),
    pytest.param("he", "Tidewerk 2", f"{FSI}Tidewerk 2{PDI}", id="a product in a Hebrew letter"),
    pytest.param("he", "+47 22 12 34", f"{FSI}+47 22 12 34{PDI}", id="a telephone number in a Hebrew letter"),
    pytest.param("he", "דנה", "דנה", id="a Hebrew name in a Hebrew letter"),
    pytest.param("ar", "https://www.example.com/a", "https://www.example.com/a", id="a link is left to be clicked"),
    pytest.param("ar", "ada@example.com", "ada@example.com", id="so is a mail address"),
])  # fmt: skip
def test_a_value_in_a_text_part_is_isolated_where_it_runs_against_the_letter(rendered, locale, value, expected):
    assert rendered("{{ lead.city }}", locale=locale, lead={"city": value}) == expected


def test_in_html_words_are_isolated_by_bdi_and_attributes_by_nothing(mjml):
    html = mjml('<mj-text><b title="{{ lead.city }}">{{ lead.city }}</b></mj-text>', locale="ar", lead={"city": "Oslo"})

    assert '<b title="Oslo"><bdi>Oslo</bdi></b>' in html


def test_an_isolated_name_is_escaped(mjml):
    assert "<bdi>&lt;b&gt;x</bdi>" in mjml("<mj-text>{{ lead.city }}</mj-text>", locale="he", lead={"city": "<b>x"})


def test_a_name_inside_a_sentence_is_isolated_too(rendered):
    assert rendered("{% trans name=lead.city %}to {{ name }} now{% endtrans %}", locale="ar", lead={"city": "Oslo"}) == f"to {FSI}Oslo{PDI} now"
