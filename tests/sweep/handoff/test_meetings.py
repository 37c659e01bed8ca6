"""What leads answer to a proposed meeting."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from people import NOW, ada, an_event
from sales import Ready, Sweep, messages, only, the_playbook
from sqlmodel import Session

from models import Handoff, Lead, Meeting, MeetingState, MessageState, SuppressionReason
from ripeline.settings import Settings
from ripeline.sweep.handoff import due
from ripeline.sweep.suppressing import suppress


@pytest.fixture
def meeting(session: Session, ready: Ready, sweep: Sweep) -> Meeting:
    ready(ada())
    sweep()
    return only(session, Meeting)  # type: ignore[no-any-return]


def says(session: Session, meeting: Meeting, kind: str, at: datetime, **properties: Any) -> None:
    session.add(an_event(session.get_one(Lead, meeting.lead_id), kind, at, **properties))
    session.commit()


def test_a_yes_confirms_it(session: Session, sweep: Sweep, meeting: Meeting) -> None:
    says(session, meeting, "meeting_booked", NOW + timedelta(hours=1))

    assert sweep(now=NOW + timedelta(hours=2))["confirmed"] == 1
    assert meeting.state is MeetingState.CONFIRMED
    assert due(session, the_playbook(), now=NOW + timedelta(hours=3), batch_size=10) == []


def test_a_no_brings_another_day_under_the_same_uid_with_a_higher_sequence(session: Session, sweep: Sweep, meeting: Meeting) -> None:
    uid, first, stamped = meeting.uid, meeting.starts_at, meeting.stamped_at
    says(session, meeting, "meeting_declined", NOW + timedelta(hours=1), form=str(meeting.id))

    assert sweep(now=NOW + timedelta(hours=2))["offered_another_time"] == 1

    assert (meeting.uid, meeting.sequence, meeting.state) == (uid, 1, MeetingState.PROPOSED)
    assert meeting.stamped_at > stamped
    assert meeting.starts_at.date() > first.date()
    planned = messages(session)
    assert {planned[f"{key}:{meeting.id}:0"].state for key in ("invite", "invite-rep")} == {MessageState.CANCELLED}
    assert {planned[f"{key}:{meeting.id}:1"].state for key in ("invite", "invite-rep")} == {MessageState.SCHEDULED}
    assert not any(sweep(now=NOW + timedelta(hours=3)).counts.values())


def test_after_the_last_offer_they_agree_directly(session: Session, sweep: Sweep, meeting: Meeting) -> None:
    for turn in (1, 2, 3):
        says(session, meeting, "meeting_declined", NOW + timedelta(hours=2 * turn))
        sweep(now=NOW + timedelta(hours=2 * turn + 1))

    assert (meeting.state, meeting.sequence) == (MeetingState.DECLINED, 3)
    assert only(session, Handoff).meeting_because == "the lead declined 3 times: agree on one directly"


def test_a_no_to_an_earlier_time_does_not_decline_the_new_one(session: Session, sweep: Sweep, meeting: Meeting) -> None:
    says(session, meeting, "meeting_declined", NOW + timedelta(hours=1))
    sweep(now=NOW + timedelta(hours=2))
    says(session, meeting, "meeting_declined", NOW + timedelta(hours=1, minutes=30), received_at=NOW + timedelta(hours=3))

    assert not any(sweep(now=NOW + timedelta(hours=4)).counts.values())
    assert meeting.sequence == 1


def test_who_unsubscribed_meanwhile_is_offered_nothing_more(session: Session, sweep: Sweep, meeting: Meeting, settings: Settings) -> None:
    suppress(session, "ada@example.com", SuppressionReason.UNSUBSCRIBED, "test", at=NOW, now=NOW, pepper=settings.key)
    says(session, meeting, "meeting_declined", NOW + timedelta(hours=1))

    assert sweep(now=NOW + timedelta(hours=2))["declined"] == 1
