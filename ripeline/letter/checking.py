"""Letters checked before anybody receives one: every letter, in every locale it can go out in, for the leads that break letters."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ripeline.letter.catalogue import locales_in, read_catalogue
from ripeline.letter.data import SAMPLE_LEAD, sample_data
from ripeline.letter.folder import templates_in
from ripeline.letter.writing import Letter, complete_locales, write_letter, write_page
from ripeline.render import FOLDER, RenderError, did_you_mean, direction_of

LONGEST_BODY = 102_400
"""Bytes of HTML above which Gmail cuts a mail off, and with it the way out."""

HOSTILE_LEADS: Mapping[str, Mapping[str, Any]] = {
    "a lead of whom nothing is known": dict.fromkeys(SAMPLE_LEAD),
    "a name that is a template": {"first_name": "{{7*7}}", "last_name": "{% raw %}", "company": "{{ lead }}"},
    "a name that is a script": {"first_name": "<script>alert(1)</script>", "last_name": "\"><img src=x onerror=alert(1)>", "company": "A & B </td></table>"},
    "a name that is a placeholder": {"first_name": "%(first_name)s %s %%", "last_name": "%n", "company": "100%"},
    "an emoji family": {"first_name": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "last_name": "\U0001f3f4\U000e0067\U000e0062\U000e007f"},
    "300 letters without a blank": {"first_name": "x" * 300, "last_name": "y" * 300, "company": "z" * 300},
    "an Arabic name": {"first_name": "محمد", "last_name": "الأحمد", "company": "شركة النور"},
    "a name that turns lines round": {"first_name": "\u202egnorw", "last_name": "\u2066open", "company": "a\r\nBcc: b@example.com"},
}  # fmt: skip
"""Leads that are all legal and all dangerous, each by what it tries."""

_HREF = re.compile(r'href="(https?://[^"]+)"')
_URL = re.compile(r"https?://[^\s<>\u2068\u2069]+")
_OPENING_TAG = re.compile(r"<html\b[^>]*>")


def letter_faults(files: Mapping[str, str], fields: Iterable[str] = (), *, only: str | None = None) -> Iterator[RenderError]:
    """Give what is wrong with the letters, pages and catalogues of a playbook's files; nothing means they can go out.

    `fields` are the lead attributes that fields.toml declares; `only` restricts to one template.
    """
    declared = tuple(fields)
    if only is None:
        yield from _catalogue_faults(files)
    for template in (only,) if only else templates_in(files):
        try:
            locales = complete_locales(files, template)
        except RenderError as error:
            yield error
            continue
        for locale in locales:
            yield from _faults(files, template, locale, declared)


def _catalogue_faults(files: Mapping[str, str]) -> Iterator[RenderError]:
    for locale in locales_in(files):
        try:
            catalogue = read_catalogue(files, locale)
        except RenderError as error:
            yield error
            continue
        for line, what in catalogue.faults():
            yield RenderError(catalogue.path, line, f"{what}: translate with the same placeholders")


def _faults(files: Mapping[str, str], template: str, locale: str, fields: tuple[str, ...]) -> Iterator[RenderError]:
    for what, lead in {"the sample lead": {}, **HOSTILE_LEADS}.items():
        data = sample_data(lead, fields=fields)
        try:
            if template.startswith("web/"):
                write_page(files, template, locale, data)
                continue
            letter = write_letter(files, template, locale, data)
        except RenderError as error:
            yield RenderError(error.template, error.line, f"for {what}, in {locale}: {error.what}")
            return
        yield from (RenderError(FOLDER + template, 0, f"for {what}, in {locale}: {fault}") for fault in _letter_faults(template, letter, data))


def _letter_faults(template: str, letter: Letter, data: Mapping[str, Any]) -> Iterator[str]:
    opening = _OPENING_TAG.search(letter.html)
    tag = opening[0] if opening else ""
    if f'lang="{letter.locale.replace("_", "-")}"' not in tag or f'dir="{direction_of(letter.locale)}"' not in tag:
        yield "the HTML does not say its lang and dir: extend the frame"
    if len(letter.html.encode()) > LONGEST_BODY:
        yield f"the HTML is over {LONGEST_BODY:,} bytes, where Gmail cuts it off: shorten it"
    if not template.startswith("email/"):
        return
    links = {html.unescape(link) for link in _HREF.findall(letter.html)}
    for part, text, found in (("text", letter.text, set(_URL.findall(letter.text))), ("HTML", html.unescape(letter.html), links)):
        if data["link"]["unsubscribe"] not in found:
            yield f"the {part} part lacks the unsubscribe link: extend the frame"
        if data["sender"]["postal_address"] not in text:
            yield f"the {part} part lacks the postal address: extend the frame"
    if links != set(_URL.findall(letter.text)):
        odd = sorted(links ^ set(_URL.findall(letter.text)))
        yield f"text and HTML lead to different places: {odd[0]} is in one alone"


def unknown_template(files: Mapping[str, str], template: str) -> str:
    """Return the sentence that there is no such letter, with the nearest one there is."""
    known = [each.removeprefix("email/") for each in templates_in(files)]
    return f"no letter {template!r}.{did_you_mean(template, known)} There are: {', '.join(known)}"
