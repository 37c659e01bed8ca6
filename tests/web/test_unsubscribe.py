"""Unsubscribing by a link in a mail (RFC 8058): POST acts before it is answered, everything else only shows."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from mailing import a_message, again, saved, willing
from people import NOW, ada, kenji
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Event, Lead, Message, MessageState, PlaybookApplication, PlaybookVersion, Suppression, SuppressionReason
from ripeline.links import UNSUBSCRIBE, unsubscribe_token
from ripeline.settings import Settings

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def lead(session: Session) -> Lead:
    """Give Ada, who agreed to be written to."""
    return willing(session, ada())


@pytest.fixture
def message(session: Session, lead: Lead) -> Message:
    """Give a message that Ada got, in German."""
    kept: Message = saved(session, a_message(lead, state=MessageState.ACCEPTED, accepted_at=NOW, locale="de"))
    session.refresh(kept)
    session.expunge(kept)
    session.rollback()
    return kept


@pytest.fixture
def path(on_test_database: Settings, message: Message) -> str:
    """Give the path of the way out in that message."""
    return f"/u/{unsubscribe_token(on_test_database, message.id)}"


def stored(session: Session, *tables: type[Any]) -> list[int]:
    """Return how many rows each table holds."""
    session.rollback()
    counts = [len(session.exec(select(table)).all()) for table in tables]
    session.rollback()
    return counts


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"data": ONE_CLICK}, id="urlencoded, as providers do"),
        pytest.param({"files": {"List-Unsubscribe": (None, "One-Click")}}, id="multipart, as providers do"),
        pytest.param({}, id="with no body at all"),
        pytest.param({"content": b"\x00\xff nonsense", "headers": {"content-type": "application/json"}}, id="with nonsense"),
    ],
)
def test_any_post_unsubscribes_at_once_without_cookie_or_redirect(client: TestClient, session: Session, path: str, sent: dict[str, Any]) -> None:
    client.headers.pop("user-agent")

    answer = client.post(path, **sent)

    session.rollback()
    suppression, event = session.exec(select(Suppression)).one(), session.exec(select(Event)).one()
    newest = session.exec(select(Consent).order_by(col(Consent.id))).all()[-1]
    assert answer.status_code == 200
    assert suppression.reason is SuppressionReason.UNSUBSCRIBED
    assert (event.kind, event.touch) == ("unsubscribed", "case-study")
    assert newest.state is ConsentState.WITHDRAWN
    assert "set-cookie" not in answer.headers


def test_unsubscribing_again_is_fine_and_changes_nothing(client: TestClient, session: Session, path: str) -> None:
    first = client.post(path, data=ONE_CLICK)
    counts = stored(session, Suppression, Event, Consent)

    second = client.post(path, data=ONE_CLICK)

    assert (first.status_code, second.status_code) == (200, 200)
    assert stored(session, Suppression, Event, Consent) == counts == [1, 1, 2]


def test_what_waits_for_the_lead_is_suppressed_with_it(client: TestClient, session: Session, lead: Lead, path: str) -> None:
    waiting, others = a_message(lead), a_message(willing(session, kenji()))
    saved(session, waiting, others)
    session.rollback()

    client.post(path)

    assert (again(session, waiting).state, again(session, waiting).reason) == (MessageState.SUPPRESSED, "unsubscribed")
    assert again(session, others).state is MessageState.SCHEDULED


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_opening_the_link_changes_nothing(client: TestClient, session: Session, path: str, method: str) -> None:
    before = stored(session, Suppression, Event, Consent, Message)

    client.request(method, path)

    assert stored(session, Suppression, Event, Consent, Message) == before


def test_the_page_speaks_the_language_of_the_message_and_has_a_button(client: TestClient, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    assert '<html lang="de"' in page.text
    assert '<form method="post"><button type="submit">' in page.text
    assert "ada@" not in page.text


def test_a_link_that_names_a_lead_speaks_its_language(client: TestClient, session: Session, on_test_database: Settings) -> None:
    reader = willing(session, kenji())
    path = f"/u/{unsubscribe_token(on_test_database, reader.id or 0)}"
    session.rollback()

    assert '<html lang="ja"' in client.get(path).text
    assert '<html lang="ja"' in client.post(path).text
    assert stored(session, Suppression, Event) == [1, 1]


def test_every_link_that_is_none_of_ours_is_answered_the_same(
    client: TestClient, session: Session, on_test_database: Settings, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = unsubscribe_token(on_test_database, uuid4())
    monkeypatch.setattr("ripeline.links.UNSUBSCRIBE", UNSUBSCRIBE + "-other-purpose")
    other_purpose = unsubscribe_token(on_test_database, 1)
    monkeypatch.undo()
    forged = [path[:-1], path + "x", path[:12], "/u/a.b", "/u/" + "x" * 10_000, "/u/%00", f"/u/{unknown}", f"/u/{other_purpose}"]

    answers = [client.request(method, each) for each in forged for method in ("GET", "POST")]

    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert "This link does not work" in answers[0].text
    assert stored(session, Suppression, Event) == [0, 0]


def test_an_unknown_link_speaks_the_language_of_the_browser(client: TestClient) -> None:
    assert '<html lang="pl"' in client.get("/u/nonsense", headers={"accept-language": "pl-PL,pl;q=0.9"}).text


def test_a_broken_template_stops_nobody_from_leaving(client: TestClient, session: Session, path: str) -> None:
    files = session.exec(select(PlaybookVersion)).one().files
    broken = {"templates/web/unsubscribed.html": "{{ nonsense.here }}", "templates/web/unsubscribe.html": "{% if %}"}
    saved(session, PlaybookVersion(hash="broken", files=files | broken, created_at=NOW, created_by="test"))
    saved(session, PlaybookApplication(hash="broken", applied_at=NOW, applied_by="test"))
    session.rollback()

    page, answer = client.get(path), client.post(path)

    assert '<form method="post">' in page.text
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    assert stored(session, Suppression) == [1]


def test_no_page_is_stored_framed_or_tells_where_its_reader_came_from(client: TestClient, path: str) -> None:
    for answer in (client.get(path), client.post(path), client.get("/u/nonsense"), client.get("/nowhere")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_database_out_of_reach_asks_to_try_again(settings: Settings, tmp_path: Any) -> None:
    from ripeline.web.app import create_app

    broken = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'nothing' / 'here.db'}"})

    with TestClient(create_app(broken)) as client:
        assert client.post(f"/u/{unsubscribe_token(broken, uuid4())}").status_code == 503
        assert client.get("/healthz").status_code == 503


def test_healthz_answers_while_the_database_does(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_there_is_no_page_that_loads_scripts_from_elsewhere(client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 404]
