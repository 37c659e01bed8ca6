"""The only Jinja environment: sandboxed, strict, without globals, without a loader, without anything to call.

Every part is unfolded first (unfold.py), which admits a short list of constructs and no call at all; what is left can ask
plain data for its items and pass it through the filters below. The sandbox is the second lock on the same door.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS
from markupsafe import Markup, escape

from ripeline.render.direction import is_rtl, isolated_html, isolated_text
from ripeline.render.fault import did_you_mean
from ripeline.render.formats import formats_for

BORROWED_FILTERS = ("capitalize", "e", "escape", "first", "join", "last", "length", "lower", "trim", "upper", "urlencode")
TESTS = (
    "defined", "undefined", "none", "string", "number", "even", "odd", "divisibleby",
    "in", "==", "eq", "!=", "ne", "<", "lt", "<=", "le", ">", "gt", ">=", "ge", "true", "false",
)  # fmt: skip
LOOP_NAMES = ("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem")
LONGEST_TEXT = 100_000
LARGEST_NUMBER = 10**15
ADDRESS_SCHEMES = ("https://", "http://", "mailto:", "tel:")


TextT = TypeVar("TextT", str, Markup)


class Words(Protocol):
    """The catalogue a part is written in."""

    @property
    def locale(self) -> str: ...

    @property
    def plural_form(self) -> Callable[[int], int]: ...

    @property
    def enumerations(self) -> Mapping[str, Mapping[str, str]]: ...

    def named(self, field: str, value: object) -> str | None: ...

    def forms(self, context: str | None, text: str, plural: str | None) -> tuple[str, ...]: ...

    def __hash__(self) -> int: ...


class Missing(ValueError):
    """A value that is not there, said by the name the template gives it."""


class Lacking(Missing, UndefinedError):
    """What this reader has not and another may have: a value, or an item of a list."""


class Unknown(StrictUndefined):
    """An undefined name that says so in words, wherever it is used."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        known = self._undefined_obj if isinstance(self._undefined_obj, dict) else ()
        return self._undefined_hint or f"nothing is called {self._undefined_name!r} here.{did_you_mean(str(self._undefined_name), known)}"


class LetterEnvironment(ImmutableSandboxedEnvironment):
    """Reaches items of plain dicts and lists and the counters of a loop; never an attribute or a method of a Python object."""

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in LOOP_NAMES:
            return getattr(obj, attribute)
        return self._absent(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) in (dict, list, tuple, str):
            with suppress(LookupError, TypeError):
                return obj[argument]
        return self._absent(obj, argument)

    def _absent(self, obj: Any, name: Any) -> Undefined:
        if isinstance(obj, Undefined):  # what was unknown first is the mistake
            return obj
        if obj is None:
            return self.undefined(f"there is no {name!r} where there is nothing: put the sentence in {{% if … %}}", exc=Lacking)
        return self.undefined(obj=obj, name=name, exc=UndefinedError if isinstance(obj, dict) else Lacking)

    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for operand in (left, right):  # before, since the sum itself may be what eats the machine
            if isinstance(operand, Undefined):
                raise Missing(operand._undefined_message)
            if isinstance(operand, bool) or not isinstance(operand, int | float | Decimal):
                raise SecurityError(f"{operator!r} reckons with numbers, not with {type(operand).__name__}: join texts with ~")
        if operator == "**" and abs(right) > 10:
            raise SecurityError("a power above 10")
        result = super().call_binop(context, operator, left, right)
        if abs(result) > LARGEST_NUMBER:
            raise SecurityError(f"{operator!r} gives something larger than a letter needs")
        return result


@lru_cache(maxsize=256)
def environment_for(words: Words, is_html: bool) -> LetterEnvironment:
    """Return the environment in which parts in these words are written; `words` is compared by identity."""
    environment = LetterEnvironment(undefined=Unknown, autoescape=is_html, cache_size=0, optimized=False)  # unfolding has computed what is constant
    environment.globals.clear()
    environment.tests = {name: JINJA_TESTS[name] for name in TESTS}
    environment.filters = {name: FILTERS[name] for name in BORROWED_FILTERS} | _filters(words, is_html)
    return environment


@lru_cache(maxsize=1)
def parsing_environment() -> LetterEnvironment:
    """Return the environment that reads templates. babel.cfg names the same extension, else extraction would skip what runs."""
    environment = LetterEnvironment(extensions=["jinja2.ext.i18n"], cache_size=0)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    return environment


PRIVATE_FILTERS = ("known", "given", "shown", "shown_in_text", "shown_as_address", "joined", "plural_form")
"""Filters that unfolding puts in; an author cannot name them."""


def _filters(words: Words, is_html: bool) -> dict[str, Callable[..., Any]]:
    formats = {name: (_escaping(each) if is_html and name == "list" else each) for name, each in formats_for(words.locale).items()}
    isolate = isolated_html if is_html else isolated_text
    rtl = is_rtl(words.locale)

    def in_text(value: Any, name: str) -> Any:
        return isolate(given(value, name), rtl)

    shown = {"known": known, "given": given, "shown": given if is_html else in_text, "shown_in_text": in_text, "shown_as_address": shown_as_address}
    return (
        dict(formats)
        | shown
        | {"named": _named(words), "default": default, "d": default, "joined": joined_html if is_html else joined_text, "plural_form": _plural(words)}
    )


def known(value: Any, name: str) -> Any:
    """Return the value, None included; Missing if the data does not know the name."""
    if isinstance(value, Undefined):
        kind = Lacking if value._undefined_exception is Lacking else Missing
        raise kind(f"{name}: {value._undefined_message}")
    return value


def given(value: Any, name: str) -> Any:
    """Return the value; Missing if there is none."""
    if value is None:
        raise Lacking(f'{name} has no value here: write {name}|default("…"), or put the sentence in {{% if {name} %}}')
    return known(value, name)


def shown_as_address(value: Any, name: str) -> Any:
    """Return a value that stands as the address of a link or picture; another scheme than https, http, mailto or tel raises Missing."""
    if not str(given(value, name)).lower().startswith(ADDRESS_SCHEMES):
        raise Missing(f"{name} stands as an address and does not begin with https://, mailto: or tel:")
    return value


def default(value: Any, other: Any = "", boolean: bool = False) -> Any:
    """Return the value, or `other` where there is none; with `boolean`, also where it is empty, zero or false."""
    if value is None or isinstance(value, Undefined):
        return other
    return other if boolean and not value else value


def joined_text(parts: list[Any]) -> str:
    """Return the parts as one text."""
    return _bounded([str(part) for part in parts], "")


def joined_html(parts: list[Any]) -> Markup:
    """Return the parts as one piece of HTML, escaped where they are not markup."""
    return _bounded([escape(part) for part in parts], Markup(""))


def _bounded(parts: list[TextT], glue: TextT) -> TextT:
    if sum(map(len, parts)) > LONGEST_TEXT:
        raise SecurityError("a text longer than a letter needs")
    return glue.join(parts)


def _escaping(make_list: Callable[..., str]) -> Callable[..., Markup]:
    def listed(values: Any, style: str = "standard") -> Markup:
        return Markup(make_list([escape(value) for value in values], style))

    return listed


def _named(words: Words) -> Callable[[Any, str], str | None]:
    def named(value: Any, field: str) -> str | None:
        return None if value is None else words.named(field, value)

    return named


def _plural(words: Words) -> Callable[[Any], int]:
    def form(count: Any) -> int:
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(f"{type(count).__name__} is not a count")
        return words.plural_form(count)

    return form
