"""What holds for every file: chunks and order change nothing, twice is once, and every row is in exactly one count."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from laws import tried
from people import NOW
from sqlmodel import Session, SQLModel, col, select

from models import AttributeChange, Consent, Event, Lead, ParkedEvent, Suppression
from ripeline.connect.sources import csv
from ripeline.database import engine_for, open_session
from ripeline.decide.fields import Fields
from ripeline.playbook.mapping import EventsMap, LeadsMap
from ripeline.playbook.maps import default_map, read_map
from ripeline.sweep.ingest import Intake, Outcome, import_events, import_leads
from ripeline.sweep.ingest import events as importing

DAYS = st.integers(0, 3).map(lambda days: (NOW - timedelta(days=days)).isoformat())
NAMES = st.sampled_from(["ada@example.com", "ADA@example.com", "kenji@example.org", "bob@bücher.example", "nobody", "", "@", "crm-7"])
WORDS = st.sampled_from(["", "Spreewerk", "Midori", " ", "=1+1", "Select"])
COUNTRIES = st.sampled_from(["", "DE", "Japan", "unknown", "Nowhere"])

LEADS_MAP = """
missing = ["Select"]
as_of = "seen"
[lead]
id = ["id"]
address = "email"
[[event]]
from = "company"
kind = "page_viewed"
at = "seen"
[[consent]]
from = "agreed"
is = "y"
purpose = "marketing"
text = { constant = "Yes" }
at = "seen"
[[suppression]]
from = "agreed"
is = "n"
"""

lead_rows = st.lists(st.tuples(st.sampled_from(["", "", "7", "8"]), NAMES, WORDS, COUNTRIES, DAYS, st.sampled_from(["", "y", "n"])), min_size=1, max_size=12)
event_rows = st.lists(st.tuples(NAMES, st.sampled_from(["page_viewed", "unsubscribed", "odd", ""]), DAYS, WORDS), min_size=1, max_size=15)

slow = tried(4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def fresh(url: str, tmp_path: Path) -> Callable[[], str]:
    """Give a function that empties the database and returns its URL."""

    def empty() -> str:
        with engine_for(url).begin() as connection:
            for table in reversed(SQLModel.metadata.sorted_tables):
                connection.execute(table.delete())
        return url

    return empty


@pytest.fixture
def bring(files: dict[str, str], fields: Fields, tmp_path: Path) -> Callable[..., Outcome]:
    """Give a function that imports rows as a file, in blocks of so many characters."""
    numbers = count()

    def run(url: str, kind: str, header: str, rows: list[tuple[str, ...]], block: int = 1 << 20, now: Any = NOW) -> Outcome:
        path = tmp_path / f"{kind}-{next(numbers)}.csv"
        path.write_text("\n".join([header, *(",".join(row) for row in rows)]), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch, open_session(url) as session:
            patch.setattr(csv, "BLOCK", block)
            patch.setattr(importing, "ROWS_A_TRANSACTION", block)
            intake = Intake(session, files, fields, now, b"pepper", (tmp_path / "rejects",))
            if kind == "leads":
                return import_leads(intake, path, read_map("map.toml", LEADS_MAP, LeadsMap, fields))
            return import_events(intake, path, default_map(files, EventsMap, fields))

    return run


def everything(url: str) -> dict[str, list[Any]]:
    """Return what is stored, by what it says: numbers that only count rows are left out, and how often leads were news."""
    with open_session(url, writes=False) as session:
        keys = {lead.id: lead.address_key for lead in session.exec(select(Lead))}
        return {
            "leads": sorted(
                (lead.address, lead.external_id or "", lead.company or "", lead.country or "", str(lead.updated_at)) for lead in session.exec(select(Lead))
            ),
            "changes": sorted((keys[row.lead_id], row.attribute, row.old or "", row.new or "", str(row.at)) for row in session.exec(select(AttributeChange))),
            "events": sorted((keys[row.lead_id], row.kind, str(row.at), row.source_id, row.path or "") for row in session.exec(select(Event))),
            "parked": sorted((row.lead_ref, row.kind, str(row.at), row.source_id) for row in session.exec(select(ParkedEvent))),
            "consents": sorted((keys[row.lead_id], str(row.at), row.state) for row in session.exec(select(Consent))),
            "suppressions": sorted(_suppressions(session)),
        }


def _suppressions(session: Session) -> Iterator[tuple[str, str, str]]:
    return ((row.address_hash, row.reason, row.scope) for row in session.exec(select(Suppression).order_by(col(Suppression.id))))


LEAD_HEADER, EVENT_HEADER = "id,email,company,country,seen,agreed", "lead,kind,at,path"


NEWEST, BEFORE, OLDEST = (str((NOW - timedelta(days=days)).isoformat()) for days in (0, 1, 2))
QUARREL = [
    ("8", "ada@example.com", "", "unknown", NEWEST, ""),
    ("", "kenji@example.org", "", "", NEWEST, ""),
    ("7", "ada@example.com", "", "", BEFORE, ""),
    ("7", "kenji@example.org", "", "", NEWEST, ""),
    ("", "ada@example.com", "", "", NEWEST, ""),
    ("", "nobody", "Spreewerk", "", OLDEST, "y"),
    ("8", "@", "Select", "unknown", NEWEST, "y"),
    ("", "ada@example.com", "Midori", "", OLDEST, ""),
    ("", "ADA@example.com", "Select", "DE", BEFORE, "y"),
]
"""Two ids claim one address, and one of them another address later."""


@slow
@example(rows=QUARREL, block=105)
@given(rows=lead_rows, block=st.integers(1, 200))
def test_a_file_of_leads_in_any_chunks_twice_or_once_is_the_same(fresh: Any, bring: Any, rows: list[tuple[str, ...]], block: int) -> None:
    url = fresh()
    whole = bring(url, "leads", LEAD_HEADER, rows)
    stored = everything(url)
    again = bring(url, "leads", LEAD_HEADER, rows, block, NOW + timedelta(days=1))
    assert everything(url) == stored
    url = fresh()
    in_chunks = bring(url, "leads", LEAD_HEADER, rows, block)

    assert everything(url) == stored
    assert in_chunks.rows == whole.rows
    assert (whole.total, again.total, again.rows["refused"]) == (len(rows), len(rows), whole.rows["refused"])
    assert again.rows["imported"] + again.rows["merged"] == 0


@slow
@given(rows=event_rows, block=st.integers(1, 60), order=st.randoms(use_true_random=False))
def test_a_file_of_events_in_any_order_and_chunks_twice_or_once_is_the_same(
    fresh: Any, bring: Any, rows: list[tuple[str, ...]], block: int, order: Any
) -> None:
    shuffled = order.sample(rows, len(rows))
    url = fresh()
    bring(url, "leads", LEAD_HEADER, [("7", "ada@example.com", "", "", NOW.isoformat(), "")])
    whole = bring(url, "events", EVENT_HEADER, rows)
    stored = everything(url)
    again = bring(url, "events", EVENT_HEADER, shuffled, block, NOW + timedelta(days=1))
    assert everything(url) == stored
    url = fresh()
    bring(url, "leads", LEAD_HEADER, [("7", "ada@example.com", "", "", NOW.isoformat(), "")])
    in_chunks = bring(url, "events", EVENT_HEADER, shuffled, block)

    assert everything(url) == stored
    assert in_chunks.rows == whole.rows
    assert (whole.total, again.total) == (len(rows), len(rows))
    assert again.rows == {word: count for word, count in {"unchanged": len(rows) - whole.rows["refused"], "refused": whole.rows["refused"]}.items() if count}


@slow
@given(rows=lead_rows.map(lambda rows: list({row[1].casefold(): row for row in rows}.values())), order=st.randoms(use_true_random=False))
def test_leads_of_a_row_each_come_in_any_order(fresh: Any, bring: Any, rows: list[tuple[str, ...]], order: Any) -> None:
    plain = [("", *row[1:]) for row in rows]
    url = fresh()
    bring(url, "leads", LEAD_HEADER, plain)
    stored = everything(url)
    url = fresh()
    bring(url, "leads", LEAD_HEADER, order.sample(plain, len(plain)))

    assert everything(url) == stored


@slow
@given(leads=lead_rows, events=event_rows)
def test_it_does_not_matter_who_comes_first_a_lead_or_its_events(fresh: Any, bring: Any, leads: list[tuple[str, ...]], events: list[tuple[str, ...]]) -> None:
    url = fresh()
    bring(url, "leads", LEAD_HEADER, leads)
    bring(url, "events", EVENT_HEADER, events)
    leads_first = everything(url)
    url = fresh()
    bring(url, "events", EVENT_HEADER, events)
    bring(url, "leads", LEAD_HEADER, leads)

    assert everything(url) == leads_first
