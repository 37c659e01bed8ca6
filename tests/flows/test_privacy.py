"""Nothing about a person lies in Prefect: not in runs, logs, events or artifacts, not even when something breaks (RELIABILITY B10, I33)."""

import logging
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from people import NOW, ada, an_event, kenji
from sqlmodel import Session

from models import Consent, ConsentState, Lead, Purpose
from ripeline.database import open_session
from ripeline.sweep.run import ORDER

NAMES = {"ada@example.com", "kenji@example.org", "Neumann", "健二", "Spreewerk", "みどり商会", "bruno@example.net", "Bruno"}


@pytest.fixture
def talkative() -> Iterator[None]:
    """Let flows log as they do in production."""
    loggers = [logging.getLogger(name) for name in ("prefect.flow_runs", "prefect.task_runs")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def _keen(session: Session, lead: Lead) -> None:
    """Store a lead with consent who asked for everything."""
    session.add(lead)
    session.flush()
    assert lead.id is not None
    given = NOW - timedelta(days=10)
    row = {"purpose": Purpose.MARKETING, "state": ConsentState.GIVEN, "basis": "consent", "at": given, "received_at": given, "source": "test"}
    session.add(Consent(lead_id=lead.id, subject_hash="", **row))
    for day, kind in enumerate(("demo_requested", "webinar_attended", "form_sent")):
        session.add(an_event(lead, kind, NOW - timedelta(days=day + 1), form="contact", asset="automation-101"))


def _all_of_prefects_database() -> str:
    """Return everything that Prefect's server has stored, as text, when all that was on its way has come."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker
    from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all()
    engine = sa.create_engine(str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value()).replace("+aiosqlite", ""))
    with engine.connect() as connection:
        tables = sa.inspect(engine).get_table_names()
        stored = "\n".join(repr(tuple(row)) for table in tables for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'))
    engine.dispose()
    return stored


def _tokens(mailbox: Path) -> set[str]:
    mails = "".join(file.read_text(errors="replace") for file in mailbox.glob("new/*"))
    return set(re.findall(r"List-Unsubscribe: <https?://[^/]+/u/([^>]+)>", mails.replace("\n ", "")))


def test_a_whole_day_of_flows_leaves_nobodys_name_in_prefect(at_work: str, prefect_server: str, talkative: None, tmp_path: Path) -> None:
    (tmp_path / "var" / "inbox").mkdir(parents=True)
    (tmp_path / "var" / "inbox" / "leads-new.csv").write_text("address,first_name\nbruno@example.net,Bruno\nnobody,Broken\n")
    with open_session(at_work) as session:
        for lead in (ada(), kenji()):
            _keen(session, lead)
        session.commit()

    for name in ORDER:
        getattr(import_module(f"flows.{name}"), name)(now=NOW)
    import_module("flows.deliver").deliver(now=NOW + timedelta(days=2))

    tokens = _tokens(tmp_path / "var" / "mail")
    stored = _all_of_prefects_database()
    assert tokens, "mails went out"
    assert "leads scored" in stored or "scored" in stored, "artifacts and logs were stored"
    assert not [word for word in NAMES | tokens if word in stored]


def test_an_error_that_quotes_a_row_stays_out_of_prefect(at_work: str, prefect_server: str, talkative: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.rescore import rescore

    quoted = "duplicate key (address_key)=(cleo@example.com), first_name Cleopatra"

    def breaks(*args: object, **named: object) -> object:
        raise ValueError(quoted)

    monkeypatch.setitem(sys.modules, "ripeline.sweep.rescore", SimpleNamespace(due=lambda *args, **named: [range(1, 2)], rescore=breaks))  # type: ignore[arg-type]
    monkeypatch.setattr("flows.rescore.rescore_batch.retries", 0)

    state = rescore(now=NOW, return_state=True)

    assert state.is_failed()
    stored = _all_of_prefects_database()
    assert "ValueError, its words withheld" in stored
    assert not [word for word in ("cleo@example.com", "Cleopatra") if word in stored]
