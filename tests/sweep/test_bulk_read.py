"""Bulk reading: many rows or few, the same frame, and no harm to whoever is writing."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

import polars as pl
import pytest
import sqlalchemy as sa
from people import NOW, a_lead, an_event
from sqlmodel import Session, col

from models import Event
from ripeline.database import engine_for, open_session
from ripeline.decide.facts import INSTANT
from ripeline.sweep import bulk_read
from ripeline.sweep.bulk_read import read_bulk
from ripeline.values import Refusal

SCHEMA = {"lead_id": pl.Int64(), "at": INSTANT, "path": pl.String(), "seconds": pl.Float64(), "amount": pl.Float64()}
EVENTS = sa.select(*(col(getattr(Event, name)) for name in SCHEMA)).order_by(col(Event.at))


@pytest.fixture
def events(session: Session) -> list[datetime]:
    """Give the instants of three stored events."""
    lead = a_lead()
    session.add(lead)
    session.commit()
    instants = [NOW.replace(microsecond=micros) for micros in (1, 2, 3)]
    session.add_all(an_event(lead, "page_viewed", at, path=path) for at, path in zip(instants, (None, "/50%", "/ü'"), strict=True))
    session.commit()
    session.rollback()
    return instants


@pytest.fixture(params=["few", "many"])
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "many":
        monkeypatch.setattr(bulk_read, "SMALL", 2)
    yield
    bulk_read._reader.cache_clear()


@pytest.mark.usefixtures("_size")
def test_rows_come_with_the_declared_types(url, events):
    frame = read_bulk(engine_for(url), EVENTS, SCHEMA)
    assert frame.schema == SCHEMA
    assert frame["at"].to_list() == events
    assert frame["path"].to_list() == [None, "/50%", "/ü'"]


@pytest.mark.usefixtures("_size")
def test_a_percent_sign_in_a_value_is_one(url, events):
    assert read_bulk(engine_for(url), EVENTS.where(col(Event.path) == "/50%"), SCHEMA).height == 1


@pytest.mark.usefixtures("_size")
def test_reading_leaves_the_writers_log_alone(sqlite_url):
    with open_session(sqlite_url) as session:
        session.add(a_lead())
        session.commit()
        read_bulk(engine_for(sqlite_url), EVENTS, SCHEMA)
        session.add(a_lead())
        session.commit()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as elsewhere:
        assert elsewhere.execute("SELECT count(*) FROM lead").fetchone() == (2,)
    elsewhere.close()


def test_a_table_that_cannot_be_read_in_bulk_is_told(sqlite_url, monkeypatch):
    reader = bulk_read._Reader()
    with pytest.raises(Refusal, match="cannot be read"):
        reader.read(sqlite_url.removeprefix("sqlite:///"), "SELECT 1 FROM nowhere", {})
    reader.close()


def test_a_reader_that_died_is_told_and_replaced(sqlite_url):
    reader = bulk_read._Reader()
    reader._process.kill()
    reader._process.wait()
    with pytest.raises(Refusal, match="smaller --batch-size"):
        reader.read(sqlite_url.removeprefix("sqlite:///"), "SELECT 1", {})
    assert read_bulk(engine_for(sqlite_url), EVENTS, SCHEMA).is_empty()
