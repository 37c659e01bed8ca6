"""Any flow run twice, at the same time or again, leaves what running it once leaves (RELIABILITY I11, B1)."""

import contextvars
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from people import NOW, a_lead, ada, an_event, kenji, maya, sam
from prefect import Flow
from sqlmodel import Session

from models import Consent, ConsentState, Lead, Purpose
from ripeline.database import engine_for, open_session
from ripeline.standing.environment import environment
from ripeline.values import Tally

BEFORE = {
    "rescore": (),
    "segment": ("rescore",),
    "handoff": ("rescore", "segment"),
    "schedule": ("rescore", "segment", "handoff"),
    "deliver": ("rescore", "segment", "handoff", "schedule"),
}
"""Which flows have to have run before a flow has anything to do."""

LATER = NOW + timedelta(days=2)
"""By then every first touch is due."""


def _flow(name: str) -> Flow[..., Tally]:
    from importlib import import_module

    flow: Flow[..., Tally] = getattr(import_module(f"flows.{name}"), name)
    return flow


def _populate(url: str) -> None:
    """Store a few people: some keen, some not, all with consent."""
    with open_session(url) as session:
        leads = [ada(), kenji(), maya(), sam(), *(a_lead(address=f"reader{number}@example.com", country="NL", locale="nl") for number in range(20))]
        session.add_all(leads)
        session.flush()
        for number, lead in enumerate(leads):
            _agree(session, lead)
            session.add(an_event(lead, "page_viewed", NOW - timedelta(days=1), path="/pricing", seconds=60))
            if number < 2:
                session.add(an_event(lead, "demo_requested", NOW - timedelta(days=1)))
                session.add(an_event(lead, "webinar_attended", NOW - timedelta(days=2), asset="automation-101"))
        session.commit()


def _agree(session: Session, lead: Lead) -> None:
    assert lead.id is not None
    given = NOW - timedelta(days=10)
    row = {"purpose": Purpose.MARKETING, "state": ConsentState.GIVEN, "basis": "consent", "at": given, "received_at": given, "source": "test"}
    session.add(Consent(lead_id=lead.id, subject_hash="", **row))


def _story(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the database says happened, without ids and without the real time of day."""
    asked = {
        "scores": "SELECT lead_id, fit, engagement, total, grade, reasons, revision FROM score ORDER BY 1",
        "stages": "SELECT id, stage, is_on_hold, segmented_revision FROM lead ORDER BY 1",
        "enrolments": "SELECT lead_id, track, entered_because, ended_because FROM enrolment ORDER BY 1, 2",
        "handoffs": "SELECT lead_id, cycle, state, rep, total FROM handoff ORDER BY 1, 2",
        "meetings": "SELECT lead_id, rep, sequence, state FROM meeting ORDER BY 1, 3",
        "messages": "SELECT lead_id, kind, recipient, touch, template, local_at, zone, state, attempt FROM message ORDER BY 1, 2, 3, 4",
        "changes": "SELECT lead_id, grade, stage FROM score_change ORDER BY 1, id",
    }
    with open_session(url, writes=False) as session:
        return {
            name: [tuple(bool(cell) if key == "is_on_hold" else cell for key, cell in row._mapping.items()) for row in session.execute(sa.text(query))]
            for name, query in asked.items()
        }


@pytest.fixture
def once(empty_sqlite: Path, at_work: str, tmp_path: Path) -> Iterator[Callable[[str], dict[str, list[tuple[Any, ...]]]]]:
    """Give a function that tells the story of a world of its own in which every flow up to the named one ran once."""
    url = f"sqlite:///{shutil.copy(empty_sqlite, tmp_path / 'once.db')}"

    def play(name: str) -> dict[str, list[tuple[Any, ...]]]:
        _copy_playbook(at_work, url)
        with environment({"RIPELINE_DATABASE_URL": url, "RIPELINE_MAILDIR_FOLDER": str(tmp_path / "mail-once")}):
            _prepare(url, name)
            _flow(name)(now=LATER if name == "deliver" else NOW)
        return _story(url)

    yield play
    engine_for(url).dispose()


def _copy_playbook(source: str, target: str) -> None:
    from sqlmodel import select

    from models import PlaybookApplication, PlaybookVersion

    with open_session(source, writes=False) as old, open_session(target) as new:
        for table in (PlaybookVersion, PlaybookApplication):
            for row in old.exec(select(table)).all():
                new.add(table(**row.model_dump()))
            new.flush()
        new.commit()


def _prepare(url: str, name: str) -> None:
    _populate(url)
    for earlier in BEFORE[name]:
        _flow(earlier)(now=NOW)


@pytest.mark.parametrize("name", BEFORE)
def test_a_flow_run_twice_at_once_and_again_leaves_what_running_it_once_leaves(name: str, once: Any, at_work: str, prefect_server: str) -> None:
    now = LATER if name == "deliver" else NOW
    _prepare(at_work, name)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(contextvars.copy_context().run, _flow(name), now=now) for _ in range(2)]
        done = [each.result() for each in both]
    again = _flow(name)(now=now)

    assert any(any(tally.counts.values()) for tally in done)
    assert not any(again.counts.values())
    assert _story(at_work) == once(name)
