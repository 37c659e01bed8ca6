"""The folder of a letter: which of its files are its parts in a locale, and which locales have words of their own there."""

import re
from collections.abc import Iterator, Mapping

from babel.core import Locale, UnknownLocaleError

from ripeline.render import FOLDER, RenderError, did_you_mean

BODIES = ("body.mjml", "body.html")
PREHEADER = "preheader.txt"
META = "meta.toml"
_VARIANT = re.compile(r"\.(\w+)\.(?:txt|mjml|html)$")


def templates_in(files: Mapping[str, str]) -> tuple[str, ...]:
    """Return every letter (its folder) and page (its file) below templates/.

    What a folder _base or a file frame.* holds is for others to use, and a file such as body.ja.mjml is another one's variant.
    """
    found = set()
    for path in files:
        kind, _, rest = path.removeprefix(FOLDER).partition("/")
        if path.startswith(FOLDER) and "/_" not in path and not rest.startswith("frame."):
            found.add(f"{kind}/{rest}" if kind == "web" else f"{kind}/{rest.rpartition('/')[0]}")
    return tuple(sorted(each for each in found if not each.endswith("/") and not _VARIANT.search(each)))


def template_named(files: Mapping[str, str], name: str) -> str:
    """Return the letter of this name, such as case-study or handoff/card; RenderError names the nearest where there is none."""
    template, known = name if "/" in name else f"email/{name}", templates_in(files)
    if template not in known:
        raise RenderError(FOLDER + template, 0, f"no such letter.{did_you_mean(template, known)}")
    return template


def parts_of(files: Mapping[str, str], template: str, locale: str) -> tuple[str, ...]:
    """Return the paths below templates/ of a letter's subject, text and HTML in a locale, then of its preheader where it has one.

    A page has one path. A file with the locale in its name goes before the one for all. RenderError where a part is missing.
    """
    if FOLDER + template in files:
        return (_chosen(files, template, locale),)
    subject, text = (_chosen(files, f"{template}/{name}", locale) for name in ("subject.txt", "body.txt"))
    paths = (subject, text, _body(files, template, locale))
    absent = [path for path in paths if FOLDER + path not in files]
    if len(absent) == len(paths):
        folders = {path.removeprefix(FOLDER).rpartition("/")[0] for path in files if path.endswith("/subject.txt")}
        raise RenderError(FOLDER + template, 0, f"no such letter.{did_you_mean(template, folders)}")
    if absent:
        raise RenderError(FOLDER + absent[0], 0, "this part is missing: a letter has subject.txt, body.txt and body.mjml or body.html")
    preheader = _chosen(files, f"{template}/{PREHEADER}", locale)
    return (*paths, preheader) if FOLDER + preheader in files else paths


def variants_of(files: Mapping[str, str], template: str) -> frozenset[str]:
    """Return the locales that a letter or page has files of its own for, such as ja for body.ja.mjml; what is no locale is left out."""
    return frozenset(locale for _, locale in variants_in(files, template) if is_locale(locale))


def variants_in(files: Mapping[str, str], template: str) -> Iterator[tuple[str, str]]:
    """Give path and locale, as its name says it, of each file of a letter or page that is for one locale alone."""
    start = FOLDER + (template.rpartition(".")[0] + "." if FOLDER + template in files else template + "/")
    for path in files:
        if path.startswith(start) and "/" not in path[len(start) :] and (found := _VARIANT.search(path)):
            yield path, found[1]


def is_locale(name: str) -> bool:
    """Return whether a name is a CLDR id, written as CLDR writes it: pt_BR, zh_Hans, ja."""
    try:
        return str(Locale.parse(name)) == name
    except (UnknownLocaleError, ValueError):
        return False


def _body(files: Mapping[str, str], template: str, locale: str) -> str:
    own = [f"{template}/body.{locale}.{ending}" for ending in ("mjml", "html")]
    return next((path for path in (*own, *(f"{template}/{name}" for name in BODIES)) if FOLDER + path in files), f"{template}/{BODIES[1]}")


def _chosen(files: Mapping[str, str], path: str, locale: str) -> str:
    start, _, ending = path.rpartition(".")
    own = f"{start}.{locale}.{ending}"
    return own if FOLDER + own in files else path
