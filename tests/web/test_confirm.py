"""Confirming by a link in a mail: POST acts before it is answered, everything else only shows; in time, once, and for ever the same."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from mailing import a_consent, saved
from people import JOINED, ada
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Event, Lead
from ripeline.database import database_now
from ripeline.links import confirm_token
from ripeline.settings import Settings


@pytest.fixture
def lead(session: Session) -> Lead:
    """Give Ada, who asked for our mail and has not confirmed it."""
    lead: Lead = saved(session, ada())
    saved(session, a_consent(lead, state=ConsentState.PENDING, text="Yes, please"))
    return lead


def path_of(session: Session, settings: Settings, lead: Lead, days: int = 14) -> str:
    """Return the path of a link that confirms Ada's first request, valid for so many days from now."""
    asked = session.exec(select(Consent).where(col(Consent.lead_id) == lead.id)).first()
    assert asked is not None
    token = confirm_token(settings, asked.id or 0, database_now(session) + timedelta(days=days))
    session.rollback()
    return f"/c/{token}"


def states(session: Session) -> list[ConsentState]:
    """Return what was said, in order."""
    session.rollback()
    found = [consent.state for consent in session.exec(select(Consent).order_by(col(Consent.at), col(Consent.id)))]
    session.rollback()
    return found


def test_pressing_the_button_confirms_at_once_and_only_once(client: TestClient, session: Session, lead: Lead, on_test_database: Settings) -> None:
    path = path_of(session, on_test_database, lead)

    shown = client.get(path)
    first, second = client.post(path), client.post(path)

    assert '<form method="post"><button type="submit">' in shown.text
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text == second.text == client.get(path).text
    assert '<html lang="de"' in first.text
    assert states(session) == [ConsentState.PENDING, ConsentState.GIVEN]
    assert [event.kind for event in session.exec(select(Event))] == ["opt_in_confirmed"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_opening_the_link_confirms_nothing(client: TestClient, session: Session, lead: Lead, on_test_database: Settings, method: str) -> None:
    client.request(method, path_of(session, on_test_database, lead))

    assert states(session) == [ConsentState.PENDING]


@pytest.mark.parametrize("late", ["its time is over", "the lead said no since"])
def test_a_link_that_is_overtaken_says_so_and_confirms_nothing(client: TestClient, session: Session, lead: Lead, on_test_database: Settings, late: str) -> None:
    path = path_of(session, on_test_database, lead, days=-1 if late == "its time is over" else 14)
    if late != "its time is over":
        saved(session, a_consent(lead, state=ConsentState.WITHDRAWN, at=JOINED + timedelta(days=1)))
        session.rollback()

    assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)
    assert ConsentState.GIVEN not in states(session)


def test_every_link_that_is_none_of_ours_is_answered_as_one_to_unsubscribe_is(client: TestClient) -> None:
    assert client.post("/c/forged").text == client.post("/u/forged").text
    assert client.post("/c/forged").status_code == 404


def test_a_confirmation_is_not_a_way_out_and_the_other_way_round(client: TestClient, session: Session, lead: Lead, on_test_database: Settings) -> None:
    path = path_of(session, on_test_database, lead)

    assert client.post(path.replace("/c/", "/u/")).status_code == 404
    assert states(session) == [ConsentState.PENDING]


def test_an_erased_lead_has_nothing_to_confirm(client: TestClient, session: Session, lead: Lead, on_test_database: Settings) -> None:
    path = path_of(session, on_test_database, lead)
    lead.erased_at = JOINED
    saved(session, lead)
    session.rollback()

    assert client.post(path).status_code == 404
