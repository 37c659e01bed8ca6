"""Pseudo-locales: English made longer, accented and bracketed, or mirrored, so that what is not translated or does not fit shows at a glance."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from ripeline.letter.check.page import read_page
from ripeline.letter.extraction import extracted
from ripeline.letter.writing import Letter

ACCENTED, MIRRORED = "en_150", "ar_EH"
"""Locales that no lead asks for carry them: CLDR's own pseudo-locales (en_XA, ar_XB) are not in Babel."""

OPENS, CLOSES = "⟦", "⟧"
_KEPT = re.compile(r"(%\(\w+\)s|%%|<[^>]+>|&#?\w+;)")
_ACCENTS = str.maketrans("aceinosuyzACEINOSUYZdghjklrtw", "áçéîñöšüýžÁÇÉÎÑÖŠÜÝŽđĝĥĵķļŕţŵ")
_VOWELS = re.compile(r"([aeiou])")
_BRACKETED = re.compile(rf"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}")
_ADDRESS = re.compile(r"\b(?:https?://|mailto:|tel:)\S+")
_WORD = re.compile(r"[^\W\d_]{3,}")


def accented(text: str) -> str:
    """Return a text a good third longer, accented, in brackets; placeholders, tags and entities stay as they are."""
    parts = (part if _KEPT.fullmatch(part) else _VOWELS.sub(r"\1\1", part).translate(_ACCENTS) for part in _KEPT.split(text))
    return f"{OPENS}{''.join(parts)}{CLOSES}"


def mirrored(text: str) -> str:
    """Return a text in brackets whose words run from right to left."""
    parts = (part if not part or _KEPT.fullmatch(part) else f"\u202e{part}\u202c" for part in _KEPT.split(text))
    return f"{OPENS}{''.join(parts)}{CLOSES}"


def pseudo_files(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files with catalogues of both pseudo-locales beside the real ones."""
    template = extracted(files)
    return dict(files) | {f"locales/{locale}/LC_MESSAGES/messages.po": _catalogue(template, locale) for locale in (ACCENTED, MIRRORED)}


def _catalogue(template: Catalog, locale: str) -> str:
    write = accented if locale == ACCENTED else mirrored
    catalogue = Catalog(locale)
    for entry in template:
        if entry.id:
            strings = write(entry.id) if isinstance(entry.id, str) else tuple(write(entry.id[-1]) for _ in range(catalogue.num_plurals))
            catalogue.add(entry.id, strings, context=entry.context)
    out = BytesIO()
    write_po(out, catalogue, omit_header=False)
    return out.getvalue().decode()


def untranslated(letter: Letter, data: Mapping[str, Any]) -> Iterator[str]:
    """Give each text of a pseudo letter that is neither translated nor a value of its data: what is written into a template bare."""
    values = sorted((*_texts(data), *_calendar_words()), key=len, reverse=True)
    texts = [letter.subject, letter.preheader, *letter.text.splitlines(), *(words.text for words in read_page(letter.html).words)]
    for text in dict.fromkeys(texts):
        rest = _BRACKETED.sub(" ", _BRACKETED.sub(" ", _ADDRESS.sub(" ", text)))
        for value in values:
            rest = rest.replace(value, " ")
        if _WORD.search(" ".join(word for word in rest.split() if OPENS not in word and CLOSES not in word)):
            yield text


def _calendar_words() -> Iterator[str]:
    """Give the names of months and days, which come from CLDR and not from a catalogue."""
    names = Locale.parse(ACCENTED)
    for words in (names.months["format"]["wide"], names.days["format"]["wide"]):
        yield from words.values()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
