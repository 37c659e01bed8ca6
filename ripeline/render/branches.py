"""Branches of a template: those that no reader in sight takes are taken by force, so that a mistake in them is found before somebody does.

A condition has two, a loop as well: with something to go through, and with nothing, where its `{% else %}` stands.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from jinja2 import nodes

from ripeline.render.direction import direction_of
from ripeline.render.environment import Lacking, Unknown, Words, environment_for
from ripeline.render.fault import RenderError
from ripeline.render.part import Part, compiled_nodes
from ripeline.render.source import Sources
from ripeline.render.unfold import unfolded

_TURNED, _LOOPED, _KEPT = "turned", "looped", "kept"
_MOST = 200

Turn = tuple[int, bool]
"""A condition or loop of the template by its number, and which way it goes; of a loop, whether there is something to go through."""

Shape = tuple[str, tuple[int, ...], frozenset[str]]


class Branches:
    """The conditions and loops of one part and which ways they were seen to go. MJML is left out: it changes no expression.

    Two languages whose `shape` is one have the same conditions and ask for the same: what is sound in one is in the other.
    """

    def __init__(self, sources: Sources, path: str, words: Words) -> None:
        plain = environment_for(words, path.endswith((".mjml", ".html")))
        environment = plain.overlay()
        environment.filters = {**plain.filters, _TURNED: self._turned, _LOOPED: self._looped, _KEPT: self._kept}
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

    def _looped(self, values: Iterable[Any], number: int, is_sifted: bool) -> list[Any]:
        found = list(values)
        if not self._forced.get(number, True):
            found = []
        elif number in self._forced and not found:
            found = [Unknown("nobody has an item here", exc=Lacking)]
        if not (found and is_sifted):
            self._seen.add((number, bool(found)))
        return found

    def _kept(self, value: Any, number: int) -> bool:
        is_kept = self._forced.get(number, bool(value))
        if is_kept:
            self._seen.add((number, True))
        return is_kept

    def _mark(self, node: nodes.Node, around: tuple[Turn, ...]) -> None:
        """Number every condition and loop below a node, and note which turns lead there."""
        if isinstance(node, nodes.If | nodes.CondExpr):
            self._mark_condition(node, around)
        elif isinstance(node, nodes.For) and not _is_constant(node.iter):
            self._mark_loop(node, around)
        else:
            for child in node.iter_child_nodes():
                self._mark(child, around)

    def _mark_condition(self, node: nodes.If | nodes.CondExpr, around: tuple[Turn, ...]) -> None:
        if isinstance(node.test, nodes.Filter) and node.test.name == _TURNED:
            return  # an expression that stands in several places is numbered once
        self._mark(node.test, around)
        number = self._numbered(node, around)
        node.test = _asked(node.test, _TURNED, number)
        yes, no = (node.body, node.else_) if isinstance(node, nodes.If) else ([node.expr1], [node.expr2])
        self._mark_ways(number, yes, no, around)

    def _mark_loop(self, node: nodes.For, around: tuple[Turn, ...]) -> None:
        self._mark(node.iter, around)
        number = self._numbered(node, around)
        node.iter = _asked(node.iter, _LOOPED, number, node.test is not None)
        if node.test is not None:
            self._mark(node.test, (*around, (number, True)))
            node.test = _asked(node.test, _KEPT, number)
        self._mark_ways(number, node.body, node.else_, around)

    def _numbered(self, node: nodes.Node, around: tuple[Turn, ...]) -> int:
        number = next(self._numbers)
        self._around[number] = (node.lineno, around)
        return number

    def _mark_ways(self, number: int, yes: Iterable[nodes.Node | None], no: Iterable[nodes.Node | None], around: tuple[Turn, ...]) -> None:
        for way, bodies in ((True, yes), (False, no)):
            for body in bodies:
                if body is not None:
                    self._mark(body, (*around, (number, way)))


def _asked(value: nodes.Node, name: str, *about: Any) -> nodes.Expr:
    return nodes.Filter(value, name, [nodes.Const(each) for each in about], [], None, None, lineno=value.lineno, environment=value.environment)


def _is_constant(value: nodes.Node) -> bool:
    assert isinstance(value, nodes.Expr), "what a loop goes through is an expression"
    try:
        value.as_const()
    except nodes.Impossible:
        return False
    return True
