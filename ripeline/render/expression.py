"""Expressions of a template, unfolded: constants computed, translations filled in, names bound, everything else refused."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2 import nodes
from markupsafe import Markup, escape

from ripeline.render.environment import PRIVATE_FILTERS, LetterEnvironment, Words
from ripeline.render.fault import RenderError, did_you_mean
from ripeline.render.source import CONDITION, Source, Sources
from ripeline.render.tree import dotted

ALLOWED = (
    nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword, nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Getattr,
    nodes.Getitem, nodes.Slice, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv,
    nodes.Mod, nodes.Pow, nodes.Neg, nodes.Pos,
)  # fmt: skip
GETTEXT = {"_": (), "gettext": (), "ngettext": ("plural",), "pgettext": ("context",), "npgettext": ("context", "plural")}
LARGEST_EXPRESSION = 4_000
ANSWERS = "answers"
"""`when("…")` is a condition of the playbook's language; its answer is looked up among the data under this name."""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")

Message = tuple[str | None, str, str | None]
"""What a catalogue is asked for: context, text, plural text."""


@dataclass(frozen=True)
class Scope:
    """What names mean at one place: macros by `home`, bound names, the blocks of the whole, and what super() and caller() stand for."""

    home: Source
    names: dict[str, nodes.Expr]
    blocks: Mapping[str, list[tuple[nodes.Block, Source]]] = field(default_factory=dict)
    above: tuple[str, int] | None = None
    caller: tuple[list[nodes.Node], "Scope"] | None = None
    depth: int = 0
    loops: int = 0

    def branch(self) -> "Scope":
        """Return a scope in which names may change without changing here."""
        return replace(self, names=dict(self.names))


