"""Send times learned by the schedule sweep: from what people did on their own clocks, and told in the rule of each message."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from mailing import a_consent, a_message
from people import NOW, a_lead, an_event, kenji
from shipped import IN_ENGLISH
from sqlmodel import Session, select

from models import Enrolment, Lead, Message, MessageState, PlaybookVersion, Score
from ripeline.decide.send_time import SendTime
from ripeline.playbook.playbook import Playbook, parse_playbook
from ripeline.settings import Settings
from ripeline.sweep import crowd
from ripeline.sweep.schedule import habits, schedule

AFTERNOON = NOW.replace(hour=7)
"""16:00 in Tokyo."""


@pytest.fixture(scope="module")
def learning() -> Playbook:
    """Give the shipped playbook, which learns send times and never explores."""
    files = IN_ENGLISH
    shipped = parse_playbook(files)
    return replace(shipped, limits=shipped.limits.model_copy(update={"send_time": SendTime(after=3, explore=0)}))


def planned_for(session: Session, playbook: Playbook, settings: Settings, deeds: int) -> Message:
    """Return what is planned for Kenji, who did so much at four in the afternoon of his days."""
    lead = kenji()
    session.add(lead)
    session.add(PlaybookVersion(hash=playbook.hash, files=dict(playbook.files), created_at=NOW, created_by="test"))
    session.flush()
    assert lead.id is not None
    session.add(a_consent(lead))
    session.add(Score(lead_id=lead.id, fit=0, engagement=0, total=3000, grade="C3", version="card", as_of=NOW, scored_seq=1))
    session.add(Enrolment(lead_id=lead.id, track="consideration", group="nurture", version=playbook.hash, entered_at=NOW))
    session.add_all([an_event(lead, "page_viewed", AFTERNOON - timedelta(days=day), path="/") for day in range(deeds)])
    session.commit()
    schedule(session, range(lead.id, lead.id + 1), playbook, now=NOW, settings=settings)
    return session.exec(select(Message)).one()


def test_a_touch_goes_when_its_reader_is_most_active_and_says_so(session: Session, learning: Playbook, settings: Settings) -> None:
    message = planned_for(session, learning, settings, deeds=5)

    assert datetime.fromisoformat(message.local_at).hour == 16
    assert message.rule.endswith("at 16:00, the hour that fits the lead best by 5 deeds")


def test_a_touch_that_moves_with_its_reader_goes_at_the_hour_that_its_rule_says(session: Session, learning: Playbook, settings: Settings) -> None:
    planned_for(session, learning, settings, deeds=5)
    lead = session.exec(select(Lead)).one()
    lead.zone, lead.updated_at = "Europe/Berlin", NOW + timedelta(minutes=5)
    session.add_all([an_event(lead, "page_viewed", NOW.replace(hour=10) - timedelta(days=day), path="/") for day in range(20)])
    session.commit()

    schedule(session, range(lead.id or 0, (lead.id or 0) + 1), learning, now=NOW + timedelta(minutes=10), settings=settings)

    session.expire_all()
    message = session.exec(select(Message)).one()
    assert datetime.fromisoformat(message.local_at).hour == 11
    assert message.rule.endswith("at 11:00, the hour that fits the lead best by 25 deeds; moved with the lead from Asia/Tokyo")


def test_with_little_known_the_window_alone_decides(session: Session, learning: Playbook, settings: Settings) -> None:
    message = planned_for(session, learning, settings, deeds=2)

    assert datetime.fromisoformat(message.local_at).hour in (9, 10, 11)
    assert "deeds" not in message.rule


def test_whose_habits_are_known_may_have_no_touch_left(session: Session, learning: Playbook, settings: Settings) -> None:
    message = planned_for(session, learning, settings, deeds=5)
    message.state = MessageState.ACCEPTED
    lead, later = session.get_one(Lead, message.lead_id), NOW + timedelta(days=60)
    session.add_all(
        a_message(lead, key=touch.name, touch=touch.name, enrolment_id=message.enrolment_id, version=learning.hash, state=MessageState.ACCEPTED)
        for touch in learning.tracks["consideration"].touches
        if touch.name != message.touch
    )
    session.commit()

    tally = schedule(session, range(lead.id, lead.id + 1), learning, now=later, settings=settings)

    assert tally["exhausted"] == 1


def test_what_is_read_at_once_is_bounded_and_nobodys_deeds_outweigh_others(session: Session, learning: Playbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MOST_ROWS", 30)
    monkeypatch.setattr(habits, "MOST_DEEDS", 12)
    leads = [a_lead(country="JP", zone="Asia/Tokyo") for _ in range(9)]
    session.add_all(leads)
    session.flush()
    for number, lead in enumerate(leads):
        session.add_all(an_event(lead, "page_viewed", AFTERNOON - timedelta(hours=hour), path="/") for hour in range(100 if number == 4 else 10))
    session.commit()
    read, read_bulk = list[int](), habits.read_bulk

    def counted(*given: Any, **more: Any) -> pl.DataFrame:
        frame = read_bulk(*given, **more)
        read.append(frame.height)
        return frame

    monkeypatch.setattr(habits, "read_bulk", counted)
    found = habits.read_habits(session.get_bind().engine, pl.DataFrame({"lead_id": [lead.id for lead in leads[1:]]}), learning, NOW)

    assert dict(found.select("lead_id", "known").iter_rows()) == {lead.id: 12 if number == 4 else 10 for number, lead in enumerate(leads) if number}
    assert max(read) == 31
