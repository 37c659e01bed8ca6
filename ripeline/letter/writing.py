"""Letters and pages written: compiled once for each playbook version, template and locale, filled for each lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ripeline.letter.catalogue import SOURCE_LOCALE, Catalogue, locales_in, read_catalogue
from ripeline.letter.plain import tidied
from ripeline.render import FOLDER, Message, Part, RenderError, Sources, compiled_part, did_you_mean, messages_in

MOST_VERSIONS = 8


@dataclass(frozen=True)
class Letter:
    """A rendered letter: one line of subject, a text part, an HTML part, all in `locale`."""

    subject: str
    text: str
    html: str
    locale: str


def write_letter(files: Mapping[str, str], template: str, locale: str, data: Mapping[str, Any]) -> Letter:
    """Return the letter of `template` (a folder below templates/, such as email/case-study) for one reader.

    `files` is a playbook version; it is kept by identity, so hand in the same mapping again. `locale` must be one of
    `complete_locales`: a letter is never a mix of two languages. RenderError names template, line and variable.
    """
    subject, text, html = _version(files).letter(template, locale)
    line = " ".join(subject.filled(data).split())
    if not line:
        raise RenderError(FOLDER + subject.path, 1, "the subject is empty")
    return Letter(line, tidied(text.filled(data)), html.filled(data), locale)


def write_page(files: Mapping[str, str], path: str, locale: str, data: Mapping[str, Any]) -> str:
    """Return a page or text, such as web/unsubscribe.html, in a locale of `complete_locales(files, path)`."""
    return _version(files).page(path, locale).filled(data)


def complete_locales(files: Mapping[str, str], template: str) -> tuple[str, ...]:
    """Return the locales in which every word of a letter or page is translated and confirmed; the source language always is."""
    return _version(files).complete(template)


def missing_words(files: Mapping[str, str], template: str, locale: str) -> list[Message]:
    """Return what a letter or page says and a locale has no confirmed translation for."""
    return _version(files).missing(template, locale)


def letter_parts(files: Mapping[str, str], template: str, locale: str) -> tuple[Part, Part, Part]:
    """Return the compiled subject, text and HTML of a letter, for those who check them."""
    return _version(files).letter(template, locale)


class _Version:
    """What has been compiled of one playbook version."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self._sources = Sources(files)
        self._catalogues: dict[str, Catalogue] = {}
        self._parts: dict[tuple[str, str], Part] = {}
        self._letters: dict[tuple[str, str], tuple[Part, Part, Part]] = {}
        self._messages: dict[str, frozenset[Message]] = {}

    @cached_property
    def locales(self) -> tuple[str, ...]:
        return locales_in(self.files)

    def letter(self, template: str, locale: str) -> tuple[Part, Part, Part]:
        if (template, locale) not in self._letters:
            self._refuse_incomplete(template, locale)
            subject, text, html = (self._part(path, locale) for path in self._paths(template))
            self._letters[template, locale] = subject, text, html
        return self._letters[template, locale]

    def page(self, path: str, locale: str) -> Part:
        if (path, locale) not in self._parts:
            self._refuse_incomplete(path, locale)
        return self._part(path, locale)

    def complete(self, template: str) -> tuple[str, ...]:
        return tuple(locale for locale in self.locales if locale == SOURCE_LOCALE or not self.missing(template, locale))

    def missing(self, template: str, locale: str) -> list[Message]:
        catalogue = self._catalogue(locale)
        return [message for path in self._paths(template) for message in self._said(path) if catalogue.lacks(message)]

    def _refuse_incomplete(self, template: str, locale: str) -> None:
        missing = self.missing(template, locale)
        if missing:
            what = f"{len(missing)} texts of {template} are not translated, the first is {missing[0][1]!r}: translate them, or choose another locale"
            raise RenderError(self._catalogue(locale).path, 0, what)

    def _paths(self, template: str) -> tuple[str, ...]:
        if f"{FOLDER}{template}" in self.files:
            return (template,)
        body = "body.mjml" if f"{FOLDER}{template}/body.mjml" in self.files else "body.html"
        paths = tuple(f"{template}/{name}" for name in ("subject.txt", "body.txt", body))
        absent = [path for path in paths if FOLDER + path not in self.files]
        if len(absent) == len(paths):
            folders = {path.removeprefix(FOLDER).rpartition("/")[0] for path in self.files if path.endswith("/subject.txt")}
            raise RenderError(FOLDER + template, 0, f"no such letter.{did_you_mean(template, folders)}")
        if absent:
            raise RenderError(FOLDER + absent[0], 0, "this part is missing: a letter has subject.txt, body.txt and body.mjml or body.html")
        return paths

    def _said(self, path: str) -> frozenset[Message]:
        if path not in self._messages:
            self._messages[path] = frozenset(messages_in(self._sources, path, self._catalogue(SOURCE_LOCALE)))
        return self._messages[path]

    def _part(self, path: str, locale: str) -> Part:
        if (path, locale) not in self._parts:
            self._parts[path, locale] = compiled_part(self._sources, path, self._catalogue(locale))
        return self._parts[path, locale]

    def _catalogue(self, locale: str) -> Catalogue:
        if locale not in self._catalogues:
            self._catalogues[locale] = read_catalogue(self.files, locale)
        return self._catalogues[locale]


_versions: dict[int, _Version] = {}


def _version(files: Mapping[str, str]) -> _Version:
    """Return what is compiled of `files`. Each entry holds its files, so that an id in use is never another mapping's."""
    known = _versions.get(id(files))
    if known is None:
        while len(_versions) >= MOST_VERSIONS:
            _versions.pop(next(iter(_versions)), None)
        known = _versions[id(files)] = _Version(files)
    return known
