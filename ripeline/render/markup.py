"""A template through a compiler that does not know templates: holes become marks, the compiled text becomes a template again."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from html.parser import HTMLParser

from jinja2 import nodes
from jinja2.environment import Environment

from ripeline.render.fault import RenderError
from ripeline.render.mjml import WITH_CONTENT
from ripeline.render.source import Sources
from ripeline.render.tree import renamed

_MARK = re.compile(r"(?:<!--)?RIPE(\d+)x(?:-->)?")
_RAW_TEXT = ("title", "style", "textarea", "script", "mj-title", "mj-style")
_TAGS_WITH_CONTENT = re.compile(rf"<(/?)({'|'.join(WITH_CONTENT)})\b[^>]*?(/?)>")
_TAGS_WITH_RAW_TEXT = re.compile(rf"<(/?)({'|'.join(_RAW_TEXT)})\b[^>]*?(/?)>")
_ADDRESS_BEGINS = re.compile(r"\b(?:href|src|background|action)\s*=\s*[\"']$")
_UNQUOTED = re.compile(r"=\s*$")
_BAD_ADDRESS = re.compile(r"\b(?:href|src|background|action)\s*=\s*([\"'])\s*(?!https?:|mailto:|tel:|cid:|#|\1|RIPE\d)([^\"']{0,40})", re.IGNORECASE)
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


class Kind(Enum):
    """What a mark stands for."""

    VALUE = "value"
    OPEN = "open"
    ELSE = "else"
    CLOSE = "close"


@dataclass(frozen=True)
class Hole:
    """A mark's meaning: an expression, or the beginning, the else or the end of a condition or loop."""

    kind: Kind
    node: nodes.Node


@dataclass
class Marked:
    """Markup with marks in it, and what they stand for."""

    is_mjml: bool
    text: str = ""
    holes: list[Hole] = field(default_factory=list)

    def write(self, body: Iterable[nodes.Node]) -> None:
        """Append unfolded nodes."""
        for node in body:
            if isinstance(node, nodes.Output):
                for each in node.nodes:
                    self.text += self._written(each)
            elif isinstance(node, nodes.If | nodes.For):
                self._write_control(node)
            else:
                raise TypeError(f"unfolding left a {type(node).__name__}")

    def _written(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.TemplateData):
            return node.data
        if not isinstance(node, nodes.Const):
            return self._mark(Kind.VALUE, node)
        # Words of a translation are markup between tags, and may hold the quote that would end an attribute inside one.
        return str(node.value).replace('"', "&quot;") if self._is_in_tag() else str(node.value)

    def _write_control(self, node: nodes.If | nodes.For) -> None:
        self._write_mark(Kind.OPEN, node)
        self.write(node.body)
        if node.else_:
            self._write_mark(Kind.ELSE, node)
            self.write(node.else_)
        self._write_mark(Kind.CLOSE, node)

    def _write_mark(self, kind: Kind, node: nodes.Node) -> None:
        """Append a mark that the compiler carries along where it stands: a word inside a tag, a comment between tags."""
        mark = self._mark(kind, node)
        if self._is_in_tag() or self._is_inside(_TAGS_WITH_RAW_TEXT):
            self.text += mark
        elif self.is_mjml and not self._is_inside(_TAGS_WITH_CONTENT):
            self.text += f"<mj-raw><!--{mark}--></mj-raw>"
        else:
            self.text += f"<!--{mark}-->"

    def _is_in_tag(self) -> bool:
        return self.text.rfind("<") > self.text.rfind(">")

    def _mark(self, kind: Kind, node: nodes.Node) -> str:
        self.holes.append(Hole(kind, node))
        return f"RIPE{len(self.holes) - 1}x"

    def _is_inside(self, tags: re.Pattern[str]) -> bool:
        last = None
        for last in tags.finditer(self.text):  # noqa: B007 (only the last one counts)
            pass
        return last is not None and not last[1] and not last[3]


class _OpenTags(HTMLParser):
    """Which tags are open at this point."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """A tag that closes itself opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass


