"""Template files as trees: each parsed once, every node knowing its file and line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError

from ripeline.render.environment import parsing_environment
from ripeline.render.fault import RenderError, did_you_mean

FOLDER = "templates/"
CONDITION = "when"
"""The name under which a template asks a condition of the playbook's language."""
LINES_A_FILE = 1_000_000

_UNSAID = (nodes.Block, nodes.Macro, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Assign, nodes.AssignBlock)
"""What may stand outside of blocks where a template extends another."""


@dataclass(eq=False)
class Source:
    """One template file. `macros` are those it defines or imports by name, `modules` the files it imports under a name."""

    path: str
    tree: nodes.Template
    parent: str | None = None
    macros: dict[str, tuple[nodes.Macro, "Source"]] = field(default_factory=dict)
    modules: dict[str, "Source"] = field(default_factory=dict)

    @cached_property
    def blocks(self) -> tuple[nodes.Block, ...]:
        """Return its blocks, those inside of others too."""
        return tuple(self.tree.find_all(nodes.Block))


def syntax_checked(files: Mapping[str, str], path: str) -> None:
    """Raise RenderError if the template file at `path` (from the top, templates/ included) is not understood."""
    Sources(files).parsed(path.removeprefix(FOLDER))


class Sources:
    """The template files of one playbook, parsed as they are asked for, once for all languages; threads may share them.

    Lines of all files are numbered in one row, LINES_A_FILE apart, so that a node that has moved into another template still
    tells where it was written.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._lock = RLock()
        self._read: dict[str, Source] = {}
        self._under_way: set[str] = set()
        self._paths: list[str] = []

    def place(self, line: int) -> tuple[str, int]:
        """Return the file and the line in it that a line of the row stands for."""
        index, within = divmod(line, LINES_A_FILE)
        return (FOLDER + self._paths[index], within) if index < len(self._paths) else (FOLDER, 0)

    def fault(self, node: nodes.Node, what: str) -> RenderError:
        """Return the error that says `what` is wrong with a node."""
        return RenderError(*self.place(node.lineno), what)

    def read(self, path: str, asking: nodes.Node | None = None) -> Source:
        """Return a template file by its path below templates/; `asking` is the tag that names it."""
        with self._lock:
            if path not in self._read:
                self._read[path] = self._made(path, asking)
            return self._read[path]

    def _made(self, path: str, asking: nodes.Node | None) -> Source:
        if path in self._under_way:
            raise RenderError(FOLDER + path, 1, "a template that imports or extends itself: break the ring")
        if FOLDER + path not in self._files:
            raise self._not_there(path, asking)
        self._under_way.add(path)
        try:
            source = Source(path, self.parsed(path))
            self._register(source)
        finally:
            self._under_way.discard(path)
        return source

    def _not_there(self, path: str, asking: nodes.Node | None) -> RenderError:
        templates = [each.removeprefix(FOLDER) for each in self._files if each.startswith(FOLDER)]
        what = f"no template {path!r}.{did_you_mean(path, templates)}"
        return self.fault(asking, what) if asking is not None else RenderError(FOLDER + path, 0, what)

    def parsed(self, path: str) -> nodes.Template:
        """Return the tree of one file, its lines numbered, without what it imports."""
        try:
            tree = parsing_environment().parse(self._files[FOLDER + path], path)
        except TemplateSyntaxError as error:
            raise RenderError(FOLDER + path, error.lineno, f"not understood: {error.message}") from error
        except RecursionError as error:
            raise RenderError(FOLDER + path, 1, "nested too deeply: take it apart") from error
        first_line = len(self._paths) * LINES_A_FILE
        self._paths.append(path)
        for node in tree.body:
            node.set_lineno(node.lineno or 1)  # where the parser gave none, the tag's own
        for node in tree.find_all(nodes.Node):
            node.lineno = first_line + (node.lineno or 1)
        return tree

    def conditions(self, path: str) -> Iterator[tuple[str, tuple[str, int]]]:
        """Give each condition that one file asks by `when("…")`, with file and line; those in macros and blocks too."""
        for call in self.read(path).tree.find_all(nodes.Call):
            asked = call.args[0] if isinstance(call.node, nodes.Name) and call.node.name == CONDITION and call.args else None
            if isinstance(asked, nodes.Const) and isinstance(asked.value, str):
                yield " ".join(asked.value.split()), self.place(call.lineno)

    def _register(self, source: Source) -> None:
        for node in source.tree.body:
            if isinstance(node, nodes.Macro):
                source.macros[node.name] = (node, source)
            elif isinstance(node, nodes.Import):
                source.modules[node.target] = self._named(node.template)
            elif isinstance(node, nodes.FromImport):
                source.macros.update(self._imported(node))
            elif isinstance(node, nodes.Extends):
                source.parent = self._named(node.template).path
        if source.parent is not None:
            self._refuse_lost(source.tree.body)

    def _refuse_lost(self, body: Iterable[nodes.Node]) -> None:
        """Raise RenderError for what a template that extends another says outside of its blocks: nobody would ever see it."""
        for node in body:
            for said in node.nodes if isinstance(node, nodes.Output) else [node]:
                if isinstance(said, nodes.TemplateData) and not said.data.strip():
                    continue
                if not isinstance(said, _UNSAID):
                    blank = said.data[: len(said.data) - len(said.data.lstrip())] if isinstance(said, nodes.TemplateData) else ""
                    what = "this stands outside of every block, and would be dropped: put it into {% block content %}, or another block of the frame"
                    raise RenderError(*self.place(said.lineno + blank.count("\n")), what)

    def _named(self, template: nodes.Expr) -> Source:
        if not isinstance(template, nodes.Const) or not isinstance(template.value, str):
            raise self.fault(template, 'a template is named by a text, such as "email/_base/frame.txt"')
        return self.read(template.value, template)

    def _imported(self, node: nodes.FromImport) -> Iterator[tuple[str, tuple[nodes.Macro, Source]]]:
        source = self._named(node.template)
        for entry in node.names:
            name, known_as = entry if isinstance(entry, tuple) else (entry, entry)
            if name not in source.macros:
                raise self.fault(node, f"{source.path} has no macro {name!r}.{did_you_mean(name, source.macros)}")
            yield known_as, source.macros[name]
