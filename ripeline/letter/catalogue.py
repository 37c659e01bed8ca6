"""Catalogues: the .po files of a playbook, read in memory, and what is wrong or missing in them."""

import re
from collections.abc import Callable, Iterator, Mapping
from gettext import c2py
from io import BytesIO

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import PoFileError, read_po

from ripeline.letter.enumerations import Enumerations, enumerations_in
from ripeline.letter.locales import nearest_locale
from ripeline.render import Message, RenderError

SOURCE_LOCALE = "en"
"""The language templates are written in; it needs no catalogue."""

_PATH = re.compile(r"locales/(\w+)/LC_MESSAGES/messages\.po")
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)")


class Catalogue:
    """The words of one locale. Two catalogues are equal only if they are one."""

    def __init__(self, locale: str, entries: Catalog, path: str, enumerations: Enumerations | None = None, *, source: bool | None = None) -> None:
        self.locale, self.path = locale, path
        self.enumerations = enumerations or {}
        self._entries = entries
        self._is_source = locale == SOURCE_LOCALE if source is None else source
        self.plural_form: Callable[[int], int] = c2py(entries.plural_expr)
        self.plural_forms = entries.num_plurals

    def forms(self, context: str | None, text: str, plural: str | None) -> tuple[str, ...]:
        """Return the translation, a form for each plural; the original where there is none, or none a person has confirmed."""
        found = self._found((context, text, plural))
        return (text,) if found is None and plural is None else (text, plural or text) if found is None else found

    def lacks(self, message: Message) -> bool:
        """Return whether a message is untranslated, fuzzy or short of a plural form; the source language lacks nothing."""
        return not self._is_source and self._found(message) is None

    def named(self, field: str, value: object) -> str | None:
        """Return the word for a value of a field such as lead.industry; None for one that has no word."""
        english = self.enumerations.get(field, {}).get(str(value))
        return None if english is None else self.forms(field, english, None)[0]

    def as_locale(self, locale: str) -> "Catalogue":
        """Return the same words for a locale beside this one: de_CH where German is German, and figures and dates are Swiss."""
        return Catalogue(locale, self._entries, self.path, self.enumerations, source=self._is_source)

    def _found(self, message: Message) -> tuple[str, ...] | None:
        context, text, plural = message
        entry = self._entries.get(text, context)
        return confirmed(entry, self._entries.num_plurals if plural is not None else 1) if entry is not None else None

    def state(self, context: str | None, text: str, plural: str | None) -> str:
        """Return confirmed, fuzzy or missing."""
        if not self.lacks((context, text, plural)):
            return "confirmed"
        entry = self._entries.get(text, context)
        return "fuzzy" if entry is not None and entry.fuzzy else "missing"

    def entries(self) -> Iterator[Entry]:
        """Return what the file holds, its header left out."""
        return (entry for entry in self._entries if entry.id)

    def faults(self) -> Iterator[tuple[int, str]]:
        """Return line and sentence of every translation whose placeholders are not those of its original."""
        for entry in self.entries():
            texts = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
            translations = _strings(entry)
            allowed = set().union(*map(placeholders, texts))
            for number, translation in enumerate(filter(None, translations)):
                original = texts[min(number, len(texts) - 1)]
                has = placeholders(translation)
                # One form may say "a day" where the others count: it may leave the count out, but nothing else.
                needed = placeholders(original) if len(texts) == 1 else set.intersection(*map(placeholders, texts))
                if not needed <= has <= allowed:
                    yield entry.lineno or 0, f"{translation!r} has {_listed(has)}, its original {_listed(needed)}"


def confirmed(entry: Entry, forms: int) -> tuple[str, ...] | None:
    """Return the translation of an entry, or None if it is missing, fuzzy or has fewer forms than the language needs."""
    strings = _strings(entry)
    return strings if all(strings) and strings and not entry.fuzzy and len(strings) == forms else None


def _strings(entry: Entry) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


def placeholders(text: str) -> set[str]:
    """Return the names of the %(name)s in a message; a lone % counts as one called by itself."""
    bare = _PLACEHOLDER.sub("", text)
    return {found[1] for found in _PLACEHOLDER.finditer(text) if found[1]} | ({"%"} if "%" in bare else set())


def locales_in(files: Mapping[str, str]) -> tuple[str, ...]:
    """Return the locales that have a catalogue, and the source language, in order."""
    return tuple(sorted({SOURCE_LOCALE, *(found[1] for found in map(_PATH.fullmatch, files) if found)}))


def read_catalogue(files: Mapping[str, str], locale: str) -> Catalogue:
    """Return the catalogue of a locale; RenderError if there is none, or it cannot be read."""
    path = f"locales/{locale}/LC_MESSAGES/messages.po"
    if locale == SOURCE_LOCALE and path not in files:
        return Catalogue(locale, Catalog(locale), path, enumerations_in(files))
    if path not in files:
        raise RenderError(
            path, 0, f"there is no catalogue for {locale!r} (there are: {', '.join(locales_in(files))}): start it with `ripeline translations --add {locale}`"
        )
    try:
        Locale.parse(locale)
        return Catalogue(locale, read_po(BytesIO(files[path].encode()), locale=locale, abort_invalid=True), path, enumerations_in(files))
    except (PoFileError, UnknownLocaleError, ValueError) as error:
        raise RenderError(path, getattr(error, "lineno", 0) or 0, f"not a catalogue gettext understands: {str(error) or type(error).__name__}") from error


def catalogue_for(files: Mapping[str, str], locale: str) -> Catalogue:
    """Return the words for a locale that may have no catalogue of its own: those of the nearest of its language and script, else none."""
    have = locales_in(files)
    nearest = locale if locale in have else nearest_locale(locale, have)
    if nearest is None:
        return Catalogue(locale, Catalog(locale), f"locales/{locale}/LC_MESSAGES/messages.po", enumerations_in(files))
    catalogue = read_catalogue(files, nearest)
    return catalogue if nearest == locale else catalogue.as_locale(locale)


def _listed(names: set[str]) -> str:
    return ", ".join(f"%({name})s" if name != "%" else "a lone %" for name in sorted(names)) or "no placeholder"