class Expressions(ABC):
    """Unfolds expressions. What they ask is gathered: `messages` of the catalogue, `fields` (dotted names) of the data, `conditions` of the lead."""

    def __init__(self, sources: Sources, environment: LetterEnvironment, words: Words, known: Mapping[str, str]) -> None:
        self.sources, self.environment, self.words, self.known = sources, environment, words, known
        self.messages: dict[Message, int] = {}
        self.fields: dict[str, int] = {}
        self.conditions: dict[str, int] = {}
        self._eval = nodes.EvalContext(environment)
        self._sizes: dict[int, tuple[nodes.Node, int]] = {}  # with the node: an id in use is never another's

    def value(self, node: nodes.Node, scope: Scope) -> Any:
        """Return the expression with everything known put in; one whose value is known is a Const."""
        if isinstance(node, nodes.Call):
            return self._called(node, scope)
        if isinstance(node, nodes.Filter) and node.name == "named":
            return self._enumerated(node, scope)
        if isinstance(node, nodes.Concat):
            return self.folded(self.joined([self.value(each, scope) for each in node.nodes], node))
        if not isinstance(node, ALLOWED):
            raise self.sources.fault(node, f"{type(node).__name__.lower()} is not allowed in a template")
        if isinstance(node, nodes.Name):
            return self._name(node, scope)
        self._check(node)
        fresh = type(node)(*(self._field(getattr(node, name), scope) for name in node.fields), lineno=node.lineno, environment=self.environment)
        if isinstance(fresh, nodes.Filter) and fresh.node is not None:
            # |default is for what a lead lacks; a name that the data does not know stays a typo.
            fresh.node = self._named(fresh.node, "known" if fresh.name in ("default", "d") else "given")
        return self.folded(fresh) if isinstance(fresh, nodes.Expr) else fresh

    def _field(self, value: Any, scope: Scope) -> Any:
        if isinstance(value, list):
            return [self._field(each, scope) for each in value]
        return self.value(value, scope) if isinstance(value, nodes.Node) else value

    def _name(self, node: nodes.Name, scope: Scope) -> nodes.Expr:
        if node.name in scope.names:
            return scope.names[node.name]
        if node.name in self.known:
            return nodes.Const(self.known[node.name], lineno=node.lineno)
        self.fields.setdefault(node.name, node.lineno)
        return nodes.Name(node.name, "load", lineno=node.lineno)

    def _check(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise self.sources.fault(node, f"{node.attr!r} begins with an underscore: no field does")
        for kind, known in ((nodes.Filter, self.environment.filters), (nodes.Test, self.environment.tests)):
            if isinstance(node, kind) and (node.name not in known or node.name in PRIVATE_FILTERS):
                raise self.sources.fault(node, f"no {kind.__name__.lower()} {node.name!r}.{did_you_mean(node.name, set(known) - set(PRIVATE_FILTERS))}")
        if isinstance(node, nodes.Filter | nodes.Test) and (node.dyn_args or node.dyn_kwargs):
            raise self.sources.fault(node, "arguments behind a star are not allowed in a template")

    def folded(self, node: nodes.Expr) -> nodes.Expr:
        """Return a Const where the value is known already, the chosen branch where a condition's is, else the node."""
        if isinstance(node, nodes.CondExpr):
            if node.expr2 is None:
                node.expr2 = nodes.Const("", lineno=node.lineno)
            if isinstance(node.test, nodes.Const):
                return node.expr1 if node.test.value else node.expr2
        if isinstance(node, nodes.Getattr):
            self.fields.setdefault(dotted(node), node.lineno)
        if self._size(node) > LARGEST_EXPRESSION:
            raise self.sources.fault(node, "an expression that grows beyond measure: take it apart")
        try:
            known = node.as_const(self._eval)
        except nodes.Impossible:
            return node
        return nodes.Const(known, lineno=node.lineno) if isinstance(known, str | int | float | bool | list | tuple | dict | None) else node

    def _size(self, node: nodes.Node) -> int:
        """Return how many nodes lie below one. What lies below a node that was folded before is known: an expression grows from within."""
        if id(node) not in self._sizes:
            self._sizes[id(node)] = node, sum(1 + self._size(child) for child in node.iter_child_nodes())
        return self._sizes[id(node)][1]

    def shown(self, node: nodes.Expr) -> nodes.Expr:
        """Return the expression as it is put before a reader: refused where there is no value, isolated where it runs the other way."""
        if isinstance(node, nodes.Const) or (isinstance(node, nodes.Filter) and node.name in PRIVATE_FILTERS):
            return node
        if isinstance(node, nodes.CondExpr):
            branches = (self.shown(each) for each in (node.expr1, node.expr2) if each is not None)
            return nodes.CondExpr(node.test, *branches, lineno=node.lineno)
        return self._filter(node, "shown", nodes.Const(dotted(node)))

    def joined(self, parts: Iterable[nodes.Expr], at: nodes.Node) -> nodes.Expr:
        """Return the texts of `parts` as one expression."""
        return self._filter(nodes.List([self.shown(each) for each in parts], lineno=at.lineno), "joined")

    def literal(self, text: str, at: nodes.Node) -> nodes.Const:
        """Return words of a template or a translation, which are markup in HTML."""
        return nodes.Const(Markup(text) if self.environment.autoescape else text, lineno=at.lineno)

    def pieces(self, node: nodes.Expr) -> list[nodes.Expr]:
        """Return an expression as what stands one after the other in the output: a Const that is ready to print where it is known, else holes."""
        if isinstance(node, nodes.Const):
            if node.value is None:
                raise self.sources.fault(node, "this has no value")
            return [nodes.Const(escape(node.value) if self.environment.autoescape else str(node.value), lineno=node.lineno)]
        if isinstance(node, nodes.Filter) and node.name == "joined" and isinstance(node.node, nodes.List):
            return [piece for part in node.node.items for piece in self.pieces(part)]
        return [self.shown(node)]

    def _named(self, node: nodes.Expr, check: str) -> nodes.Expr:
        return self._filter(node, check, nodes.Const(dotted(node))) if isinstance(node, nodes.Name | nodes.Getattr) else node

    def _filter(self, node: nodes.Expr, name: str, *args: nodes.Expr) -> nodes.Filter:
        return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno, environment=self.environment)

    def _called(self, node: nodes.Call, scope: Scope) -> nodes.Expr:
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name in GETTEXT and name not in scope.home.macros:
            return self._translated(node, GETTEXT[name], scope)
        if name == CONDITION and name not in scope.home.macros:
            return self._condition(node)
        return self.expression_of(node, scope)

    def _condition(self, node: nodes.Call) -> nodes.Expr:
        """Return the place in the data where whoever knows the lead has put the answer."""
        text = node.args[0] if len(node.args) == 1 and not node.kwargs else None
        if not isinstance(text, nodes.Const) or not isinstance(text.value, str):
            raise self.sources.fault(node, f"""{CONDITION} takes one condition, literally, in quotes: {CONDITION}("country = 'NL'")""")
        asked = " ".join(text.value.split())
        self.conditions.setdefault(asked, node.lineno)
        answers = nodes.Name(ANSWERS, "load", lineno=node.lineno)
        return nodes.Getitem(answers, nodes.Const(asked, lineno=node.lineno), "load", lineno=node.lineno, environment=self.environment)

    def _enumerated(self, node: nodes.Filter, scope: Scope) -> nodes.Expr:
        """Return the word for a field's value; every word of the field counts as said, whichever the lead has."""
        if node.node is None or node.args or node.kwargs:
            raise self.sources.fault(node, "|named takes no words of its own: write lead.industry|named")
        value = self.value(node.node, scope)
        field = dotted(value)
        if field not in self.words.enumerations:
            what = f"{field} has no words: write words = {{ … }} below [{field}] in playbook/fields.toml.{did_you_mean(field, self.words.enumerations)}"
            raise self.sources.fault(node, what)
        for english in self.words.enumerations[field].values():
            self.messages.setdefault((field, english, None), node.lineno)
        return self._filter(self._named(value, "known"), "named", nodes.Const(field))

    @abstractmethod
    def expression_of(self, node: nodes.Call, scope: Scope) -> nodes.Expr:
        """Return what a call of a macro, block or caller gives, as one expression."""

    def _translated(self, node: nodes.Call, takes: tuple[str, ...], scope: Scope) -> nodes.Expr:
        texts = node.args[: 1 + len(takes)]
        if len(texts) != 1 + len(takes) or not all(isinstance(each, nodes.Const) and isinstance(each.value, str) for each in texts):
            raise self.sources.fault(node, "a translation takes its texts literally, in quotes")
        words = [each.value for each in texts if isinstance(each, nodes.Const)]
        context = words.pop(0) if "context" in takes else None
        message = (context, words[0], words[1] if "plural" in takes else None)
        self.messages.setdefault(message, node.lineno)
        values = {each.key: self.value(each.value, scope) for each in node.kwargs}
        if "plural" not in takes:
            return self.folded(self._filled(self.words.forms(*message)[0], values, node))
        if len(node.args) != len(texts) + 1:
            raise self.sources.fault(node, "a plural takes its count: {% trans count=… %}")
        return self._by_count(message, self.value(node.args[-1], scope), values, node)

    def _by_count(self, message: Message, count: nodes.Expr, values: dict[str, nodes.Expr], at: nodes.Node) -> nodes.Expr:
        values.setdefault("num", count)
        forms = [self._filled(text, values, at) for text in self.words.forms(*message)]
        index = self.folded(self._filter(self._named(count, "given"), "plural_form"))
        chosen = forms[-1]
        for number in range(len(forms) - 2, -1, -1):
            test = nodes.Compare(index, [nodes.Operand("eq", nodes.Const(number))], lineno=at.lineno, environment=self.environment)
            chosen = self.folded(nodes.CondExpr(self.folded(test), forms[number], chosen, lineno=at.lineno, environment=self.environment))
        return chosen

    def _filled(self, text: str, values: Mapping[str, nodes.Expr], at: nodes.Node) -> nodes.Expr:
        parts: list[nodes.Expr] = []
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            parts.append(self.literal(self._plain(text[end : found.start()], text, at), at))
            parts.append(self._placed(found, values, text, at))
            end = found.end()
        parts.append(self.literal(self._plain(text[end:], text, at), at))
        kept = [part for part in parts if not (isinstance(part, nodes.Const) and part.value == "")]
        return kept[0] if len(kept) == 1 and isinstance(kept[0], nodes.Const) else self.joined(kept, at)

    def _plain(self, text: str, whole: str, at: nodes.Node) -> str:
        if "%" in text:
            raise self._bad_translation(at, f"{whole!r} has a % that is no %(name)s: write %%")
        return text

    def _placed(self, found: re.Match[str], values: Mapping[str, nodes.Expr], text: str, at: nodes.Node) -> nodes.Expr:
        if found[1] is None:
            return self.literal("%", at)
        if found[1] not in values:
            raise self._bad_translation(at, f"{text!r} uses %({found[1]})s, which the original has not")
        return values[found[1]]

    def _bad_translation(self, at: nodes.Node, what: str) -> RenderError:
        return self.sources.fault(at, f"in {self.words.locale}: {what}")
