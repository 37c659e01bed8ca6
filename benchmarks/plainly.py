"""The forty rules beside plain Python, on SQLite: the evaluation alone, with all facts in memory already, and everything from end to end.

Evaluation alone is what `score` does with the facts of slices of leads: points, reasons, grade and the next review, on all cores, as many
slices at the same time as `rescore` has batches in work; beside it
`card_plain.total`, one lead after the other, totals alone: this is what is asked. From end to end, told beside, both read the database and store what they
found, ours with reasons, grade and next review, plain Python totals; it works off some of the leads and is scaled up per lead, since all of them would
take it minutes.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from benchmarks.bases import sqlite
from benchmarks.card_plain import Change, Happening, Person, total
from benchmarks.forty import CARD, EACH
from benchmarks.goals import PLAIN
from benchmarks.ours import ours, playbook_with
from benchmarks.population import NOW, empty_scores
from benchmarks.row import Row
from ripeline.database import engine_for
from ripeline.decide.facts import EPOCH
from ripeline.decide.scoring import score_by_market
from ripeline.sweep.ahead import SLICE
from ripeline.sweep.facts import read_facts
from ripeline.sweep.rescore import AT_ONCE
from ripeline.sweep.scoring import scoring_of

TIMES = 5
SAMPLE = 5_000


def run(small: bool) -> list[Row]:
    """Return a row for the evaluation alone, and one from end to end."""
    leads, rounds = (400, 1) if small else (100_000, 3)
    with sqlite(leads, EACH) as url:
        ends = [_end_to_end(url, leads) for _ in range(rounds)]
        each = min(leads // AT_ONCE, SLICE)
        alone = [_evaluated(url, each) for _ in range(rounds)]
    evaluated = f"evaluate {AT_ONCE} times {each:,} leads at once, 40 rules, facts in memory"
    rescored = f"rescore {leads:,} leads, 40 rules, end to end, SQLite"
    return [_row(evaluated, alone, is_asked=True), _row(rescored, ends, is_asked=False)]


def _row(what: str, rounds: list[tuple[float, float]], *, is_asked: bool) -> Row:
    """Return a row out of what a lead took in each round, ours and plain, in microseconds."""
    ours_took, plain = min(each[0] for each in rounds), min(each[1] for each in rounds)
    ratio = ours_took / plain
    row = Row(PLAIN, what, f"{ours_took:.0f} µs a lead", f"plain Python: {plain:.0f} µs a lead", ratio)
    return replace(row, asked=f"at most {1 / TIMES}", is_met=ratio * TIMES <= 1) if is_asked else row


def _end_to_end(url: str, leads: int) -> tuple[float, float]:
    empty_scores(url)
    told, sample = ours("rescore", url, CARD).seconds, min(leads, SAMPLE)
    return told / leads * 1e6, _plain_end_to_end(url, sample) / sample * 1e6


def _plain_end_to_end(url: str, leads: int) -> float:
    """Return how many seconds the first so many leads take; SystemExit where their totals are not those in the table of scores."""
    lists = playbook_with(None).lists
    with closing(_connect(url)) as connection:
        begun = time.perf_counter()
        totals = [(person.id, total(person, lists, NOW)) for person in _people(connection, leads)]
        connection.execute("CREATE TEMPORARY TABLE plain (lead_id INTEGER PRIMARY KEY, total INTEGER)")
        connection.executemany("INSERT INTO plain VALUES (?, ?)", totals)
        seconds = time.perf_counter() - begun
        _agree(connection.execute("SELECT count(*) FROM plain LEFT JOIN score USING (lead_id) WHERE plain.total IS NOT score.total").fetchone()[0])
    return seconds


def _evaluated(url: str, leads: int) -> tuple[float, float]:
    """Return the microseconds that evaluating a lead takes, ours in slices of so many leads, and plain."""
    playbook, sample = playbook_with(CARD), min(leads, SAMPLE)
    by = scoring_of(playbook)
    slices = [range(leads * number + 1, leads * (number + 1) + 1) for number in range(AT_ONCE)]
    facts = [read_facts(engine_for(url), ids, by.needs, playbook.fields, NOW).facts for ids in slices]
    with closing(_connect(url)) as connection:
        people = list(_people(connection, sample))
    with ThreadPoolExecutor(AT_ONCE) as workers:
        begun = time.perf_counter()
        scores, *_ = workers.map(lambda of_slice: score_by_market(of_slice, by, NOW), facts)
        scored = time.perf_counter()
    totals = {person.id: total(person, playbook.lists, NOW) for person in people}
    ended = time.perf_counter()
    _agree(sum(totals[lead_id] != points for lead_id, points in scores.filter(pl.col("lead_id") <= sample).select("lead_id", "total").iter_rows()))
    return (scored - begun) / (leads * AT_ONCE) * 1e6, (ended - scored) / sample * 1e6


def _agree(different: int) -> None:
    if different:
        raise SystemExit(f"{different} totals differ from those of plain Python: there is nothing to compare")


def _connect(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"))


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
