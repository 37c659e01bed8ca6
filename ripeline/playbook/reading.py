"""Reading one TOML file into one shape, with every mistake said in the marketer's words."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ripeline.decide.problem import Place, Problem
from ripeline.playbook.finding import Finding, did_you_mean
from ripeline.playbook.positions import line_of, positions

M = TypeVar("M", bound=BaseModel)


def read_table(path: str, text: str, findings: list[Finding]) -> dict[str, Any] | None:
    """Return the TOML file as a dict; None, with a finding, where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        said = re.sub(r"\s*\(at .*\)$", "", str(error)).rstrip(".")
        line = int(found[1]) if found else text.count("\n") + 1
        findings.append(Finding(path, line, f"not TOML: {said}.", "Look at quotes, brackets and the sign '=' on this line."))
    except RecursionError:
        findings.append(Finding(path, 0, "not TOML that anybody could read: brackets within brackets without end.", "Write it flat."))
    except ValueError:  # Python reads whole numbers of up to 4,300 digits
        findings.append(Finding(path, 0, "not TOML: a number of thousands of digits.", "Write it shorter."))
    return None


def read_toml(path: str, text: str, shape: type[M], findings: list[Finding]) -> M | None:
    """Return the file as a `shape`; None where it is not one, with a finding for each mistake."""
    table = read_table(path, text, findings)
    if table is None:
        return None
    try:
        return shape.model_validate(table)
    except ValidationError as error:
        lines = positions(text)
        found = {Finding(path, line_of(lines, each.place), each.what, each.remedy) for each in problems_in(error, table, shape)}
        findings.extend(sorted(found))
        return None


def problems_in(error: ValidationError, table: Mapping[str, Any], shape: type[BaseModel]) -> Iterator[Problem]:
    """Yield what pydantic found wrong with a table of this shape, in the marketer's words; places lead from the table."""
    for detail in error.errors():
        detail["loc"] = _without_members(detail["loc"])
        place = _real_place(table, detail["loc"])
        if _is_echo(detail):
            continue
        what, remedy = _said(detail, shape)
        owner = _owner(table, place)
        yield Problem(place, f"{owner}: {what}" if owner and not what.startswith(owner) else what, remedy)


def _is_echo(detail: ErrorDetails) -> bool:
    """Tell whether a list is too short only because entries of it are wrong: those are told by themselves."""
    given = detail["input"]
    return detail["type"] == "too_short" and isinstance(given, list | dict) and len(given) >= detail["ctx"]["min_length"]


def _said(detail: ErrorDetails, shape: type[BaseModel]) -> tuple[str, str]:
    key = next((str(part) for part in reversed(detail["loc"]) if isinstance(part, str)), "")
    match detail["type"]:
        case "extra_forbidden" if key in _keys(shape):
            return f"'{key}' does not go here.", "Other tables of this file have it; this one does not."
        case "extra_forbidden":
            return f"unknown key '{key}'.", did_you_mean(key, _keys(shape))
        case "missing":
            return f"'{key}' is missing.", f"Write {key} = … here."
        case "value_error":
            return detail["msg"].removeprefix("Value error, ") + ("" if detail["msg"].endswith((".", "?")) else "."), ""
        case "rule_of_one_kind":
            return detail["msg"], ""
        case kind if kind in _PLAINLY:
            return f"'{key}' {_PLAINLY[kind].format(given=_short(detail['input']), **_bounds(detail))}.", ""
        case _:
            return f"'{key}': {detail['msg'][:1].lower()}{detail['msg'][1:]}, not {_short(detail['input'])}.", ""


_PLAINLY = {
    "too_short": "has {actual_length} of at least {min_length}",
    "too_long": "has {actual_length}, and {max_length} is the most",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "less_than": "is {given}, and must be below {lt}",
    "less_than_equal": "is {given}, and {le} is the most",
    "greater_than": "is {given}, and must be above {gt}",
    "greater_than_equal": "is {given}, and {ge} is the least",
    "tuple_type": "is {given}, and must be a list: write it in brackets",
    "list_type": "is {given}, and must be a list: write it in brackets",
    "dict_type": "is {given}, and must be a table: write keys and values, each as key = value",
    "model_type": "is {given}, and must be a table: write keys and values, each as key = value",
    "model_attributes_type": "is {given}, and must be a table: write keys and values, each as key = value",
    "string_type": "is {given}, and must be a text: write it in quotes",
    "int_type": "is {given}, and must be a whole number: write it without quotes",
    "int_parsing": "is {given}, and must be a whole number: write it without quotes",
    "int_from_float": "is {given}, and must be a whole number",
    "float_type": "is {given}, and must be a number: write it without quotes",
    "float_parsing": "is {given}, and must be a number: write it without quotes",
    "bool_type": "is {given}, and must be true or false",
    "bool_parsing": "is {given}, and must be true or false",
    "literal_error": "is {given}, and may be {expected}",
    "enum": "is {given}, and may be {expected}",
}
"""What pydantic's kinds of mistakes mean to whoever wrote the file."""


def _bounds(detail: ErrorDetails) -> dict[str, Any]:
    """Return what a key was held against, 1.0 as people write it."""
    return {name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in detail.get("ctx", {}).items()}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _without_members(loc: Place) -> Place:
    """Return `loc` without the kinds of value that pydantic puts behind a key which may hold several, such as "str" and "tuple[str, ...]"."""
    while loc and isinstance(loc[-1], str) and _MEMBER.fullmatch(loc[-1]):
        loc = loc[:-1]
    return loc


_MEMBER = re.compile(r"str|int|float|bool|(tuple|list|dict|literal)\[.*\]")


def _real_place(table: Any, loc: Place) -> Place:
    """Return `loc` without the names of union members that pydantic puts between keys."""
    place: list[str | int] = []
    here = table
    for index, part in enumerate(loc):
        rest = loc[index + 1 :]
        if isinstance(here, dict) and not _is_a_member(here, part, rest) and (part in here or (not rest and isinstance(part, str))):
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            continue
        place.append(part)
    return tuple(place)


def _is_a_member(here: dict[str | int, Any], part: str | int, rest: Place) -> bool:
    """Return whether a part names a member of a union, though a key is called the same: what follows lies beside that key, or cannot lie in it."""
    if not rest or part not in here:
        return False
    inside = here[part]
    return not isinstance(inside, dict | list) or (rest[0] in here and rest[0] not in inside)


def _owner(table: Any, place: Place) -> str:
    """Return the nearest named table around `place`, such as "touch 'follow-up'", or else the table's own header, such as "[total]"."""
    owner, here, word, header = "", table, "", list[str]()
    for part in place:
        word = part if isinstance(part, str) else word
        here = _inside(here, part)
        if isinstance(here, dict) and isinstance(here.get("name"), str):
            owner = f"{word} {_short(here['name'])}"
        elif isinstance(here, dict):
            header.append(word)
    return owner or (f"[{'.'.join(header)}]" if header else "")


def _inside(table: Any, part: str | int) -> Any:
    if isinstance(table, dict):
        return table.get(part)
    return table[part] if isinstance(table, list) and isinstance(part, int) else None


def _keys(shape: type[BaseModel]) -> set[str]:
    """Return every key that `shape` or a shape inside it knows."""
    return set(_names(shape.model_json_schema()))


def _names(schema: Any) -> Iterable[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from _names(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _names(inner)
