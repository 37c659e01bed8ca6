"""What can only be seen in a letter that is written: sizes, ways out, links, directions, colours, languages, habits."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ripeline.letter.check.colour import contrast, read_colour
from ripeline.letter.check.direction import overridden, stray_letters, turned_line, unbalanced
from ripeline.letter.check.fault import Fault, placed
from ripeline.letter.check.page import Page, Words, read_page
from ripeline.letter.check.speech import Speech
from ripeline.letter.check.tables import DARK_GROUND, FAINT_IN_THE_DARK, SMALLEST_TEXT, SPAM
from ripeline.letter.folder import parts_of
from ripeline.letter.writing import Letter
from ripeline.render import FOLDER, direction_of

LONGEST_PART = 102_400
"""Bytes above which Gmail cuts a mail off, and with it the way out."""
SHORTEST_SUBJECT, LONGEST_SUBJECT = 3, 78
IMPRINT = "/imprint"
READABLE, READABLE_IF_LARGE = 4.5, 3.0

_HREF = re.compile(r'href="(https?://[^"]+)"')
_URL = re.compile(r"https?://[^\s<>\u2068\u2069]+")
_BAD_LINK = re.compile(r"""\bhref=["'](?!https://|mailto:|tel:|#)([^"']*)""")


@dataclass(frozen=True)
class Rendered:
    """A letter written for a check: of which files, for whose data, and whether it must carry the way out."""

    files: Mapping[str, str]
    template: str
    letter: Letter
    data: Mapping[str, Any]
    is_bulk: bool

    @property
    def direction(self) -> str:
        """Return rtl or ltr."""
        return direction_of(self.letter.locale)

    def fault(self, what: str, remedy: str, *needles: str, ending: str = "", is_warning: bool = False) -> Fault:
        """Return a fault where one of the needles stands in the letter's sources; where none does, of its text or HTML as a whole."""
        path, line = placed(self.files, self.template, needles, ending)
        return Fault(path if line else self.part(1 if ending == ".txt" else 2), line, what, remedy, is_warning)

    def place(self, number: int, said: str) -> tuple[str, int]:
        """Return file and line where a part says something; where it stands in no source of the letter, the part, and of a subject its only line."""
        path = self.part(number)
        found = placed(self.files, self.template, [said], path.rpartition("/")[2])
        return found if found[1] else (path, 1 if number == 0 else 0)

    def part(self, number: int) -> str:
        """Return the path of the subject (0), the text (1) or the HTML (2)."""
        return FOLDER + parts_of(self.files, self.template, self.letter.locale)[number]


def structure_faults(written: Rendered) -> Iterator[Fault]:
    """Give what must hold whoever the lead is."""
    yield from _sizes(written)
    yield from _directions(written)
    yield from _links(written)
    yield from _footer(written)


def look_faults(written: Rendered, speech: Speech) -> Iterator[Fault]:
    """Give what hangs on the template and not on the lead: opening tag, colours, language, habits."""
    page = read_page(written.letter.html)
    yield from _opening(written, page)
    yield from _colours(written, page)
    yield from _languages(written, page, speech)
    yield from _habits(written)


def _sizes(written: Rendered) -> Iterator[Fault]:
    length = len(written.letter.subject)
    if length > LONGEST_SUBJECT:
        yield Fault(
            written.part(0),
            1,
            f"the subject has {length} characters, over {LONGEST_SUBJECT}.",
            "Shorten it; of a name show the start: {{ lead.company[:30] }}.",
        )
    elif length < SHORTEST_SUBJECT:
        yield Fault(written.part(0), 1, f"the subject has {length} characters, under {SHORTEST_SUBJECT}.", "Say what the letter is about.")
    for number, name, text in ((1, "text", written.letter.text), (2, "HTML", written.letter.html)):
        if len(text.encode()) > LONGEST_PART:
            yield Fault(written.part(number), 0, f"the {name} is over {LONGEST_PART:,} bytes, where Gmail cuts it off.", "Shorten it.")


def _directions(written: Rendered) -> Iterator[Fault]:
    letter = written.letter
    for number, text in ((0, letter.subject), (1, letter.text), (2, letter.html)):
        if overridden(text):
            yield Fault(written.part(number), 0, "a mark turns the whole line round (U+202A to U+202E).", "Take it out: values are isolated by themselves.")
        if unbalanced(text):
            yield Fault(
                written.part(number), 0, "directions are not balanced: an isolate is not closed on its line.", "Pair each U+2066 to U+2068 with a U+2069."
            )
    line = turned_line(letter.text, written.direction)
    if line is not None:
        what = f"directions are mixed: the line {line[:60]!r} begins in the other direction, and mail programs turn it round."
        yield written.fault(what, "Begin the line with a word of the letter's language.", line, ending=".txt")
    stray = stray_letters(letter.text, written.direction)
    if stray is not None:
        yield written.fault(
            f"directions are mixed: {stray!r} runs the other way and is not isolated.", "Show it as a value, or between U+2068 and U+2069.", stray
        )


def _links(written: Rendered) -> Iterator[Fault]:
    text, markup = set(_URL.findall(written.letter.text)), {html.unescape(link) for link in _HREF.findall(written.letter.html)}
    for odd in sorted(text ^ markup)[:3]:
        other = next((link for link in sorted(text | markup) if link != odd and link.partition("?")[0] == odd.partition("?")[0]), None)
        what = f"text and HTML count a link differently: {odd}" if other else f"text and HTML lead to different places: {odd} is in one alone"
        path = odd.partition("?")[0].removeprefix(written.data["link"]["site"])
        yield written.fault(f"{what}.", "Give both parts the same links.", path if len(path) > 1 else odd, odd)
    for bad in _BAD_LINK.findall(written.letter.html):
        yield written.fault(f"<a> leads to {bad[:60]!r}, and not to https://.", "Begin it with https://, mailto: or tel:.", bad)


def _footer(written: Rendered) -> Iterator[Fault]:
    letter, data = written.letter, written.data
    text, markup = set(_URL.findall(letter.text)), {html.unescape(link) for link in _HREF.findall(letter.html)}
    for part, words, links in (("text", letter.text, text), ("HTML", html.unescape(letter.html), markup)):
        number = 1 if part == "text" else 2
        if data["sender"]["postal_address"] not in words:
            yield Fault(written.part(number), 0, f"the {part} part lacks the postal address.", "Extend the frame.")
        if not written.is_bulk:
            continue
        if data["link"]["unsubscribe"] not in links:
            yield Fault(written.part(number), 0, f"the {part} part lacks the unsubscribe link.", "Extend the frame.")
        if not any(link.partition("?")[0].endswith(IMPRINT) for link in links):
            yield Fault(written.part(number), 0, f"the {part} part lacks the imprint.", "Extend the frame, or link to {{ link.site }}/imprint.")


def _opening(written: Rendered, page: Page) -> Iterator[Fault]:
    lang = written.letter.locale.replace("_", "-")
    if page.opening.get("lang") != lang or page.opening.get("dir") != written.direction:
        yield Fault(written.part(2), 0, "the HTML does not say its lang and dir.", 'Extend the frame, or write <mjml lang="{{ lang }}" dir="{{ dir }}">.')


def _colours(written: Rendered, page: Page) -> Iterator[Fault]:
    dark = read_colour(DARK_GROUND)
    assert dark is not None, "a colour of ours"
    if page.words and not any(name in page.metas for name in ("color-scheme", "supported-color-schemes")):
        remedy = 'Extend the frame, or write <meta name="color-scheme" content="light dark" />.'
        yield Fault(written.part(2), 0, "the HTML does not say that it knows dark mode (color-scheme).", remedy, is_warning=True)
    for words in page.words:
        if words.size < SMALLEST_TEXT:
            what = f"{_quoted(words)} is text of size nought, which filters take for hidden words."
            yield written.fault(what, "Leave it out; <mj-preview> hides what inboxes show.", words.text, is_warning=True)
        ratio = contrast(words.colour, words.ground)
        if ratio < (READABLE_IF_LARGE if words.is_large else READABLE):
            remedy = f"At least {READABLE}, or {READABLE_IF_LARGE} from 24 px on (WCAG 2.2, 1.4.3)."
            yield written.fault(f"{_quoted(words)} reads badly: contrast {ratio:.1f}.", remedy, words.colour_as_written, words.text)
        elif words.colour_as_written and not words.has_ground and contrast(words.colour, dark) < FAINT_IN_THE_DARK:
            what = f"{_quoted(words)} vanishes in dark mode: it has a colour of its own ({words.colour_as_written}) and no ground."
            yield written.fault(what, "Give what is around it a background colour.", words.colour_as_written, words.text, is_warning=True)


def _quoted(words: Words) -> str:
    return repr(words.text if len(words.text) <= 40 else f"{words.text[:37]}…")


def _languages(written: Rendered, page: Page, speech: Speech) -> Iterator[Fault]:
    texts = [*(words.text for words in page.words), *(line.strip() for line in written.letter.text.splitlines()), written.letter.subject]
    for text, locale in speech.strangers(texts, written.letter.locale):
        what = f"{text[:60]!r} is {locale}, and the letter is {written.letter.locale}: a footer or block in another language."
        yield written.fault(what, "Say it in {% trans %}, or translate the variant whole.", text)


def _habits(written: Rendered) -> Iterator[Fault]:
    letter = written.letter
    for habit in SPAM:
        text = {"subject": letter.subject, "text": letter.text, "html": letter.html}.get(habit.where, "")
        found = habit.pattern.search(text)
        if found:
            said = found[0].strip()
            yield Fault(*written.place(("subject", "text", "html").index(habit.where), said), f"{habit.what} ({said[:40]!r}).", habit.remedy, is_warning=True)
