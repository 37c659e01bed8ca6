"""What a template may ask about its reader: conditions of the playbook's language, and the word for a value."""

import pytest

from ripeline.letter.catalogue import read_catalogue
from ripeline.letter.data import Links, Sender, letter_data
from ripeline.letter.extraction import POT, refreshed
from ripeline.letter.sample import sample_data
from ripeline.letter.writing import asset_title, complete_locales, letter_asks, write_letter
from ripeline.render import RenderError, Sources, compiled_part

FIELDS = '[lead.industry]\nwords = { "Retail" = "retail", "Technology" = "technology" }\n'
CONTENT = '[[asset]]\nname = "a"\ntitle = "A good read"\n'
BODY = "templates/email/hello/body.txt"
WORDS_DE = '\nmsgctxt "lead.industry"\nmsgid "retail"\nmsgstr "Handel"\n\nmsgctxt "lead.industry"\nmsgid "technology"\nmsgstr "Technik"\n'
DE = "locales/de/LC_MESSAGES/messages.po"


def _filled(text: str, answers: dict[str, bool] | None = None, files: dict[str, str] | None = None, **lead: str | None) -> str:
    whole = {"templates/x.txt": text} | (files or {})
    data = letter_data(lead, Sender("N", "n@x.example", "T", "A"), Links("https://x.example"), answers=answers)
    return compiled_part(Sources(whole), "x.txt", read_catalogue(whole, "en")).filled(data)


@pytest.mark.parametrize(("holds", "shown"), [(True, "shops"), (False, "everybody")])
def test_a_block_is_shown_where_its_condition_holds(holds: bool, shown: str) -> None:
    text = """{% if when("industry = 'Retail'   AND employees >= 50") %}shops{% else %}everybody{% endif %}"""

    assert _filled(text, {"industry = 'Retail' AND employees >= 50": holds}) == shown


def test_what_a_letter_asks_is_known_before_anybody_reads_it(small: dict[str, str]) -> None:
    small[BODY] += """{% if when("total >= 50") and not when("did('meeting_booked')") %}x{% endif %}{% if next_asset %}y{% endif %}"""

    asks = letter_asks(small, "email/hello", "de")

    assert (asks.conditions, asks.next_asset) == (("total >= 50", "did('meeting_booked')"), True)


@pytest.mark.parametrize("call", ["when(lead.city)", 'when("a", "b")', "when()", 'when("a" ~ lead.city)'])
def test_a_condition_stands_there_literally(call: str) -> None:
    with pytest.raises(RenderError, match="one condition, literally, in quotes"):
        _filled(f"{{% if {call} %}}x{{% endif %}}")


def test_a_condition_nobody_answered_stops_the_letter() -> None:
    with pytest.raises(RenderError, match="total >= 50"):
        _filled("""{% if when("total >= 50") %}x{% endif %}""")


def test_a_value_is_told_by_its_word() -> None:
    assert _filled("For {{ lead.industry|named }}.", files={"playbook/fields.toml": FIELDS}, industry="Retail") == "For retail."


@pytest.mark.parametrize("industry", [None, "Space mining"])
def test_a_value_without_a_word_is_no_value(industry: str | None) -> None:
    files = {"playbook/fields.toml": FIELDS}

    assert _filled('{{ lead.industry|named|default("your trade") }}', files=files, industry=industry) == "your trade"
    with pytest.raises(RenderError, match=r"lead\.industry has no value here"):
        _filled("{{ lead.industry|named }}", files=files, industry=industry)


def test_a_field_without_words_is_refused_with_the_way_to_give_it_some() -> None:
    with pytest.raises(RenderError, match=r"lead.city has no words: write words = \{ … \} below \[lead.city\]"):
        _filled("{{ lead.city|named }}", files={"playbook/fields.toml": FIELDS})


def test_a_word_is_told_in_the_letters_language_or_the_letter_is_not_complete_there(small: dict[str, str]) -> None:
    small |= {"playbook/fields.toml": FIELDS, BODY: small[BODY] + "{{ lead.industry|named|default('–') }}"}

    assert complete_locales(small, "email/hello") == ("en",)

    translated = small | {DE: small[DE] + WORDS_DE}
    assert complete_locales(translated, "email/hello") == ("de", "en")
    assert write_letter(translated, "email/hello", "de", sample_data()).text.endswith("Technik\n")


def test_words_of_fields_and_titles_of_assets_reach_the_translators(small: dict[str, str]) -> None:
    pot = refreshed(small | {"playbook/fields.toml": FIELDS, "playbook/content.toml": CONTENT})[POT]

    assert '#. stands inside a sentence, for Retail\n#: playbook/fields.toml\nmsgctxt "lead.industry"\nmsgid "retail"' in pot
    assert 'msgctxt "asset"\nmsgid "A good read"' in pot


@pytest.mark.parametrize(("locales", "locale", "expected"), [
    pytest.param(("en", "de"), "de", "Lesenswert", id="there, and translated"),
    pytest.param(("en",), "de", None, id="not there in that language"),
    pytest.param(("en", "de", "ja"), "de_CH", "Lesenswert", id="the nearest of the same language"),
    pytest.param(("en",), "en", "A good read", id="the language it was written in"),
])  # fmt: skip
def test_an_asset_is_offered_only_in_the_letters_language(small: dict[str, str], locales: tuple[str, ...], locale: str, expected: str | None) -> None:
    small[DE] += '\nmsgctxt "asset"\nmsgid "A good read"\nmsgstr "Lesenswert"\n'

    assert asset_title(small, "A good read", locales, locale) == expected
    assert asset_title(small, "Untranslated", ("de",), "de") is None
