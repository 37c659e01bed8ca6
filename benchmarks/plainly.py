"""Plain Python from end to end: some leads read, scored one after the other by card_plain, and their totals stored."""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from benchmarks.card_plain import Change, Happening, Person, total
from benchmarks.ours import playbook_with
from benchmarks.population import NOW
from ripeline.decide.facts import EPOCH


def plainly(url: str, leads: int) -> float:
    """Return how many seconds the first so many leads take on SQLite; SystemExit where their totals are not those in the table of scores."""
    lists = playbook_with(None).lists
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        begun = time.perf_counter()
        totals = [(person.id, total(person, lists, NOW)) for person in _people(connection, leads)]
        connection.execute("CREATE TEMPORARY TABLE plain (lead_id INTEGER PRIMARY KEY, total INTEGER)")
        connection.executemany("INSERT INTO plain VALUES (?, ?)", totals)
        seconds = time.perf_counter() - begun
        different = connection.execute("SELECT count(*) FROM plain LEFT JOIN score USING (lead_id) WHERE plain.total IS NOT score.total").fetchone()[0]
    if different:
        raise SystemExit(f"{different} totals differ from those of plain Python: there is nothing to compare")
    return seconds


def _people(connection: sqlite3.Connection, leads: int) -> Iterator[Person]:
    events, changes = defaultdict[int, list[Happening]](list), defaultdict[int, list[Change]](list)
    for lead_id, at, *rest in _rows(connection, "lead_id, at, id, kind, path, asset, touch, form, seconds", "event", "lead_id", leads):
        events[lead_id].append(Happening(_instant(at), *rest))
    for lead_id, at, attribute in _rows(connection, "lead_id, at, attribute", "attribute_change", "lead_id", leads):
        changes[lead_id].append(Change(_instant(at), attribute))
    columns = "id, address_key, seniority, industry, employees, country, created_at"
    for lead_id, address, seniority, industry, employees, country, created_at in _rows(connection, columns, "lead", "id", leads):
        domain = address.partition("@")[2]
        yield Person(lead_id, domain, seniority, industry, employees, country, _instant(created_at), events[lead_id], changes[lead_id])


def _rows(connection: sqlite3.Connection, columns: str, table: str, key: str, leads: int) -> Iterator[tuple[Any, ...]]:
    return connection.execute(f"SELECT {columns} FROM {table} WHERE {key} <= {leads} ORDER BY {key}{', at' if key == 'lead_id' else ''}")


def _instant(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)
