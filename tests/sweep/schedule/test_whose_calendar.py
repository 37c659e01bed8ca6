"""Whose calendar and clock a touch goes by: holidays and weekends of the lead's own region, its zone, and what happens when that changes."""

from datetime import timedelta

import pytest
from mailing import a_message, saved
from people import a_lead, ada, kenji
from planning import in_track, messages, swept, utc, with_caps
from sqlmodel import Session, select
from tracks import in_track as in_proof
from tracks import shipped, with_touches

from models import Lead, Message, MessageState
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.zones import database_version


def test_public_holidays_of_the_leads_own_region_are_left_out(session: Session, playbook: Playbook, settings: Settings) -> None:
    eve = utc("2026-01-05 20:00")
    in_track(session, a_lead(country="DE", region="BY", zone="Europe/Berlin"), entered_at=eve)
    in_track(session, a_lead(country="DE", region="BE", zone="Europe/Berlin"), entered_at=eve)

    swept(session, playbook, settings, eve)

    bavaria, berlin = (session.exec(select(Message).where(Message.lead_id == lead)).one() for lead in (1, 2))
    assert (bavaria.local_at[:10], berlin.local_at[:10]) == ("2026-01-07", "2026-01-06")


def test_a_weekend_is_that_of_the_leads_country(session: Session, playbook: Playbook, settings: Settings) -> None:
    thursday = utc("2026-04-09 20:00")
    in_track(session, a_lead(country="KW"), entered_at=thursday)
    in_track(session, a_lead(country="SE"), entered_at=thursday)

    swept(session, playbook, settings, thursday)

    kuwait, sweden = (session.exec(select(Message).where(Message.lead_id == lead)).one() for lead in (1, 2))
    assert (kuwait.local_at[:10], sweden.local_at[:10]) == ("2026-04-12", "2026-04-10")


def test_one_bad_zone_stops_nobody(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, a_lead(zone="Mars/Base", country="JP"))
    in_track(session, ada())

    assert swept(session, playbook, settings)["planned"] == 2
    lost = session.exec(select(Message).where(Message.lead_id == 1)).one()
    assert (lost.zone, lost.zone_source) == ("Asia/Tokyo", 'country (zone "Mars/Base" unknown)')


@pytest.mark.parametrize(
    ("before", "after", "at", "expected"),
    [
        pytest.param("Asia/Tokyo", "America/Los_Angeles", "2026-03-03 22:00", "2026-03-04", id="C12 westward: the same date comes again"),
        pytest.param("America/Los_Angeles", "Asia/Tokyo", "2026-03-03 12:00", "2026-03-04", id="C12 eastward: today is over there"),
    ],
)
def test_a_lead_who_changes_zone_is_written_to_once_in_the_new_ones_hours(
    session: Session, playbook: Playbook, settings: Settings, before: str, after: str, at: str, expected: str
) -> None:
    enrolment = in_track(session, a_lead(zone=before), entered_at=utc(at))
    swept(session, playbook, settings, utc(at))
    was = messages(session)[0].local_at
    lead = session.get(Lead, enrolment.lead_id)
    lead.zone, lead.updated_at = after, utc(at) + timedelta(minutes=5)
    session.commit()

    tally = swept(session, playbook, settings, utc(at) + timedelta(minutes=10))

    message = messages(session)[0]
    assert (tally["moved"], len(messages(session)), message.zone) == (1, 1, after)
    assert message.local_at[:10] == expected
    assert message.local_at >= was[:10] + "T09:00"
    assert message.due_at >= utc(at)
    assert swept(session, playbook, settings, utc(at) + timedelta(minutes=10)) is None


@pytest.mark.parametrize(
    ("at", "state", "reason"),
    [
        pytest.param("2026-03-03 22:00", "scheduled", "", id="there is time left there"),
        pytest.param("2026-03-05 22:00", "cancelled", "expired before it could go", id="its time is up there, too"),
    ],
)
def test_what_moves_with_a_lead_expires_by_its_new_hours(session: Session, settings: Settings, at: str, state: str, reason: str) -> None:
    playbook = with_touches({"name": "case-study", "wait": "2 days", "expires": "12 hours"}, of=shipped())
    enrolment = in_proof(session, playbook, a_lead(zone="Asia/Tokyo"), entered_at=utc("2026-03-02 00:00"))
    swept(session, playbook, settings, utc("2026-03-02 00:00"))
    lead = session.get(Lead, enrolment.lead_id)
    lead.zone, lead.updated_at = "America/Los_Angeles", utc(at)
    session.commit()

    swept(session, playbook, settings, utc(at))

    message = messages(session)[0]
    assert (message.state.value, message.zone, message.reason) == (state, "America/Los_Angeles", reason)
    assert state == "cancelled" or message.expires_at == message.due_at + timedelta(hours=12)


def test_a_zone_that_changes_gives_a_touch_no_more_time_than_it_had_before_a_cap_put_it_off(session: Session, settings: Settings) -> None:
    monday = utc("2026-03-02 08:00")
    playbook = with_caps(with_touches({"name": "case-study", "wait": "1 hour", "expires": "5 days"}, of=shipped()), gap="48 hours")
    lead = a_lead(zone="Europe/Berlin")
    in_proof(session, playbook, lead, entered_at=monday)
    saved(session, a_message(lead, key="touch:of-another-track", state=MessageState.ACCEPTED, accepted_at=monday))
    swept(session, playbook, settings, monday)
    message = messages(session)[-1]
    assert message.reason.startswith("put off from 2026-03-02")
    assert message.expires_at < utc("2026-03-08 00:00")
    lead.zone, lead.updated_at = "Europe/Lisbon", monday + timedelta(minutes=5)
    session.commit()

    swept(session, playbook, settings, monday + timedelta(minutes=10))

    message = messages(session)[-1]
    assert (message.zone, message.local_at[:10]) == ("Europe/Lisbon", "2026-03-04")
    assert message.expires_at < utc("2026-03-08 00:00")


def test_a_new_zone_database_resolves_what_is_planned_anew_and_leaves_the_rest(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, ada())
    in_track(session, kenji())
    swept(session, playbook, settings)
    first, second = messages(session)
    right = second.due_at
    for message in (first, second):
        message.zone_database, message.due_at = "1999a", message.due_at - timedelta(hours=1)
    first.state = MessageState.SUBMITTING
    held = first.due_at
    session.commit()

    tally = swept(session, playbook, settings)

    assert tally["resolved_anew"] == 1
    assert (second.due_at, second.zone_database) == (right, database_version())
    assert (first.due_at, first.zone_database) == (held, "1999a")
