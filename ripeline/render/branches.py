"""Branches of a template: those that no reader in sight takes are taken by force, so that a mistake in them is found before somebody does."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from jinja2 import nodes

from ripeline.render.direction import direction_of
from ripeline.render.environment import Lacking, Words, environment_for
from ripeline.render.fault import RenderError
from ripeline.render.part import Part, compiled_nodes
from ripeline.render.source import Sources
from ripeline.render.unfold import unfolded

_TURNED = "turned"
_MOST = 200

Turn = tuple[int, bool]
"""A condition of the template by its number, and which way it goes."""

Shape = tuple[str, tuple[int, ...], frozenset[str]]


class Branches:
    """The conditions of one part and which ways they were seen to go. MJML is left out: it changes no expression.

    Two languages whose `shape` is one have the same conditions and ask for the same: what is sound in one is in the other.
    """

    def __init__(self, sources: Sources, path: str, words: Words) -> None:
        plain = environment_for(words, path.endswith((".mjml", ".html")))
        environment = plain.overlay()
        environment.filters = {**plain.filters, _TURNED: self._turned}
        flat = unfolded(sources, path, plain, words, {"locale": words.locale, "lang": words.locale.replace("_", "-"), "dir": direction_of(words.locale)})
        self._around: dict[int, tuple[int, tuple[Turn, ...]]] = {}
        self._numbers, self._seen = count(), set[Turn]()
        self._forced: Mapping[int, bool] = {}
        for node in flat.nodes:
            self._mark(node, ())
        lines = [line for line, _ in self._around.values()]
        self.shape: Shape = (path, tuple(lines), frozenset(flat.fields))
        self._flat, self._environment, self._sources = flat.nodes, environment, sources

    def faults(self, readers: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> Iterator[RenderError]:
        """Give what is wrong in branches that none of the readers takes, each taken for `known`, of whom everything is known.

        A value that is not there is no fault then: who really comes this way may have it. A name that is misspelt is one.
        """
        if not self._around:
            return
        part = Part(self.shape[0], {}, {}, {}, compiled_nodes(self._flat, self._environment), self._sources)
        for data in readers:
            self._fault(part, data, {})
        for number, (_, around) in list(self._around.items())[:_MOST]:
            for way in (True, False):
                if (number, way) not in self._seen:
                    fault = self._fault(part, known, dict([*around, (number, way)]))
                    if fault is not None:
                        yield fault

    def _fault(self, part: Part, data: Mapping[str, Any], forced: Mapping[int, bool]) -> RenderError | None:
        self._forced = forced
        try:
            part.filled(data)
        except RenderError as error:
            return None if isinstance(error.__cause__, Lacking) else error
        return None

    def _turned(self, value: Any, number: int) -> bool:
        way = self._forced.get(number, bool(value))
        self._seen.add((number, way))
        return way

    def _mark(self, node: nodes.Node, around: tuple[Turn, ...]) -> None:
        """Number every condition below a node, and note which turns lead there."""
        if not isinstance(node, nodes.If | nodes.CondExpr):
            for child in node.iter_child_nodes():
                self._mark(child, around)
            return
        if isinstance(node.test, nodes.Filter) and node.test.name == _TURNED:
            return  # an expression that stands in several places is numbered once
        self._mark(node.test, around)
        number = next(self._numbers)
        self._around[number] = (node.lineno, around)
        node.test = nodes.Filter(node.test, _TURNED, [nodes.Const(number)], [], None, None, lineno=node.lineno, environment=node.environment)
        yes, no = (node.body, node.else_) if isinstance(node, nodes.If) else ([node.expr1], [node.expr2])
        for way, bodies in ((True, yes), (False, no)):
            for body in bodies:
                if body is not None:
                    self._mark(body, (*around, (number, way)))
