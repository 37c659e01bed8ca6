"""An HTML part as a reader sees it: its words with their colours, its links, what its first tag says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ripeline.letter.check.colour import BLACK, WHITE, Colour, read_colour

_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
_UNSEEN = frozenset(("head", "style", "script", "title"))
_BIG = {"h1": 32.0, "h2": 24.0}
_BOLD = ("b", "strong", "h1", "h2", "h3", "h4", "th")


@dataclass(frozen=True)
class Words:
    """A run of text: in what colour, on what ground, how large (px). `has_ground`: somebody gave it a ground; else the client's own shows."""

    text: str
    colour: Colour
    colour_as_written: str
    ground: Colour
    has_ground: bool
    size: float
    is_bold: bool

    @property
    def is_large(self) -> bool:
        """Return whether WCAG counts the text as large: 24 px, or 18.66 px in bold."""
        return self.size >= 24 or (self.is_bold and self.size >= 18.66)


@dataclass(frozen=True)
class _Look:
    colour: Colour = BLACK
    written: str = ""
    ground: Colour = WHITE
    has_ground: bool = False
    size: float = 16.0
    is_bold: bool = False
    is_hidden: bool = False


@dataclass
class Page(HTMLParser):
    """What `read_page` found. `links` are address and words, `opening` the attributes of <html>."""

    words: list[Words] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    opening: Mapping[str, str] = field(default_factory=dict)
    metas: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, _Look]] = []
        self._link: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.opening = given
        elif tag == "meta":
            self.metas[given.get("name", "")] = given.get("content", "")
        elif tag == "a" and given.get("href"):
            self._link = given["href"]
            self.links.append((given["href"], ""))
        if tag not in _VOID:
            self._open.append((tag, _look(tag, given, self._open[-1][1] if self._open else _Look())))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself holds no words."""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        if any(tag == name for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or any(tag in _UNSEEN for tag, _ in self._open):
            return
        look = self._open[-1][1] if self._open else _Look()
        if self._link is not None:
            address, words = self.links[-1]
            self.links[-1] = address, f"{words} {text}".strip()
        if not look.is_hidden:
            self.words.append(Words(text, look.colour, look.written, look.ground, look.has_ground, look.size, look.is_bold))


def read_page(html: str) -> Page:
    """Return an HTML part as its reader sees it; comments, those for Outlook too, are left out."""
    page = Page()
    page.feed(html)
    page.close()
    return page


def _look(tag: str, given: Mapping[str, str], around: _Look) -> _Look:
    style = _style(given.get("style", ""))
    written = style.get("color") or given.get("color") or ""
    ground = style.get("background-color") or style.get("background") or given.get("bgcolor") or ""
    colour, laid = read_colour(written) if written else None, read_colour(ground) if ground else None
    bold = tag in _BOLD or style.get("font-weight", "") in ("bold", "600", "700", "800", "900")
    return _Look(
        colour or around.colour,
        written if colour else around.written,
        laid or around.ground,
        around.has_ground or laid is not None,
        _size(style.get("font-size", ""), _BIG.get(tag, around.size)),
        (bold or around.is_bold) and style.get("font-weight", "") not in ("normal", "400"),
        around.is_hidden or style.get("display") == "none" or style.get("visibility") == "hidden",
    )


def _style(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}


def _size(text: str, around: float) -> float:
    number = text.removesuffix("px")
    return float(number) if (text.endswith("px") or text == "0") and number.replace(".", "", 1).isdigit() else around
