"""Importing events into SQLite, end to end: a CSV file in, checked, identified, stored, leads raised.

Beside it the least that anybody could do by hand: csv.reader and executemany into the same table, nothing checked, nothing identified.
"""

import csv
import json
import resource
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

import sqlalchemy as sa
from sqlmodel import SQLModel

from benchmarks.goals import IMPORT
from benchmarks.row import Row
from models import Lead
from ripeline.database import engine_for, open_session
from ripeline.playbook.files import read_folder
from ripeline.playbook.mapping import EventsMap
from ripeline.playbook.maps import default_map
from ripeline.playbook.playbook import parse_playbook
from ripeline.settings import CLONE
from ripeline.sweep.bulk import table_of
from ripeline.sweep.ingest import Intake, import_events

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
GOAL = 50_000
HEADER = ("lead", "kind", "at", "path", "seconds", "asset")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def run(small: bool) -> list[Row]:
    """Return the rows of the table: events a second, without an id in the file and with one, and from JSON Lines."""
    leads, events = (500, 5_000) if small else (200_000, 2_000_000)
    with TemporaryDirectory() as folder:
        plain, with_ids = (_file(Path(folder) / f"{name}.csv", leads, events, has_id) for name, has_id in (("plain", False), ("ids", True)))
        by_hand = _rate(events, lambda: _by_hand(_database(Path(folder) / "hand.db", leads), plain))
        files = {"known by their content": plain, "with an id each": with_ids, "JSON Lines": _lines(Path(folder) / "plain.jsonl", leads, events)}
        return [
            _row(f"import {events:,} events of {leads:,} leads, SQLite, {how}", _import_rate(Path(folder) / f"{number}.db", leads, file, events), by_hand)
            for number, (how, file) in enumerate(files.items())
        ]


def _row(what: str, rate: float, by_hand: float) -> Row:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ours, referee = f"{rate:,.0f} events/s", f"csv.reader and executemany: {by_hand:,.0f} events/s"
    return Row(IMPORT, what, ours, referee, by_hand / rate, f"at least {GOAL:,} events/s", rate >= GOAL, peak)


def _import_rate(file: Path, leads: int, events: Path, count: int) -> float:
    _database(file, leads)
    playbook = parse_playbook(read_folder(CLONE))
    found = default_map(playbook.files, EventsMap, playbook.fields)

    def work() -> None:
        with open_session(f"sqlite:///{file}") as session:
            outcome = import_events(Intake(session, playbook.files, playbook.fields, NOW, b"pepper", (events.parent,)), events, found)
        assert outcome.rows["imported"] == count, f"every row is new, yet {outcome.rows}"

    return _rate(count, work)


def _rate(count: int, work: Callable[[], None]) -> float:
    begun = perf_counter()
    work()
    return count / (perf_counter() - begun)


def _by_hand(file: Path, events: Path) -> None:
    received = (NOW - EPOCH) // timedelta(microseconds=1)
    with sqlite3.connect(file) as connection, events.open(newline="") as text:
        connection.execute("PRAGMA cache_size=-262144")
        rows = csv.reader(text)
        next(rows)
        typed = (
            (
                int(lead[4:]) + 1,
                int(datetime.fromisoformat(at).timestamp()) * 1_000_000,
                number,
                received,
                kind,
                path or None,
                int(seconds),
                asset or None,
                str(number),
            )
            for number, (lead, kind, at, path, seconds, asset) in enumerate(rows)
        )
        columns = "lead_id, at, id, received_at, kind, path, seconds, asset, source_id, actor, source"
        insert = f"INSERT INTO event ({columns}) VALUES ({', '.join('?' * 9)}, 'human', 'hand')"
        connection.executemany(insert, typed)


def _database(file: Path, leads: int) -> Path:
    """Return a database with leads crm-0, crm-1 … and no events."""
    engine = engine_for(f"sqlite:///{file}")
    SQLModel.metadata.create_all(engine)
    defaults = {name: each.default for name, each in Lead.model_fields.items() if name != "id" and not each.is_required() and each.default_factory is None}
    rows = (
        defaults | {"address": f"{number}@example.com", "address_key": f"{number}@example.com", "external_id": f"crm-{number}", "more": {}}
        | dict.fromkeys(("created_at", "updated_at", "stage_at"), NOW - timedelta(days=400))
        for number in range(leads)
    )  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(table_of(Lead)), list(rows))
    return file


def _file(path: Path, leads: int, events: int, has_id: bool) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADER, *(["event_id"] if has_id else [])])
        writer.writerows([*event, *([f"e{number}"] if has_id else [])] for number, event in enumerate(_events(leads, events)))
    return path


def _lines(path: Path, leads: int, events: int) -> Path:
    with path.open("w") as file:
        file.writelines(json.dumps(dict(zip(HEADER, event, strict=True))) + "\n" for event in _events(leads, events))
    return path


def _events(leads: int, events: int) -> Iterator[tuple[str, str, str, str, int, str]]:
    """Yield events of a year, of random leads in the order of time, as a site's log has them."""
    random = Random(7)
    step = timedelta(days=365) / events
    for number in range(events):
        is_page = random.random() < 0.8
        at = (NOW - timedelta(days=365) + step * number).strftime("%Y-%m-%dT%H:%M:%SZ")
        page = random.choice(("/", "/pricing", "/product/automation", "/careers")) if is_page else ""
        yield (
            f"crm-{random.randrange(leads)}",
            "page_viewed" if is_page else "asset_downloaded",
            at,
            page,
            random.randrange(300),
            "" if is_page else "case-study",
        )
