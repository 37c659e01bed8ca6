"""Which language words are in, by the catalogues: so that no footer is in another than its letter."""

from collections.abc import Iterable, Iterator, Mapping

from ripeline.letter.catalogue import SOURCE_LOCALE, locales_in
from ripeline.letter.locales import nearest_locale
from ripeline.letter.version import version_of
from ripeline.render import RenderError

SHORTEST = 4
"""Shorter words are the same in too many languages."""


class Speech:
    """The texts of all catalogues, by what they say."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._said: dict[str, set[str]] = {}
        for locale in locales_in(files):
            try:
                catalogue = version_of(files).catalogue(locale)
            except RenderError:  # told elsewhere
                continue
            for entry in catalogue.entries():
                if isinstance(entry.id, str) and isinstance(entry.string, str) and not entry.fuzzy:
                    self._note(entry.id, SOURCE_LOCALE)
                    self._note(entry.string, locale)

    def _note(self, text: str, locale: str) -> None:
        if len(text) >= SHORTEST and "%" not in text and "<" not in text:
            self._said.setdefault(" ".join(text.split()), set()).add(locale)

    def strangers(self, texts: Iterable[str], locale: str) -> Iterator[tuple[str, str]]:
        """Give each text that is another language's and not this one's, with a locale that says so."""
        for text in dict.fromkeys(texts):
            locales = self._said.get(text)
            if locales and nearest_locale(locale, locales) is None:
                yield text, sorted(locales)[0] if SOURCE_LOCALE not in locales else SOURCE_LOCALE
