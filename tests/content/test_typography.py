"""Each language is set with its own marks: French spaces that do not break, Spanish marks that open, wide ones in Japanese and Chinese, its own quotes."""

import re

import pytest
from babel.messages.pofile import read_po

from ripeline.settings import CLONE

LOCALES = sorted(folder.name for folder in (CLONE / "locales").iterdir() if folder.is_dir())
QUOTES = {
    "ar": "«»", "da": "”", "de": "„“", "el": "«»", "es": "«»", "fr": "«»", "he": "”", "hi": "“”", "it": "«»", "ja": "「」", "ko": "“”", "nb": "«»",
    "nl": "“”", "pl": "„”", "pt_BR": "“”", "ru": "«»", "sv": "”", "tr": "“”", "zh_Hans": "“”",
}  # fmt: skip
"""The marks that a language quotes with."""

ODD = {
    "ar": r"[,;?]",
    "el": r"\?",
    "fr": r"(?<![\u00a0\u202f])[:;?!»]|«(?![\u00a0\u202f])",
    "hi": r"[\u0900-\u0963]\.(\s|$)",
    "ja": r"[\u3040-\u30ff\u4e00-\u9fff][,.:;?!()]",
    "ko": r"[\u3001\u3002\uff0c\uff1a\uff1f\uff01]",
    "zh_Hans": r"[\u4e00-\u9fff][,.:;?!()]",
}
"""What does not occur in well-set text of a language."""

_ANY_QUOTE = re.compile('["“”„«»‘‚「」『』]')
_PLACEHOLDER = re.compile(r"%\(\w+\)s")
_ODD_ANYWHERE = re.compile(r"'|\.\.\.| {2}|^\s|\s$")
_BLANK_BEFORE_MARK = re.compile(r" [:;?!,.](\s|$)")


def words_of(locale: str) -> list[str]:
    """Return all that a catalogue says, X for its placeholders."""
    with (CLONE / "locales" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    said = [text for each in catalogue if each.id for text in ([each.string] if isinstance(each.string, str) else each.string or ())]
    return [_PLACEHOLDER.sub("X", text) for text in said]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalogue_is_set_by_the_rules_of_its_language(locale: str) -> None:
    words = words_of(locale)
    odd = re.compile(ODD[locale]) if locale in ODD else _BLANK_BEFORE_MARK

    assert [text for text in words if odd.search(text) or _BLANK_BEFORE_MARK.search(text) or _ODD_ANYWHERE.search(text)] == []
    assert [text for text in words if set(_ANY_QUOTE.findall(text)) - set(QUOTES[locale])] == []


def test_every_spanish_question_is_opened() -> None:
    assert [text for text in words_of("es") if text.count("¿") != text.count("?") or text.count("¡") != text.count("!")] == []
