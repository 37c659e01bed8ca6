"""Leads that are ready go to a rep once, with a card that says why and an invite inside both working days."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from people import NOW, a_lead, ada, kenji, maya, sam
from sales import DAY, OLE, Ready, Sweep, messages, only, the_playbook, with_reps
from sqlmodel import Session, col, select

from models import Handoff, HandoffState, Meeting, Message, MessageKind, MessageState, Stage
from ripeline.database import open_session
from ripeline.decide.hours import Span
from ripeline.settings import Settings
from ripeline.sweep.handoff import due, handoff
from ripeline.values import Tally, message_id
from ripeline.zones import to_local, zone_named

EVERYBODY = range(1_000_000)


def test_a_lead_at_the_threshold_goes_to_the_rep_of_its_country_and_language(session: Session, ready: Ready, sweep: Sweep) -> None:
    lead = ready(ada(), total=7500)

    tally = sweep()

    assert (tally["opened"], tally["offered"], tally["invited"]) == (1, 1, 1)
    offered = only(session, Handoff)
    assert (offered.lead_id, offered.state, offered.rep, offered.cycle) == (lead.id, HandoffState.OFFERED, "Lukas Brandt", 1)
    assert offered.because == "Lukas Brandt serves DE and speaks de; 0 of 30 open"
    assert (offered.total, offered.grade) == (7500, "A2")


def test_it_is_offered_once_however_often_the_sweep_runs(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(ada())
    sweep()
    before = messages(session)

    for hours in (0, 1, 48):
        assert not any(sweep(now=NOW + timedelta(hours=hours)).counts.values())

    assert only(session, Handoff).state is HandoffState.OFFERED
    assert messages(session) == before


def test_card_and_invites_are_planned_as_messages(session: Session, ready: Ready, sweep: Sweep, settings: Settings) -> None:
    lead = ready(ada())

    sweep()

    offered, meeting, planned = only(session, Handoff), only(session, Meeting), messages(session)
    assert list(planned) == [f"card:{offered.id}:Lukas Brandt", f"invite-rep:{meeting.id}:0", f"invite:{meeting.id}:0"]
    card, to_rep, to_lead = planned.values()
    assert (card.kind, card.template, card.recipient, card.recipient_key) == (MessageKind.CARD, "handoff/card", "rep:Lukas Brandt", "lukas@example.com")
    assert (to_rep.kind, to_rep.template, to_rep.recipient) == (MessageKind.INVITE, "handoff/invite-rep", "rep:Lukas Brandt")
    assert (to_lead.kind, to_lead.template, to_lead.recipient, to_lead.recipient_key) == (MessageKind.INVITE, "handoff/invite", "lead", "ada@example.com")
    for message in planned.values():
        assert message.id == message_id(message.key)
        assert (message.state, message.lead_id, message.handoff_id) == (MessageState.SCHEDULED, lead.id, offered.id)
        assert message.mail_id.endswith("@tidewerk.example>")
        assert message.due_at == NOW, "Monday at 11:00 in Berlin is a working hour of both"
        assert (message.local_at, message.zone) == ("2026-03-02T11:00:00", "Europe/Berlin")


def test_the_meeting_lies_a_business_day_ahead_in_both_working_days(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(kenji(), market="jp")

    sweep()

    meeting, planned = only(session, Meeting), messages(session)
    tokyo = zone_named("Asia/Tokyo")
    assert (meeting.rep, meeting.lead_zone, meeting.rep_zone) == ("Haruka Sato", "Asia/Tokyo", "Asia/Tokyo")
    # Monday 19:00 in Tokyo: the invite goes on Tuesday at 10:00, when Japan's window opens; a business day later both know.
    assert to_local(planned[f"invite:{meeting.id}:0"].due_at, tokyo) == datetime(2026, 3, 3, 10)  # noqa: DTZ001 -- a wall time
    assert to_local(planned[f"invite-rep:{meeting.id}:0"].due_at, tokyo) == datetime(2026, 3, 3, 9, 30)  # noqa: DTZ001
    assert to_local(meeting.starts_at, tokyo) == datetime(2026, 3, 4, 10)  # noqa: DTZ001
    assert planned[f"invite:{meeting.id}:0"].expires_at == meeting.starts_at - timedelta(hours=1)


def test_two_leads_do_not_meet_one_rep_at_the_same_time(session: Session, ready: Ready, sweep: Sweep) -> None:
    for _ in range(5):
        ready(ada(address=f"ada{_}@example.com"))

    sweep()

    meetings = sorted((each.starts_at, each.ends_at) for each in session.exec(select(Meeting)))
    assert len(meetings) == 5
    assert all(ends <= begins for (_, ends), (begins, _) in pairwise(meetings))


def test_leads_are_shared_out_by_room(session: Session, ready: Ready, sweep: Sweep) -> None:
    for number in range(6):
        ready(ada(address=f"ada{number}@example.com"))
    small, large = OLE | {"capacity": 10}, OLE | {"name": "Ida", "email": "ida@example.com", "capacity": 20}

    sweep(playbook=with_reps(small, large))

    assert [each.rep for each in session.exec(select(Handoff))].count("Ida") == 4


@pytest.mark.parametrize(("changed", "score"), [
    pytest.param({}, {"total": 7499}, id="a hundredth of a point below the threshold"),
    pytest.param({}, {"excluded": "Works for a competitor"}, id="excluded"),
    pytest.param({}, {"version": "of another scorecard"}, id="scored by another card than the one in use"),
    pytest.param({"stage": Stage.SALES_QUALIFIED}, {}, id="with sales already"),
    pytest.param({"stage": Stage.CUSTOMER}, {}, id="a customer"),
    pytest.param({"stage": Stage.DISQUALIFIED}, {}, id="disqualified"),
    pytest.param({"erased_at": NOW}, {}, id="erased"),
])  # fmt: skip
def test_who_is_not_ready_stays_with_marketing(session: Session, ready: Ready, sweep: Sweep, changed: dict[str, Any], score: dict[str, Any]) -> None:
    ready(ada(**changed), **score)

    assert due(session, the_playbook(), now=NOW, batch_size=10) == []
    assert not any(sweep().counts.values())
    assert session.exec(select(Handoff)).all() == []


@pytest.mark.parametrize(
    ("total", "offered"),
    [
        pytest.param(7999, 0, id="79.99 is enough elsewhere, not in Japan"),
        pytest.param(8000, 1, id="80 is enough in Japan"),
    ],
)
def test_a_market_sets_its_own_threshold(session: Session, ready: Ready, sweep: Sweep, total: int, offered: int) -> None:
    ready(kenji(), total=total, market="jp")

    assert sweep()["offered"] == offered


def test_due_lists_leads_in_ranges_of_at_most_a_batch(session: Session, ready: Ready) -> None:
    leads = [ready(a_lead(country="DE")) for _ in range(5)]

    ranges = due(session, the_playbook(), now=NOW, batch_size=2)

    assert [[lead.id for lead in leads if lead.id in ids] for ids in ranges] == [[1, 2], [3, 4], [5]]


def test_a_rehearsal_keeps_nothing(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(ada())

    assert sweep(dry_run=True)["offered"] == 1
    assert session.exec(select(Handoff)).all() == []
    assert messages(session) == {}


def test_two_sweeps_at_once_make_one_handoff_each_and_book_no_rep_twice(url: str, session: Session, ready: Ready, settings: Settings) -> None:
    for number in range(8):
        ready(ada(address=f"ada{number}@example.com"))
    session.rollback()
    tallies: list[Tally] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        with open_session(url) as own:
            tallies.append(handoff(own, EVERYBODY, the_playbook(), now=NOW, settings=settings))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(tally["offered"] for tally in tallies) == 8
    assert len({each.lead_id for each in session.exec(select(Handoff))}) == 8
    assert len({each.starts_at for each in session.exec(select(Meeting))}) == 8
    assert len(messages(session)) == 24


def test_every_invite_reaches_its_reader_in_waking_hours_and_in_time(session: Session, ready: Ready, sweep: Sweep) -> None:
    for make in (ada, kenji, maya, sam):
        ready(make())
    for country, city in (("IN", "Pune"), ("NP", None), ("AU", "Adelaide"), ("IL", None), ("SA", None), ("NZ", None), (None, None)):
        ready(a_lead(country=country, city=city))

    sweep(now=datetime(2026, 3, 27, 22, 15, tzinfo=UTC))  # the Friday night before Europe changes its clocks

    hours = Span.model_validate({"from": "08:00", "to": "20:00"})
    assert len(session.exec(select(Meeting)).all()) == 11
    for message, meeting in session.exec(select(Message, Meeting).where(col(Message.meeting_id) == col(Meeting.id))):
        at = to_local(message.due_at, zone_named(message.zone)).time()
        assert hours.opens <= at < hours.closes
        assert message.due_at <= meeting.starts_at - DAY
    for meeting in session.exec(select(Meeting)):
        for zone in (meeting.lead_zone, meeting.rep_zone):
            assert hours.opens <= to_local(meeting.starts_at, zone_named(zone)).time() < to_local(meeting.ends_at, zone_named(zone)).time() <= hours.closes
