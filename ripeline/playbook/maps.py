"""Reading a map, and checking it against the fields that a playbook declares."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from ripeline.decide.fields import Fields, FieldType
from ripeline.decide.seniority import BadLine, ladder
from ripeline.playbook.finding import Finding, did_you_mean
from ripeline.playbook.mapping import DerivedEvent, EventsMap, FileMap, LeadsMap, SuppressionsMap
from ripeline.playbook.positions import line_of, positions
from ripeline.playbook.reading import read_table, read_toml
from ripeline.values import Refusal

FOLDER = "playbook/imports/"
WORKED_OUT = frozenset({"email_domain"})
"""Attributes that are worked out from others and never come in."""

M = TypeVar("M", bound=FileMap)
Place = tuple[str | int, ...]


def read_map(path: str, text: str, shape: type[M], fields: Fields) -> M:
    """Return the map in `text`; raise Refusal that lists every mistake by file and line. `path` is only told."""
    findings: list[Finding] = []
    found = read_toml(path, text, shape, findings)
    if found is not None:
        findings += check_map(path, text, found, fields)
    if found is None or findings:
        raise Refusal("the map does not hold, and nothing was imported:\n" + "\n".join(str(finding) for finding in sorted(findings)))
    return found


def default_map(files: Mapping[str, str], shape: type[M], fields: Fields) -> M:
    """Return the map that holds where none is named: playbook/imports/leads.toml, events.toml or suppressions.toml."""
    path = f"{FOLDER}{_NAMES[shape]}.toml"
    if path not in files:
        raise Refusal(f"{path} is missing: take it from a fresh clone, or name a map with --map")
    return read_map(path, files[path], shape, fields)


def check_imports(files: Mapping[str, str], fields: Fields) -> list[Finding]:
    """Return what is off in what imports go by: the maps, and the lists that tell a rank from a title.

    A map with `kind` is for events, one with `address` for suppressions, any other for leads.
    """
    return [*chain.from_iterable(_in_map(path, files[path], fields) for path in sorted(files) if _is_map(path)), *_in_lists(files, fields)]


def _is_map(path: str) -> bool:
    return path.startswith(FOLDER) and path.endswith(".toml")


def _in_map(path: str, text: str, fields: Fields) -> list[Finding]:
    findings: list[Finding] = []
    table = read_table(path, text, findings)
    found = None if table is None else read_toml(path, text, shape_of(table), findings)
    return findings if found is None else check_map(path, text, found, fields)


def _in_lists(files: Mapping[str, str], fields: Fields) -> list[Finding]:
    declared = fields.lead.get("seniority")
    try:
        ladder(files, declared.choices if declared else ())
    except BadLine as bad:
        return [Finding(bad.path, bad.line, bad.what, bad.remedy)]
    return []


def shape_of(table: Mapping[str, Any]) -> type[FileMap]:
    """Return which of the three shapes a map's table has."""
    return EventsMap if "kind" in table else SuppressionsMap if "address" in table else LeadsMap


def check_map(path: str, text: str, found: FileMap, fields: Fields) -> list[Finding]:
    """Return what a map names that no field declares."""
    lines = positions(text)
    return [Finding(path, line_of(lines, place), what, did_you_mean(word, known)) for place, word, known, what in _unknown(found, fields)]


def _unknown(found: FileMap, fields: Fields) -> Iterator[tuple[Place, str, Sequence[str], str]]:
    """Yield each word that is not declared: its place, itself, the words that are, and the sentence."""
    properties = sorted({name for kind in fields.event.values() for name in kind})
    if isinstance(found, LeadsMap):
        attributes = sorted({*fields.lead, "id", "address"} - WORKED_OUT)
        yield from _strangers(("lead",), found.lead, attributes, "attribute '{}' is not declared in playbook/fields.toml.")
        for number, event in enumerate(found.event):
            yield from _of_event(("event", number), event, fields)
    if isinstance(found, EventsMap):
        yield from _strangers(("with",), found.properties, properties, "property '{}' is not declared in playbook/fields.toml.")
    yield from _strangers(("values",), found.values, _meant(found, fields), "'{}' is nothing that this map fills.")
    yield from _strangers(("formats",), found.formats, _dated(found, fields), "'{}' is no date or time that this map fills.")


def _meant(found: FileMap, fields: Fields) -> list[str]:
    """Return what a map fills by way of [values]."""
    if isinstance(found, LeadsMap):
        return sorted({*fields.lead, "id", "address"} - WORKED_OUT)
    if isinstance(found, EventsMap):
        return ["lead", "kind", "id", "actor", *sorted({name for kind in fields.event.values() for name in kind})]
    return ["address", "reason", "scope"]


def _dated(found: FileMap, fields: Fields) -> list[str]:
    """Return the dates and instants that a map fills."""
    kinds = [] if isinstance(found, SuppressionsMap) else list(fields.event.values())
    tables = [fields.lead, *kinds] if isinstance(found, LeadsMap) else kinds
    dates = {field.name for table in tables for field in table.values() if field.type in (FieldType.DATE, FieldType.INSTANT)}
    return ["at", *(["as_of"] if isinstance(found, LeadsMap) else []), *sorted(dates)]


def _of_event(place: Place, event: DerivedEvent, fields: Fields) -> Iterator[tuple[Place, str, Sequence[str], str]]:
    kinds = list(event.kind.values()) if isinstance(event.kind, dict) else [event.kind]
    yield from _strangers((*place, "kind"), kinds, sorted(fields.event), "kind of event '{}' is not declared in playbook/fields.toml.")
    declared = sorted({name for kind in kinds for name in fields.event.get(kind, {})})
    yield from _strangers((*place, "with"), event.properties, declared, "property '{}' is not declared for this kind of event in playbook/fields.toml.")


def _strangers(place: Place, words: Iterable[str], known: Sequence[str], sentence: str) -> Iterator[tuple[Place, str, Sequence[str], str]]:
    return (((*place, word), word, known, sentence.format(word)) for word in words if word not in known)


_NAMES: Mapping[type[FileMap], str] = {LeadsMap: "leads", EventsMap: "events", SuppressionsMap: "suppressions"}
