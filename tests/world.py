"""A small world for tests of flows: a few people, the playbook it goes by, and the story of what happened in it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from people import NOW, a_lead, ada, an_event, kenji, maya, sam
from sqlmodel import Session, select

from models import Consent, ConsentState, Lead, PlaybookApplication, PlaybookVersion, Purpose
from ripeline.database import open_session


def populate(url: str) -> None:
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
    row: dict[str, Any] = {"purpose": Purpose.MARKETING, "state": ConsentState.GIVEN, "basis": "consent", "at": given, "received_at": given, "source": "test"}
    session.add(Consent(lead_id=lead.id, subject_hash="", **row))


def story(url: str) -> dict[str, list[tuple[Any, ...]]]:
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


def surroundings(url: str, var: Path) -> dict[str, str]:
    """Return the environment in which flows find a database, and a mail folder below `var`."""
    said = {
        "DATABASE_URL": url,
        "VAR": str(var),
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "CHANNEL": "maildir",
        "SENDER_NAME": "Nora at Tidewerk",
        "SENDER_ADDRESS": "nora@tidewerk.example",
        "COMPANY": "Tidewerk BV",
        "POSTAL_ADDRESS": "Keizersgracht 1, 1015 CN Amsterdam, Netherlands",
    }
    return {f"RIPELINE_{name}": value for name, value in said.items()}


def copy_playbook(source: str, target: str) -> None:
    """Apply in one database what is applied in another."""
    with open_session(source, writes=False) as old, open_session(target) as new:
        for table in (PlaybookVersion, PlaybookApplication):
            for row in old.exec(select(table)).all():
                new.add(table(**row.model_dump()))
            new.flush()
        new.commit()
