"""Words for translators: taken out of the templates, put into the catalogues. The same files give the same bytes, on any day."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from ripeline.letter.catalogue import Catalogue, locales_in, read_catalogue
from ripeline.letter.enumerations import ASSET, CONTENT, FIELDS, enumerations_in, titles_in
from ripeline.render import FOLDER, Message, syntax_checked
from ripeline.values import Refusal

POT = "locales/messages.pot"
PLAYBOOK_WORDS = (FIELDS, CONTENT)
NOTES = ("NOTE:", "Translators:")
"""A template comment that begins so goes to the translators."""

_OPTIONS = {"newstyle_gettext": "true", "silent": "false"}
_DATED = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator: FULL NAME|Language-Team: \w+ <LL@li).*\n', re.MULTILINE
)
_HEADER = "# The words of Ripeline's letters and pages.\n# This file is distributed under the license of the Ripeline project.\n#"


@dataclass(frozen=True)
class Coverage:
    """How far a locale is: texts confirmed, awaiting confirmation (fuzzy), missing."""

    locale: str
    confirmed: int
    fuzzy: int
    missing: int

    @property
    def percent(self) -> int:
        """Return the confirmed share, rounded down: 100 means whole."""
        return self.confirmed * 100 // max(self.confirmed + self.fuzzy + self.missing, 1)


def extracted(files: Mapping[str, str]) -> Catalog:
    """Return every text that templates mark for translation, by file in path order, then as they stand in it; then what the playbook says to leads."""
    catalogue = Catalog(project="Ripeline", version="0.1.0", header_comment=_HEADER, fuzzy=False)
    for path in sorted((path for path in files if path.startswith(FOLDER)), key=lambda path: path.split("/")):
        syntax_checked(files, path)
        for _, text, notes, context in extract("jinja2", BytesIO(files[path].encode()), comment_tags=NOTES, options=_OPTIONS):
            catalogue.add(text, None, [(path, 0)], auto_comments=notes, context=context)
    for path in sorted(path for path in files if path in PLAYBOOK_WORDS):
        for _, _, (context, text), notes in playbook_words(BytesIO(files[path].encode())):
            catalogue.add(text, None, [(path, 0)], auto_comments=notes, context=context)
    return catalogue


def playbook_words(file: IO[bytes], *_: Any, **__: Any) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """Give what playbook/fields.toml and content.toml say to leads: words for values by field, titles of assets. babel.cfg names it as an extractor."""
    text = file.read().decode()
    for field, words in enumerations_in({FIELDS: text}).items():
        yield from ((0, "pgettext", (field, word), [f"stands inside a sentence, for {value}"]) for value, word in words.items())
    yield from ((0, "pgettext", (ASSET, title), ["the title of something to read or watch"]) for title in titles_in(text))


def refreshed(files: Mapping[str, str], add: str | None = None) -> dict[str, str]:
    """Return the text of messages.pot and of every catalogue as the templates want them now, by path.

    Translations are kept; texts that changed a little keep theirs as fuzzy, so that nobody reads them before a person looked;
    texts that are gone stay as comments at the end. `add` names a locale to begin.
    """
    template = extracted(files)
    texts = {POT: _written(template)}
    for locale in sorted(_locales(files, add)):
        path = f"locales/{locale}/LC_MESSAGES/messages.po"
        catalogue = (
            read_po(BytesIO(files[path].encode()), locale=locale) if path in files else Catalog(locale, project="Ripeline", version="0.1.0", fuzzy=False)
        )
        if path not in files:
            catalogue.header_comment = _HEADER.replace("pages.", f"pages ({locale}).")
        catalogue.update(template, update_creation_date=False)
        texts[path] = _written(catalogue)
    return texts


def stale(files: Mapping[str, str]) -> list[str]:
    """Return the paths of what `refreshed` would change."""
    return [path for path, text in refreshed(files).items() if files.get(path) != text]


def coverage(files: Mapping[str, str]) -> list[Coverage]:
    """Return how far each locale with a catalogue is, against the templates as they are."""
    template = [message for message in extracted(files) if message.id]
    return [_coverage(read_catalogue(files, locale), template) for locale in sorted(_locales(files, None))]


def _coverage(catalogue: Catalogue, template: Sequence[Entry]) -> Coverage:
    states = Counter(catalogue.state(*_asked(entry)) for entry in template)
    return Coverage(catalogue.locale, states["confirmed"], states["fuzzy"], states["missing"])


def _asked(entry: Entry) -> Message:
    texts = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
    return entry.context, texts[0], texts[1] if len(texts) > 1 else None


def _locales(files: Mapping[str, str], add: str | None) -> set[str]:
    have = {locale for locale in locales_in(files) if f"locales/{locale}/LC_MESSAGES/messages.po" in files}
    if add is None:
        return have
    try:
        return have | {str(Locale.parse(add.replace("-", "_")))}
    except (UnknownLocaleError, ValueError) as error:
        raise Refusal(f"{add!r} is no locale: write a CLDR id such as pt_BR or zh_Hans") from error


def _written(catalogue: Catalog) -> str:
    out = BytesIO()
    write_po(out, catalogue, width=0, omit_header=False, include_lineno=False, sort_output=False)
    return _DATED.sub("", out.getvalue().decode()).rstrip("\n") + "\n"
