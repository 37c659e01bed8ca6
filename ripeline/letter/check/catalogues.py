"""What is wrong in the catalogues themselves: placeholders, plural forms, directions."""

import re
from collections.abc import Iterator, Mapping

from ripeline.letter.catalogue import Catalogue, locales_in
from ripeline.letter.check.direction import overridden, unbalanced
from ripeline.letter.check.fault import Fault, fault_of
from ripeline.letter.version import version_of
from ripeline.render import RenderError

_TAGS = re.compile(r"<\s*(/?)\s*([a-zA-Z][\w-]*)[^>]*?(/?)>")


def catalogue_faults(files: Mapping[str, str]) -> Iterator[Fault]:
    """Give what is wrong in each catalogue, by line. What is not translated at all is no fault: such letters fall back whole."""
    for locale in locales_in(files):
        try:
            catalogue = version_of(files).catalogue(locale)
        except RenderError as error:
            yield fault_of(error)
            continue
        for line, what in catalogue.faults():
            yield Fault(catalogue.path, line, f"{what}.", "Translate with the same placeholders.")
        yield from _entries(catalogue)


def _entries(catalogue: Catalogue) -> Iterator[Fault]:
    for entry in catalogue.entries():
        if entry.fuzzy:
            continue
        strings = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        original = entry.id if isinstance(entry.id, str) else entry.id[0]
        if any(strings) and (not all(strings) or (not isinstance(entry.id, str) and len(strings) != catalogue.plural_forms)):
            what = f"{original!r} has {sum(map(bool, strings))} of the {catalogue.plural_forms} plural forms that {catalogue.locale} needs."
            yield Fault(catalogue.path, entry.lineno or 0, what, "Fill every msgstr[…].")
        for string in filter(None, strings):
            yield from (Fault(catalogue.path, entry.lineno or 0, f"{string!r}: {what}.", remedy) for what, remedy in _said(str(original), string))


def _said(original: str, string: str) -> Iterator[tuple[str, str]]:
    if overridden(string):
        yield "a mark that turns the whole line round (U+202A to U+202E)", "Take it out: values are isolated by themselves."
    if unbalanced(string):
        yield "an isolate that is opened and not closed, or closed and not opened", "Pair each U+2066, U+2067 or U+2068 with a U+2069."
    if sorted(_tags(original)) != sorted(_tags(string)):
        yield "other tags than its original", "Keep the tags as they are."


def _tags(text: str) -> list[tuple[str, str]]:
    return [(tag[1] or tag[3], tag[2].lower()) for tag in _TAGS.finditer(text)]
