"""Examples: leads that a card's author thought of, scored, so that a card says what it means and keeps meaning it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from ripeline.decide.duration import Duration
from ripeline.decide.facts import CHANGE_SCHEMA, Facts, column_type, event_schema
from ripeline.decide.fields import Field, Fields
from ripeline.decide.literal import did_you_mean
from ripeline.decide.points import to_hundredths, told
from ripeline.decide.problem import Problem
from ripeline.decide.score import score
from ripeline.decide.scorecard import Example, Scorecard, bind

EXAMPLE_AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""The instant at which examples happen: any would do, since they are written in "ago"."""

POINTS = ("fit", "engagement", "total")
EXPECTED = (*POINTS, "grade", "excluded")
HAPPENED = {"events": 'event = "page_viewed", path = "/pricing"', "changes": 'attribute = "title"'}
"""How what happened to an example is written."""


class _Unreadable(ValueError):
    """An example that cannot be put into facts; `place` leads to the reason."""

    def __init__(self, place: tuple[str | int, ...], what: str, remedy: str) -> None:
        super().__init__(what)
        self.problem = Problem(place, what, remedy)


def run_examples(card: Scorecard, fields: Fields, lists: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Return where an example does not come out as it says. The card itself must be sound (`check_scorecard`)."""
    found: list[Problem] = []
    told: dict[int, Facts] = {}
    for position, example in enumerate(card.example):
        try:
            told[position] = _facts(example, fields, position)
        except _Unreadable as error:
            found.append(error.problem)
    if told:  # all in one go: to score many takes hardly longer than to score one
        for row in score(_together(told.values()), bind(card, fields, lists), EXAMPLE_AT).iter_rows(named=True):
            found += _unexpected(card.example[row["lead_id"]], row, ("example", row["lead_id"]))
    return sorted(found, key=lambda problem: problem.place[1])


def _together(facts: Iterable[Facts]) -> Facts:
    leads, events, changes = zip(*((each.leads, each.events, each.changes) for each in facts), strict=True)
    return Facts(pl.concat(leads), pl.concat(events), pl.concat(changes))


def _unexpected(example: Example, row: Mapping[str, Any], place: tuple[str | int, ...]) -> list[Problem]:
    try:
        return list(_differences(example, row, place))
    except _Unreadable as error:
        return [error.problem]


def _differences(example: Example, row: Mapping[str, Any], place: tuple[str | int, ...]) -> Iterator[Problem]:
    for key, wanted in example.expect.items():
        here = (*place, "expect", key)
        if key not in EXPECTED:
            yield Problem(here, f"example '{example.name}': nothing is called '{key}'.", did_you_mean(key, EXPECTED, f"expect {', '.join(EXPECTED)}"))
        elif key not in POINTS:
            if (row[key] or "") != wanted:
                yield Problem(here, f"example '{example.name}' expects {key} {wanted!r} and gets {row[key]!r}.", _remedy(row))
        elif row[key] != _hundredths(wanted, here, example):
            yield Problem(here, f"example '{example.name}' expects {key} {wanted:g} and gets {told(row[key])}.", _remedy(row))


def _remedy(row: Mapping[str, Any]) -> str:
    return f"Mend the rule or the example (fit {told(row['fit'])}, engagement {told(row['engagement'])}, grade {row['grade']})."


def _hundredths(wanted: Any, here: tuple[str | int, ...], example: Example) -> int:
    try:
        return to_hundredths(wanted)
    except ValueError as error:
        raise _Unreadable(here, f"example '{example.name}': {error}.", "") from error


def _facts(example: Example, fields: Fields, position: int) -> Facts:
    """Return an example as the facts of the lead whose id is its position."""
    place = ("example", position)
    given = dict(example.given)
    events, changes = (_listed(given.pop(name, []), (*place, "given", name), example) for name in ("events", "changes"))
    attributes = {"created_at": EXAMPLE_AT} | given
    unknown = next((name for name in attributes if name not in fields.lead), None)
    if unknown is not None:
        remedy = did_you_mean(unknown, [*fields.lead, "events", "changes"], "see: ripeline fields")
        raise _Unreadable((*place, "given", unknown), f"example '{example.name}': unknown field '{unknown}'.", remedy)
    lead: dict[str, Any] = {"id": position} | {name: _typed(value, fields.lead[name], (*place, "given", name), example) for name, value in attributes.items()}
    schema = {"id": pl.Int64()} | {name: column_type(field) for name, field in fields.lead.items()}
    return Facts(
        pl.DataFrame([dict.fromkeys(schema) | lead], schema=schema),
        _events(events, fields, (*place, "given", "events"), example),
        _changes(changes, fields, (*place, "given", "changes"), example),
    )


def _listed(entries: Any, place: tuple[str | int, ...], example: Example) -> list[dict[str, Any]]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        what = f"example '{example.name}': {place[-1]} is a list, and {entries!r} is none of what happened."
        raise _Unreadable(place, what, f'Write {place[-1]} = [{{ {HAPPENED[str(place[-1])]}, ago = "2 days" }}]')
    return entries


def _changes(changes: list[dict[str, Any]], fields: Fields, place: tuple[str | int, ...], example: Example) -> pl.DataFrame:
    for number, change in enumerate(changes):
        if change.get("attribute") not in fields.lead:
            what = f"example '{example.name}': unknown field '{change.get('attribute', '')}'."
            raise _Unreadable((*place, number), what, did_you_mean(str(change.get("attribute", "")), fields.lead, f"write {{ {HAPPENED['changes']} }}"))
    return pl.DataFrame([{"lead_id": place[1]} | _moved(each, place, example) for each in changes], schema=CHANGE_SCHEMA)


def _events(events: list[dict[str, Any]], fields: Fields, place: tuple[str | int, ...], example: Example) -> pl.DataFrame:
    rows, names = [], set()
    for number, event in enumerate(events):
        kind = str(event.get("event", ""))
        if kind not in fields.event:
            remedy = f'write {{ {HAPPENED["events"]}, ago = "2 days" }}'
            raise _Unreadable((*place, number), f"example '{example.name}': unknown event '{kind}'.", did_you_mean(kind, fields.event, remedy))
        known = fields.event[kind]
        moved = _moved(event, (*place, number), example)
        strangers = [name for name in moved if name not in known and name not in ("event", "at")]
        if strangers:
            remedy = did_you_mean(strangers[0], [*known, "ago"], f"it has: {', '.join(known) or 'nothing'}, and ago")
            raise _Unreadable((*place, number), f"example '{example.name}': {kind} has no '{strangers[0]}'.", remedy)
        values = {name: _typed(value, known[name], (*place, number, name), example) for name, value in moved.items() if name in known}
        rows.append({"lead_id": place[1], "id": number, "at": moved["at"], "kind": kind} | values)
        names |= set(values)
    every = frozenset(name for kind in fields.event.values() for name in kind)
    return pl.DataFrame([dict.fromkeys(every) | row for row in rows], schema=event_schema(fields, every))


def _moved(entry: Mapping[str, Any], place: tuple[str | int, ...], example: Example) -> dict[str, Any]:
    """Return an entry with `at` in place of `ago`."""
    values = dict(entry)
    try:
        return values | {"at": EXAMPLE_AT - Duration.parse(str(values.pop("ago", "0 days"))).span}
    except ValueError as error:
        raise _Unreadable((*place, "ago"), f"example '{example.name}': {error}.", "") from error


def _typed(value: Any, field: Field, place: tuple[str | int, ...], example: Example) -> Any:
    try:
        typed = pl.Series([value], dtype=column_type(field), strict=True)[0]
    except (TypeError, pl.exceptions.PolarsError):
        what = f"example '{example.name}': {field.name} is a {field.type}, and {value!r} is not."
        raise _Unreadable(place, what, f"Write it like {field.example!r}") from None
    if field.choices and typed not in field.choices:
        remedy = did_you_mean(typed, field.choices, f"it is one of: {', '.join(field.choices)}")
        raise _Unreadable(place, f"example '{example.name}': {field.name} is never '{typed}'.", remedy)
    return typed
