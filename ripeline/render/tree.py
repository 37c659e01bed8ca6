"""Trees of expressions: told as their author wrote them, and copied with other names for filters."""

from collections.abc import Callable
from typing import Any

from jinja2 import nodes


def dotted(node: nodes.Node) -> str:
    """Return an expression as its author wrote it, where it is a name; a filter's is its subject's."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{dotted(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{dotted(node.node)}[{node.arg.value!r}]"
    return dotted(node.node) if isinstance(node, nodes.Filter) and node.node is not None else "this expression"


def renamed(node: nodes.Node, rename: Callable[[str], str]) -> Any:
    """Return a copy of a tree in which the filters that unfolding put in go by other names."""

    def copied(value: Any) -> Any:
        if isinstance(value, list):
            return [copied(each) for each in value]
        return renamed(value, rename) if isinstance(value, nodes.Node) else value

    fields = [copied(getattr(node, name)) for name in node.fields]
    if isinstance(node, nodes.Filter):
        fields[node.fields.index("name")] = rename(node.name)
    return type(node)(*fields, lineno=node.lineno, environment=node.environment)
