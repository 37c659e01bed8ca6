"""Letters and pages compiled, once for each playbook version, template and locale."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ripeline.letter.catalogue import SOURCE_LOCALE, Catalogue, catalogue_for, locales_in
from ripeline.letter.folder import META, parts_of, variants_of
from ripeline.letter.meta import Meta, meta_of
from ripeline.render import FOLDER, Branches, Message, Part, RenderError, Sources, compiled_part, messages_in

MOST_VERSIONS = 8


@dataclass(frozen=True)
class Compiled:
    """A letter's parts in one locale. `preheader` None: the folder has none, or the body says it itself."""

    subject: Part
    text: Part
    html: Part
    preheader: Part | None
    utm: tuple[tuple[str, str], ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return subject, text, HTML and, where there is one, the preheader."""
        return (self.subject, self.text, self.html, *((self.preheader,) if self.preheader else ()))


@dataclass(frozen=True)
class Asks:
    """What a letter asks about its reader: conditions, by `when("…")`, and whether it offers a next asset."""

    conditions: tuple[str, ...]
    next_asset: bool


class Version:
    """What has been compiled of one playbook version, or will be when it is asked for."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self._sources = Sources(files)
        self._catalogues: dict[str, Catalogue] = {}
        self._parts: dict[tuple[str, str], Part] = {}
        self._letters: dict[tuple[str, str], Compiled] = {}
        self._messages: dict[str, frozenset[Message]] = {}
        self._asks: dict[tuple[str, str], Asks] = {}
        self._metas: dict[str, Meta] = {}
        self._complete: dict[str, tuple[str, ...]] = {}

    def letter(self, template: str, locale: str) -> Compiled:
        """Return a letter in a locale; RenderError where it is not complete there."""
        if (template, locale) not in self._letters:
            self._refuse_incomplete(template, locale)
            subject, text, html, *preheader = (self._part(path, locale) for path in parts_of(self.files, template, locale))
            utm = self.meta(template).utm.parameters(template.rpartition("/")[2], locale)
            self._letters[template, locale] = Compiled(subject, text, html, preheader[0] if preheader else None, utm)
        return self._letters[template, locale]

    def asks(self, template: str, locale: str) -> Asks:
        """Return what a letter asks about its reader."""
        if (template, locale) not in self._asks:
            parts = self.letter(template, locale).parts
            fields = {name.partition(".")[0] for part in parts for name in part.fields}
            self._asks[template, locale] = Asks(tuple(dict.fromkeys(text for part in parts for text in part.conditions)), "next_asset" in fields)
        return self._asks[template, locale]

    def branches(self, template: str, locale: str) -> Iterator[Branches]:
        """Give the branches of each part of a letter or page."""
        return (Branches(self._sources, path, self.catalogue(locale)) for path in parts_of(self.files, template, locale))

    def meta(self, template: str) -> Meta:
        """Return what meta.toml says of a letter."""
        if template not in self._metas:
            self._metas[template] = meta_of(self.files, template)
        return self._metas[template]

    def page(self, path: str, locale: str) -> Part:
        """Return a page in a locale; RenderError where it is not complete there."""
        (own,) = parts_of(self.files, path, locale)
        if (own, locale) not in self._parts:
            self._refuse_incomplete(path, locale)
        return self._part(own, locale)

    def complete(self, template: str) -> tuple[str, ...]:
        """Return the locales a letter or page can go out in."""
        if template not in self._complete:
            locales = sorted({*locales_in(self.files), *variants_of(self.files, template)})
            self._complete[template] = tuple(locale for locale in locales if locale == SOURCE_LOCALE or not self.missing(template, locale))
        return self._complete[template]

    def missing(self, template: str, locale: str) -> list[Message]:
        """Return what a letter or page says that is not translated."""
        catalogue = self.catalogue(locale)
        return [message for path in parts_of(self.files, template, locale) for message in self._said(path) if catalogue.lacks(message)]

    def conditions(self) -> dict[str, tuple[str, int]]:
        """Return every condition that a template asks, with file and line."""
        found: dict[str, tuple[str, int]] = {}
        for path in sorted(path.removeprefix(FOLDER) for path in self.files if path.startswith(FOLDER) and not path.endswith(META)):
            with suppress(RenderError):  # told elsewhere
                for text, place in self._sources.conditions(path):
                    found.setdefault(text, place)
        return found

    def _refuse_incomplete(self, template: str, locale: str) -> None:
        missing = self.missing(template, locale)
        if missing:
            what = f"{len(missing)} texts of {template} are not translated, the first is {missing[0][1]!r}: translate them, or choose another locale"
            raise RenderError(self.catalogue(locale).path, 0, what)

    def _said(self, path: str) -> frozenset[Message]:
        if path not in self._messages:
            self._messages[path] = frozenset(messages_in(self._sources, path, self.catalogue(SOURCE_LOCALE)))
        return self._messages[path]

    def _part(self, path: str, locale: str) -> Part:
        if (path, locale) not in self._parts:
            self._parts[path, locale] = compiled_part(self._sources, path, self.catalogue(locale))
        return self._parts[path, locale]

    def catalogue(self, locale: str) -> Catalogue:
        """Return the words of a locale."""
        if locale not in self._catalogues:
            self._catalogues[locale] = catalogue_for(self.files, locale)
        return self._catalogues[locale]


_versions: dict[int, Version] = {}


def version_of(files: Mapping[str, str]) -> Version:
    """Return what is compiled of `files`. Each entry holds its files, so that an id in use is never another mapping's."""
    known = _versions.get(id(files))
    if known is None:
        while len(_versions) >= MOST_VERSIONS:
            _versions.pop(next(iter(_versions)), None)
        known = _versions[id(files)] = Version(files)
    return known
