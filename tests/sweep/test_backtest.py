"""A backtest lets nothing of the future into the past: neither deeds nor attributes nor news that came late."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from cards import FIELDS, LISTS
from people import NOW, ada, an_event, kenji
from shipped import FILES
from sqlmodel import Session, SQLModel

from models import AttributeChange, Event, Lead
from ripeline.decide.condition import parse_condition
from ripeline.playbook.playbook import CARD, Playbook, parse_playbook
from ripeline.sweep.backtest import Trial, tried

CUT = NOW - timedelta(days=30)
DAY = timedelta(days=1)
SMALL = """
title = "Small"
[[fit]]
name   = "Decides"
when   = "seniority = 'vp'"
points = 50
[[engagement]]
name   = "Attended a webinar"
event  = "webinar_attended"
points = 20
[[exclude]]
name = "Is a student"
when = "seniority = 'student'"
"""


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    """Give the shipped playbook with a small card and without markets."""
    files = {path: text for path, text in FILES.items() if path.startswith("playbook/") and "/markets/" not in path}
    return parse_playbook({**files, CARD: SMALL})


def trial(*, hindsight: bool = False) -> Trial:
    """Return a trial of thirty days up to NOW, in which a booked meeting is the goal."""
    return Trial(CUT, NOW, parse_condition("did('meeting_booked')", FIELDS.lead, FIELDS.event, LISTS), hindsight)


def seen(session: Session, playbook: Playbook, rows: Iterable[SQLModel], *, hindsight: bool = False) -> dict[str, Any] | None:
    """Store rows and return what the backtest says of lead 1; None where it was not there."""
    session.add_all(rows)
    session.commit()
    session.rollback()
    found = tried(session.get_bind().engine, pl.Series([1], dtype=pl.Int64), playbook, trial(hindsight=hindsight))
    return found.row(0, named=True) if found.height else None


@pytest.fixture
def lead(session: Session) -> Lead:
    """Give Ada, a vice president, whom we knew long before the cut-off."""
    found = ada(created_at=CUT - 60 * DAY)
    session.add(found)
    session.flush()
    return found


def deed(lead: Lead, kind: str, at: datetime, **more: Any) -> Event:
    return an_event(lead, kind, at, **more)


def test_the_score_is_of_then_and_the_conversion_of_later(session: Session, lead: Lead, playbook: Playbook) -> None:
    told = seen(session, playbook, [deed(lead, "webinar_attended", CUT - DAY), deed(lead, "webinar_attended", CUT + DAY), deed(lead, "meeting_booked", NOW)])

    assert told is not None
    assert (told["total"], told["reasons"], told["converted"], told["had_converted"]) == (7000, "0=5000;1=2000", True, False)


def test_who_had_converted_is_said_to_have_and_what_comes_after_the_window_is_none(session: Session, lead: Lead, playbook: Playbook) -> None:
    told = seen(session, playbook, [deed(lead, "meeting_booked", CUT), deed(lead, "meeting_booked", NOW + timedelta(seconds=1))])

    assert told is not None
    assert (told["converted"], told["had_converted"]) == (False, True)


def test_what_was_heard_of_later_counts_with_hindsight_alone(session: Session, lead: Lead, playbook: Playbook) -> None:
    told = seen(session, playbook, [deed(lead, "webinar_attended", CUT - DAY, received_at=CUT + DAY)])
    later = tried(session.get_bind().engine, pl.Series([1]), playbook, trial(hindsight=True)).row(0, named=True)

    assert told is not None
    assert (told["total"], later["total"]) == (5000, 7000)


def test_attributes_are_those_of_then(session: Session, lead: Lead, playbook: Playbook) -> None:
    assert lead.id is not None
    change = AttributeChange(lead_id=lead.id, attribute="seniority", old="manager", new="vp", at=CUT + DAY, received_at=CUT + DAY)

    told = seen(session, playbook, [change])

    assert told is not None
    assert (told["seniority"], told["total"]) == ("manager", 0)


def test_an_exclusion_of_then_is_told(session: Session, lead: Lead, playbook: Playbook) -> None:
    lead.seniority = "student"

    told = seen(session, playbook, [deed(lead, "meeting_booked", NOW)])

    assert told is not None
    assert (told["excluded"], told["converted"]) == ("Is a student", True)


@pytest.mark.parametrize(("hindsight", "is_there"), [(False, False), (True, True)])
def test_a_lead_that_came_later_was_not_there_unless_a_deed_tells(session: Session, playbook: Playbook, hindsight: bool, is_there: bool) -> None:
    late = kenji(created_at=CUT + DAY)
    session.add(late)
    session.flush()

    told = seen(session, playbook, [deed(late, "page_viewed", CUT - DAY, received_at=CUT + DAY)], hindsight=hindsight)

    assert (told is not None) is is_there
