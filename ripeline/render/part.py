"""A part of a letter, compiled once and filled many times: a subject, a text, an HTML body, a web page."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from jinja2 import nodes
from jinja2.environment import Environment, Template
from jinja2.exceptions import TemplateError

from ripeline.render.direction import direction_of, is_rtl
from ripeline.render.environment import LetterEnvironment, Words, environment_for
from ripeline.render.expression import Message
from ripeline.render.fault import RenderError
from ripeline.render.markup import Marked, Rebuilding
from ripeline.render.mjml import html_of, inlined, with_table_bodies
from ripeline.render.source import FOLDER, Sources
from ripeline.render.unfold import Unfolded, unfolded

LARGEST_PART = 1_000_000


@dataclass(frozen=True)
class Part:
    """A compiled template. `messages` is what it asks of a catalogue, `fields` the dotted names it asks of the data, `conditions` what it
    asks about the lead by `when("…")`; fields and conditions tell file and line."""

    path: str
    messages: Mapping[Message, int]
    fields: Mapping[str, tuple[str, int]]
    conditions: Mapping[str, tuple[str, int]]
    _template: Template
    _sources: Sources

    def filled(self, data: Mapping[str, Any]) -> str:
        """Return the part with the data in it; RenderError names template, line and variable where something is missing.

        `data` is plain: dicts, lists, text, numbers, days and instants (letter/data.py makes it). Nothing of it is ever
        taken for a template.
        """
        size, pieces = 0, []
        try:
            for piece in self._template.root_render_func(self._template.new_context(dict(data))):
                size += len(piece)
                if size > LARGEST_PART:
                    raise RenderError(FOLDER + self.path, 0, f"more than {LARGEST_PART:,} characters: no letter is that long")
                pieces.append(piece)
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise RenderError(*self._place(error.__traceback__), str(error)) from error
        return "".join(pieces)

    def _place(self, traceback: TracebackType | None) -> tuple[str, int]:
        line = 0
        while traceback is not None:
            template = traceback.tb_frame.f_globals.get("__jinja_template__")
            if template is not None:
                line = template.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        return self._sources.place(line)


def compiled_part(sources: Sources, path: str, words: Words) -> Part:
    """Return the template at `path` below templates/, compiled in these words; RenderError where it is wrong.

    .mjml is compiled to HTML and .html has its styles inlined where it lies in email/; both escape what they show. Everything
    else is text.
    """
    is_html = path.endswith((".mjml", ".html"))
    environment = environment_for(words, is_html)
    lang = words.locale.replace("_", "-")
    known = {"locale": words.locale, "lang": lang, "dir": direction_of(words.locale)}
    try:
        flat = unfolded(sources, path, environment, words, known)
        body = _through_markup(flat, path, sources, environment, words) if is_html else flat.nodes
        template = compiled_nodes(body, environment)
    except (RecursionError, SyntaxError) as error:  # Python has its own bound on nesting
        raise RenderError(FOLDER + path, 1, "nested too deeply: take it apart") from error
    fields = {name: sources.place(line) for name, line in flat.fields.items()}
    conditions = {text: sources.place(line) for text, line in flat.conditions.items()}
    return Part(path, flat.messages, fields, conditions, template, sources)


def messages_in(sources: Sources, path: str, words: Words) -> Mapping[Message, int]:
    """Return what the template at `path` asks of a catalogue in any language: no branch is left out for the locale's sake."""
    environment = environment_for(words, path.endswith((".mjml", ".html")))
    return unfolded(sources, path, environment, words, {}).messages


def _through_markup(flat: Unfolded, path: str, sources: Sources, environment: LetterEnvironment, words: Words) -> list[nodes.Node]:
    marked = Marked(is_mjml=path.endswith(".mjml"))
    marked.write(flat.nodes)
    try:
        if marked.is_mjml:
            html = html_of(marked.text, is_rtl(words.locale))
        elif path.startswith("email/"):
            html = inlined(with_table_bodies(marked.text))
        else:
            html = marked.text
        return Rebuilding(marked, sources, environment).nodes_of(html)
    except RenderError:
        raise
    except ValueError as error:
        raise RenderError(FOLDER + path, 0, str(error)) from error


def compiled_nodes(body: list[nodes.Node], environment: Environment) -> Template:
    """Return unfolded nodes as a template of Jinja's."""
    tree = nodes.Template(body, lineno=0)
    tree.set_environment(environment)
    tree.set_lineno(0)
    return environment.from_string(tree)
