"""Single facts: what web, deliver and the command line record in their own transaction."""

from datetime import timedelta
from uuid import UUID

import pytest
from people import NOW, a_lead, ada
from sqlmodel import Session, col, select

from models import Actor, Consent, ConsentState, Event, Lead, ParkedEvent, Purpose, Suppression, SuppressionReason
from ripeline.sweep.ingest import NewEvent, record_consent, record_events, suppress, suppressions_of, unsubscribe
from ripeline.sweep.ingest.parking import attach, has_attachable

PEPPER = b"pepper"
HOUR = timedelta(hours=1)


@pytest.fixture
def lead(session: Session) -> Lead:
    """Give Ada, stored."""
    found = ada(external_id="crm-7")
    session.add(found)
    session.commit()
    return found


def facts_of(session: Session, lead: Lead) -> int:
    session.refresh(lead)
    return lead.facts_seq


def a_visit(lead: int | str, source_id: str = "1", **changes: object) -> NewEvent:
    return NewEvent(lead, "page_viewed", NOW - HOUR, "web", source_id, **changes)  # type: ignore[arg-type]


def test_an_event_is_stored_and_makes_its_lead_news(session: Session, lead: Lead) -> None:
    assert lead.id is not None

    tally = record_events(session, [a_visit(lead.id, properties={"path": "/pricing", "seconds": 40, "campaign": "spring"}, message_id=UUID(int=5))], NOW)

    event = session.exec(select(Event)).one()
    assert (tally["imported"], event.path, event.seconds, event.more, event.message_id) == (1, "/pricing", 40, {"campaign": "spring"}, UUID(int=5))
    assert (event.at, event.received_at, event.actor) == (NOW - HOUR, NOW, Actor.HUMAN)
    assert facts_of(session, lead) == 2


@pytest.mark.parametrize("text", ["", '"', "a,b", "two\nlines\r\n", "\\.", "\\N", "NULL", "it's", " blank ", "日本 🎉", "=1+1"])
def test_any_text_comes_back_as_it_was(session: Session, lead: Lead, text: str) -> None:
    assert lead.id is not None

    record_events(session, [NewEvent(lead.id, f"odd {text}", NOW, f"from {text}", f"id {text}", {"path": text, "form": None, "note": text})], NOW)

    event = session.exec(select(Event)).one()
    assert (event.kind, event.source, event.source_id) == (f"odd {text}", f"from {text}", f"id {text}")
    assert (event.path, event.form, event.more) == (text, None, {"note": text})


@pytest.mark.parametrize("changes", [{"kind": "a\x00"}, {"source_id": "\x00"}, {"properties": {"path": "\x00"}}, {"properties": {"amount": float("nan")}}])
def test_what_no_database_takes_is_refused(session: Session, lead: Lead, changes: dict[str, object]) -> None:
    event = NewEvent(**{"lead": "crm-7", "kind": "page_viewed", "at": NOW, "source": "web", "source_id": "1"} | changes)  # type: ignore[arg-type]

    assert record_events(session, [event], NOW)["refused"] == 1


def test_the_same_event_again_changes_nothing(session: Session, lead: Lead) -> None:
    assert lead.id is not None
    record_events(session, [a_visit(lead.id)], NOW)

    tally = record_events(session, [a_visit(lead.id), a_visit(lead.id)], NOW + HOUR)

    assert dict(tally.counts) == {"imported": 0, "unchanged": 2, "parked": 0, "refused": 0}
    assert facts_of(session, lead) == 2


@pytest.mark.parametrize("named", [pytest.param("ADA@example.com", id="by an address, whatever its case"), pytest.param("crm-7", id="by the id of its source")])
def test_an_event_finds_its_lead(session: Session, lead: Lead, named: str) -> None:
    record_events(session, [a_visit(named)], NOW)

    assert session.exec(select(Event.lead_id)).one() == lead.id


def test_an_event_from_the_future_is_refused_and_one_within_five_minutes_is_not(session: Session, lead: Lead) -> None:
    soon = NewEvent("crm-7", "page_viewed", NOW + timedelta(minutes=5), "web", "soon")
    later = NewEvent("crm-7", "page_viewed", NOW + timedelta(minutes=5, seconds=1), "web", "later")

    tally = record_events(session, [soon, later], NOW)

    assert (tally["imported"], tally["refused"]) == (1, 1)


def test_an_event_of_an_unknown_lead_waits_until_it_comes(session: Session) -> None:
    tally = record_events(session, [a_visit("Nobody@example.com", properties={"path": "/", "x": "y"})], NOW)
    assert (tally["parked"], has_attachable(session)) == (1, False)

    session.add(a_lead(address="nobody@example.com"))
    session.flush()
    assert has_attachable(session)
    attached = len(attach(session, NOW + HOUR, pepper=PEPPER))

    event = session.exec(select(Event)).one()
    assert (attached, event.path, event.more, event.at, event.received_at) == (1, "/", {"x": "y"}, NOW - HOUR, NOW + HOUR)
    assert session.exec(select(ParkedEvent)).all() == []


def test_an_unsubscribe_holds_for_every_spelling_and_is_an_event_too(session: Session, lead: Lead) -> None:
    assert unsubscribe(session, lead, at=NOW, now=NOW, source="web", source_id="u1", touch="checklist", pepper=PEPPER)
    assert not unsubscribe(session, lead, at=NOW, now=NOW + HOUR, source="web", source_id="u1", touch="checklist", pepper=PEPPER)

    standing = suppressions_of(session, ["ada@example.com", "ADA@example.com", "kenji@example.org"], PEPPER)
    assert {key: [each.reason for each in those] for key, those in standing.items()} == {
        "ada@example.com": [SuppressionReason.UNSUBSCRIBED],
        "ADA@example.com": [SuppressionReason.UNSUBSCRIBED],
    }
    assert [(event.kind, event.touch) for event in session.exec(select(Event))] == [("unsubscribed", "checklist")]
    assert facts_of(session, lead) == 2


def test_a_suppression_of_one_track_stands_beside_one_of_all(session: Session) -> None:
    for scope in ("all", "track:decision", "all"):
        suppress(session, "sam@example.com", SuppressionReason.MANUAL, "desk", at=NOW, now=NOW, pepper=PEPPER, scope=scope)

    assert sorted(session.exec(select(col(Suppression.scope))).all()) == ["all", "track:decision"]


def test_no_hash_can_be_made_without_the_pepper(session: Session) -> None:
    suppress(session, "sam@example.com", SuppressionReason.MANUAL, "desk", at=NOW, now=NOW, pepper=PEPPER)

    assert suppressions_of(session, ["sam@example.com"], b"another") == {}


def test_a_consent_is_added_once_and_its_withdrawal_beside_it(session: Session, lead: Lead) -> None:
    assert lead.id is not None
    given = {"basis": "consent", "text": "Yes, write to me", "at": NOW, "now": NOW, "source": "form", "pepper": PEPPER}

    first = record_consent(session, lead.id, Purpose.MARKETING, ConsentState.GIVEN, proof="/signup", **given)  # type: ignore[arg-type]
    again = record_consent(session, lead.id, Purpose.MARKETING, ConsentState.GIVEN, proof="/other", **given)  # type: ignore[arg-type]
    withdrawn = record_consent(session, lead.id, Purpose.MARKETING, ConsentState.WITHDRAWN, **given | {"at": NOW + HOUR})  # type: ignore[arg-type]

    assert (first, again, withdrawn) == (True, False, True)
    assert [each.proof for each in session.exec(select(Consent).order_by(col(Consent.id)))] == ["/signup", ""]
    assert facts_of(session, lead) == 3
