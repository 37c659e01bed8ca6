"""Templates unfolded: inheritance, includes, macros, translations and everything else known before the lead is, resolved.

What remains is flat: text, holes that data will fill, conditions and loops over data. It renders faster, it is all that a
sandbox has to hold, and for MJML it is what lets a body be compiled once (docs/decisions/0003-mjml-once.md).
`{% set %}` becomes substitution, so a variable costs nothing; a condition over data around it becomes a conditional value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from jinja2 import nodes

from ripeline.render.environment import LetterEnvironment, Words
from ripeline.render.expression import Expressions, Message, Scope
from ripeline.render.fault import did_you_mean
from ripeline.render.source import Source, Sources

DEEPEST_CALL = 20
DEEPEST_LOOP = 3
MOST_PIECES = 20_000


@dataclass(frozen=True)
class Unfolded:
    """A template unfolded: its nodes, what it asked of the catalogue, of the data (dotted names) and of the lead (conditions), each with its line."""

    nodes: list[nodes.Node]
    messages: Mapping[Message, int]
    fields: Mapping[str, int]
    conditions: Mapping[str, int]


def unfolded(sources: Sources, path: str, environment: LetterEnvironment, words: Words, known: Mapping[str, str]) -> Unfolded:
    """Return the template at `path` (below templates/) unfolded in these words, with the names in `known` as constants."""
    unfolding = _Unfolding(sources, environment, words, known)
    flat = unfolding.template(path)
    return Unfolded(flat, unfolding.messages, {name: line for name, line in unfolding.fields.items() if "__" not in name}, unfolding.conditions)


class _Unfolding(Expressions):
    def __init__(self, sources: Sources, environment: LetterEnvironment, words: Words, known: Mapping[str, str]) -> None:
        super().__init__(sources, environment, words, known)
        self._numbers = count(1)
        self._pieces = 0
        self._statements: dict[type[nodes.Node], Callable[..., Iterable[nodes.Node]]] = {
            nodes.Output: self._output, nodes.If: self._if, nodes.For: self._for, nodes.Assign: self._set, nodes.AssignBlock: self._set_block,
            nodes.Block: self._block, nodes.Include: self._include, nodes.CallBlock: self._call_block, nodes.With: self._with,
            nodes.Macro: self._nothing, nodes.Import: self._nothing, nodes.FromImport: self._nothing, nodes.Extends: self._nothing,
        }  # fmt: skip

    def template(self, path: str, around: Scope | None = None, asking: nodes.Node | None = None) -> list[nodes.Node]:
        """Return a whole template unfolded; one that is included sees the names `around` it."""
        chain = [self.sources.read(path, asking)]
        while chain[-1].parent is not None:
            chain.append(self.sources.read(chain[-1].parent))
        blocks: dict[str, list[tuple[nodes.Block, Source]]] = {}
        for source in chain:
            for block in source.blocks:
                blocks.setdefault(block.name, []).append((block, source))
        names = dict(around.names) if around is not None else {}
        for source in chain[:-1]:
            self._names_of(source, names)
        scope = Scope(chain[-1], names, blocks)
        if around is not None and asking is not None:
            scope = replace(scope, depth=self._deeper(around, asking), loops=around.loops)
        return self._all(chain[-1].tree.body, scope)

    def _all(self, body: Iterable[nodes.Node], scope: Scope) -> list[nodes.Node]:
        return [each for node in body for each in self._one(node, scope)]

    def _one(self, node: nodes.Node, scope: Scope) -> Iterable[nodes.Node]:
        self._pieces += 1
        if self._pieces > MOST_PIECES:
            raise self.sources.fault(node, "the template unfolds beyond measure: let macros call each other less")
        if type(node) not in self._statements:
            raise self.sources.fault(node, f"{{% {type(node).__name__.lower()} %}} is not allowed in a template")
        return self._statements[type(node)](node, scope)

    def _nothing(self, node: nodes.Node, scope: Scope) -> Iterable[nodes.Node]:
        return ()

    def _output(self, node: nodes.Output, scope: Scope) -> Iterator[nodes.Node]:
        for each in node.nodes:
            called = self._called_statements(each, scope)
            if called is not None:
                yield from called
            elif isinstance(each, nodes.TemplateData):
                yield nodes.Output([nodes.TemplateData(each.data, lineno=each.lineno)], lineno=each.lineno)
            else:
                yield from (nodes.Output([piece], lineno=piece.lineno) for piece in self.pieces(self.value(each, scope)))

    def _if(self, node: nodes.If, scope: Scope) -> Iterable[nodes.Node]:
        test = self.value(node.test, scope)
        otherwise: list[nodes.Node] = node.else_
        if node.elif_:
            first, *rest = node.elif_
            otherwise = [nodes.If(first.test, first.body, rest, node.else_, lineno=first.lineno)]
        if isinstance(test, nodes.Const):
            return self._all(node.body if test.value else otherwise, scope)
        yes, no = scope.branch(), scope.branch()
        chosen = nodes.If(test, self._all(node.body, yes), [], self._all(otherwise, no), lineno=node.lineno)
        self._merge(test, yes, no, scope)
        return [chosen]

    def _merge(self, test: nodes.Expr, yes: Scope, no: Scope, scope: Scope) -> None:
        for name in yes.names.keys() | no.names.keys():
            here, there = (branch.names.get(name, nodes.Name(name, "load", lineno=test.lineno)) for branch in (yes, no))
            if here is not there:
                scope.names[name] = nodes.CondExpr(test, here, there, lineno=test.lineno, environment=self.environment)

    def _for(self, node: nodes.For, scope: Scope) -> Iterable[nodes.Node]:
        if node.recursive:
            raise self.sources.fault(node, "a recursive loop is not allowed in a template")
        if scope.loops >= DEEPEST_LOOP:
            raise self.sources.fault(node, f"loops nest at most {DEEPEST_LOOP} deep")
        over = self.value(node.iter, scope)
        inner = replace(scope.branch(), loops=scope.loops + 1)
        # Two loops may use one name, and a bound expression may carry it from one into the other: each loop gets its own.
        target = self._target(node.target, inner)
        inner.names.pop("loop", None)
        test = self.value(node.test, inner) if node.test is not None else None
        return [nodes.For(target, over, self._all(node.body, inner), self._all(node.else_, scope.branch()), test, False, lineno=node.lineno)]

    def _target(self, node: nodes.Node, scope: Scope) -> nodes.Node:
        if isinstance(node, nodes.Tuple):
            return nodes.Tuple([self._target(each, scope) for each in node.items], "store", lineno=node.lineno)
        if not isinstance(node, nodes.Name):
            raise self.sources.fault(node, "only a plain name can be set in a template")
        own = f"{node.name}__{next(self._numbers)}"
        scope.names[node.name] = nodes.Name(own, "load", lineno=node.lineno)
        return nodes.Name(own, "store", lineno=node.lineno)

    def _set(self, node: nodes.Assign, scope: Scope) -> Iterable[nodes.Node]:
        if not isinstance(node.target, nodes.Name):
            raise self.sources.fault(node, "only a plain name can be set in a template")
        scope.names[node.target.name] = self.value(node.node, scope)
        return ()

    def _set_block(self, node: nodes.AssignBlock, scope: Scope) -> Iterable[nodes.Node]:
        if not isinstance(node.target, nodes.Name) or node.filter is not None:
            raise self.sources.fault(node, "only a plain name can be set in a template, without a filter")
        scope.names[node.target.name] = self._expressed(self._all(node.body, scope.branch()), node)
        return ()

    def _with(self, node: nodes.With, scope: Scope) -> Iterable[nodes.Node]:
        inner = scope.branch()
        for target, value in zip(node.targets, node.values, strict=True):
            inner.names[getattr(target, "name", "")] = self.value(value, scope)
        return self._all(node.body, inner)

    def _block(self, node: nodes.Block, scope: Scope) -> Iterable[nodes.Node]:
        return self._block_named(node.name, 0, node, scope)

    def _block_named(self, name: str, generation: int, at: nodes.Node, scope: Scope) -> list[nodes.Node]:
        versions = scope.blocks.get(name, [])
        if generation >= len(versions):
            raise self.sources.fault(at, f"no block {name!r} above this one.{did_you_mean(name, scope.blocks)}")
        block, home = versions[generation]
        return self._all(block.body, replace(scope.branch(), home=home, above=(name, generation + 1), depth=self._deeper(scope, at)))

    def _include(self, node: nodes.Include, scope: Scope) -> Iterable[nodes.Node]:
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            raise self.sources.fault(node, 'a template is named by a text, such as "email/_base/frame.txt"')
        return self.template(node.template.value, scope, node)

    def _call_block(self, node: nodes.CallBlock, scope: Scope) -> Iterable[nodes.Node]:
        if node.args:
            raise self.sources.fault(node, "a call block takes no arguments of its own")
        called = self._called_statements(node.call, scope, (node.body, scope))
        if called is None:
            name = node.call.node.name if isinstance(node.call.node, nodes.Name) else ""
            raise self.sources.fault(node, f"no macro {name!r} is here to call.{did_you_mean(name, scope.home.macros) or ' Import it at the top.'}")
        return called

    def _called_statements(self, node: nodes.Node, scope: Scope, caller: tuple[list[nodes.Node], Scope] | None = None) -> list[nodes.Node] | None:
        """Return what calling a macro, super(), caller() or self.block() puts out; None if the node calls none of these."""
        if not isinstance(node, nodes.Call):
            return None
        called = node.node
        name = called.name if isinstance(called, nodes.Name) else called.attr if isinstance(called, nodes.Getattr) else ""
        owner = called.node.name if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name) else None
        if owner is None and name in scope.home.macros:
            return self._expanded(*scope.home.macros[name], node, scope, caller)
        if owner in scope.home.modules and name in scope.home.modules[owner].macros:
            return self._expanded(*scope.home.modules[owner].macros[name], node, scope, caller)
        if owner == "self":
            return self._block_named(name, 0, node, scope)
        if owner is None and name == "super" and scope.above is not None:
            return self._block_named(*scope.above, node, scope)
        if owner is None and name == "caller" and scope.caller is not None:
            body, theirs = scope.caller
            return self._all(body, replace(theirs.branch(), depth=self._deeper(scope, node)))
        return None

    def expression_of(self, node: nodes.Call, scope: Scope) -> nodes.Expr:
        statements = self._called_statements(node, scope)
        if statements is None:
            known = [*scope.home.macros, *scope.home.modules, "caller", "super"]
            name = getattr(node.node, "name", getattr(node.node, "attr", "this"))
            raise self.sources.fault(node, f"{name!r} cannot be called in a template, only macros and translations can.{did_you_mean(name, known)}")
        return self._expressed(statements, node)

    def _expressed(self, statements: Iterable[nodes.Node], at: nodes.Node) -> nodes.Expr:
        parts: list[nodes.Expr] = []
        for node in statements:
            if isinstance(node, nodes.Output):
                parts += [self.literal(each.data, each) if isinstance(each, nodes.TemplateData) else each for each in node.nodes]
            elif isinstance(node, nodes.If):
                branches = (self._expressed(body, node) for body in (node.body, node.else_))
                parts.append(nodes.CondExpr(node.test, *branches, lineno=node.lineno, environment=self.environment))
            else:
                raise self.sources.fault(node, "a loop cannot stand inside an expression: call the macro in {{ … }} of its own")
        return self.folded(self.joined(parts, at))

    def _expanded(self, macro: nodes.Macro, home: Source, call: nodes.Call, scope: Scope, caller: tuple[list[nodes.Node], Scope] | None) -> list[nodes.Node]:
        names: dict[str, nodes.Expr] = {}
        self._names_of(home, names)
        names.update(self._arguments(macro, home, call, scope))
        return self._all(macro.body, Scope(home, names, scope.blocks, None, caller, self._deeper(scope, call), scope.loops))

    def _names_of(self, source: Source, names: dict[str, nodes.Expr]) -> None:
        """Put what a file sets at its top level into `names`."""
        for node in source.tree.body:
            if isinstance(node, nodes.Assign):
                self._set(node, Scope(source, names))

    def _arguments(self, macro: nodes.Macro, home: Source, call: nodes.Call, scope: Scope) -> dict[str, nodes.Expr]:
        params = [param.name for param in macro.args]
        given = dict(zip(params, (self.value(arg, scope) for arg in call.args), strict=False))
        given.update((each.key, self.value(each.value, scope)) for each in call.kwargs)
        strange = [name for name in given if name not in params]
        if call.dyn_args or call.dyn_kwargs or len(call.args) > len(params) or strange:
            raise self.sources.fault(call, f"macro {macro.name!r} takes {', '.join(params) or 'nothing'}")
        for name, value in zip(reversed(params), reversed(macro.defaults), strict=False):
            given.setdefault(name, self.value(value, Scope(home, {})))
        missing = [name for name in params if name not in given]
        if missing:
            raise self.sources.fault(call, f"macro {macro.name!r} needs {', '.join(missing)}")
        return given

    def _deeper(self, scope: Scope, at: nodes.Node) -> int:
        if scope.depth >= DEEPEST_CALL:
            raise self.sources.fault(at, "macros, blocks and includes nest too deeply: does one call itself?")
        return scope.depth + 1