@dataclass
class _Level:
    hole: Hole | None
    body: list[nodes.Node]
    tags: list[str]
    otherwise: list[nodes.Node] | None = None

    @property
    def current(self) -> list[nodes.Node]:
        return self.body if self.otherwise is None else self.otherwise


class Rebuilding:
    """Compiled markup made a template again: each mark back to what it stood for, or a RenderError where it cannot stand."""

    def __init__(self, marked: Marked, sources: Sources, environment: Environment) -> None:
        self._holes, self._sources, self._environment = marked.holes, sources, environment
        self._tags = _OpenTags()
        self._levels = [_Level(None, [], [])]
        self._seen: set[int] = set()
        self._before = ""

    def nodes_of(self, html: str) -> list[nodes.Node]:
        """Return the nodes of the compiled markup."""
        self._check_addresses(html)
        end = 0
        for found in _MARK.finditer(html):
            self._text(html[end : found.start()])
            self._hole(int(found[1]))
            end = found.end()
        self._text(html[end:])
        for index, hole in enumerate(self._holes):
            if index not in self._seen:
                raise self._fault(hole, "MJML drops what stands here: move it into <mj-text> or another tag that shows it")
        return self._levels[0].body

    def _check_addresses(self, html: str) -> None:
        bad = _BAD_ADDRESS.search(html)
        if bad:
            raise ValueError(f"the address {bad[2]!r} must begin with https://, mailto: or tel:")

    def _text(self, text: str) -> None:
        if text:
            self._before += text
            self._tags.feed(text)
            self._levels[-1].current.append(nodes.Output([nodes.TemplateData(text)]))

    def _hole(self, index: int) -> None:
        if index >= len(self._holes):
            raise ValueError(f"the text RIPE{index}x is a mark of ours: write something else")
        hole = self._holes[index]
        if hole.kind is not Kind.VALUE and index in self._seen:
            raise self._fault(hole, "MJML repeats this place: put the condition around whole sections, or inside the words")
        self._seen.add(index)
        {Kind.VALUE: self._value, Kind.OPEN: self._open, Kind.ELSE: self._else, Kind.CLOSE: self._close}[hole.kind](hole)

    def _value(self, hole: Hole) -> None:
        self._levels[-1].current.append(nodes.Output([renamed(hole.node, self._name_here(hole))], lineno=hole.node.lineno))
        self._before += "x"
        self._tags.feed("x")

    def _name_here(self, hole: Hole) -> Callable[[str], str]:
        begins = self._before.rfind("<")
        in_tag = begins > self._before.rfind(">")
        if in_tag and _UNQUOTED.search(self._before, begins):
            raise self._fault(hole, "an attribute without quotes: put them around the value")
        if in_tag and _ADDRESS_BEGINS.search(self._before, begins):
            return lambda name: "shown_as_address" if name == "shown" else name
        in_words = not in_tag and not {"title", "style", "textarea", "script"} & set(self._tags.open[-1:])
        return lambda name: "shown_in_text" if name == "shown" and in_words else name

    def _open(self, hole: Hole) -> None:
        self._levels.append(_Level(hole, [], list(self._tags.open)))

    def _else(self, hole: Hole) -> None:
        self._check_level(hole)
        self._levels[-1].otherwise = []

    def _close(self, hole: Hole) -> None:
        self._check_level(hole)
        level = self._levels.pop()
        node = hole.node
        if isinstance(node, nodes.For):
            made: nodes.Node = nodes.For(node.target, node.iter, level.body, level.otherwise or [], node.test, False, lineno=node.lineno)
        else:
            assert isinstance(node, nodes.If)
            made = nodes.If(node.test, level.body, [], level.otherwise or [], lineno=node.lineno)
        self._levels[-1].current.append(made)

    def _check_level(self, hole: Hole) -> None:
        level = self._levels[-1]
        if level.hole is None or level.hole.node is not hole.node or level.tags != self._tags.open:
            raise self._fault(hole, "this begins and ends in different tags: open and close the same tags inside it")

    def _fault(self, hole: Hole, what: str) -> RenderError:
        return self._sources.fault(hole.node, what)
