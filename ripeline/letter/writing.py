"""Letters and pages written: compiled once for each playbook version, template and locale, filled for each lead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ripeline.letter.counted import counted_html, counted_text
from ripeline.letter.enumerations import ASSET
from ripeline.letter.locales import nearest_locale
from ripeline.letter.meta import Meta
from ripeline.letter.plain import tidied
from ripeline.letter.version import Asks, version_of
from ripeline.render import FOLDER, Message, Part, RenderError


@dataclass(frozen=True)
class Letter:
    """A rendered letter: one line of subject, a text part, an HTML part, all in `locale`; the preheader is in the HTML already."""

    subject: str
    text: str
    html: str
    locale: str
    preheader: str = ""


def write_letter(files: Mapping[str, str], template: str, locale: str, data: Mapping[str, Any]) -> Letter:
    """Return the letter of `template` (a folder below templates/, such as email/case-study) for one reader.

    `files` is a playbook version; it is kept by identity, so hand in the same mapping again. `locale` must be one of
    `complete_locales`: a letter is never a mix of two languages. RenderError names template, line and variable.
    """
    compiled = version_of(files).letter(template, locale)
    subject = _one_line(compiled.subject, data)
    preheader = _one_line(compiled.preheader, data) if compiled.preheader else None
    text, html = tidied(compiled.text.filled(data)), compiled.html.filled({**data, "preheader": preheader})
    link = data["link"]
    counted = (link["site"], compiled.utm, link["unsubscribe"])
    return Letter(subject, counted_text(text, *counted), counted_html(html, *counted), locale, preheader or "")


def _one_line(part: Part, data: Mapping[str, Any]) -> str:
    line = " ".join(part.filled(data).split())
    if not line:
        raise RenderError(FOLDER + part.path, 1, f"the {part.path.rpartition('/')[2].partition('.')[0]} is empty")
    return line


def write_page(files: Mapping[str, str], path: str, locale: str, data: Mapping[str, Any]) -> str:
    """Return a page or text, such as web/unsubscribe.html, in a locale of `complete_locales(files, path)`."""
    return version_of(files).page(path, locale).filled(data)


def complete_locales(files: Mapping[str, str], template: str) -> tuple[str, ...]:
    """Return the locales in which every word of a letter or page is translated and confirmed; the source language always is."""
    return version_of(files).complete(template)


def missing_words(files: Mapping[str, str], template: str, locale: str) -> list[Message]:
    """Return what a letter or page says and a locale has no confirmed translation for."""
    return version_of(files).missing(template, locale)


def letter_parts(files: Mapping[str, str], template: str, locale: str) -> tuple[Part, ...]:
    """Return the compiled subject, text and HTML of a letter and, where it has one, its preheader, for those who check them."""
    return version_of(files).letter(template, locale).parts


def letter_asks(files: Mapping[str, str], template: str, locale: str) -> Asks:
    """Return what a letter asks about its reader; whoever writes it hands the answers to `letter_data`."""
    return version_of(files).asks(template, locale)


def asked_conditions(files: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """Return every condition that templates ask, with the file and line of the first place; what cannot be read asks nothing."""
    return version_of(files).conditions()


def page_asks(files: Mapping[str, str], path: str, locale: str) -> tuple[str, ...]:
    """Return the conditions that a page asks about its reader."""
    return tuple(version_of(files).page(path, locale).conditions)


def asset_title(files: Mapping[str, str], title: str, locales: Iterable[str], locale: str) -> str | None:
    """Return an asset's title in a letter's locale; None where the asset, which is in `locales`, or the title is not there in that language."""
    words = version_of(files).catalogue(locale)
    message = (ASSET, title, None)
    return None if nearest_locale(locale, locales) is None or words.lacks(message) else words.forms(*message)[0]


def letter_meta(files: Mapping[str, str], template: str) -> Meta:
    """Return who writes a letter, where answers go, and what it is for."""
    return version_of(files).meta(template)
