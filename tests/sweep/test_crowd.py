"""A crowd of events, of one lead or of many, neither breaks a run nor takes more memory than others."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from cards import card
from people import NOW, a_lead, an_event
from shipped import in_english
from sqlmodel import Session, select

from models import Lead, Score
from ripeline.decide.explain import explain
from ripeline.decide.feature import with_features
from ripeline.decide.vocabulary import features_of, needs_of
from ripeline.playbook.playbook import Playbook
from ripeline.sweep import bulk_read, crowd, event_query, facts
from ripeline.sweep.rescore import due, rescore
from ripeline.sweep.scoring import scoring_of

MOST_EVENTS, MOST_ROWS = 20, 60


CARD = """
[[engagement]]
name   = "Looked at pricing"
event  = "page_viewed"
when   = "path = '/pricing'"
points = 1
fades  = { half_life = "30 days" }

[[engagement]]
name   = "Asked for a demo"
event  = "demo_requested"
points = 35
"""


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    """Give the shipped playbook with a card of two rules, and without markets and tracks."""
    return replace(in_english(), hash="a crowd", scorecard=card(CARD).card, markets={}, tracks={})


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Set bounds that a test can reach, and give how many rows each read brought."""
    seen: list[int] = []
    read_bulk = bulk_read.read_bulk

    def counted(*given: Any, **more: Any) -> pl.DataFrame:
        frame = read_bulk(*given, **more)
        seen.append(frame.height)
        return frame

    monkeypatch.setattr(crowd, "MOST_EVENTS", MOST_EVENTS)
    monkeypatch.setattr(crowd, "MOST_ROWS", MOST_ROWS)
    monkeypatch.setattr(facts, "read_bulk", counted)
    monkeypatch.setattr(event_query, "read_bulk", counted)
    return seen


def _views(session: Session, counts: list[int]) -> None:
    """Store leads 1, 2, … who viewed pricing so often, once an hour, the last time an hour ago."""
    for number, count in enumerate(counts, start=1):
        lead = a_lead(id=number, created_at=NOW - timedelta(days=90))
        session.add(lead)
        session.flush()
        session.add_all(an_event(lead, "page_viewed", at=NOW - timedelta(hours=hour), path="/pricing") for hour in range(1, count + 1))
    session.commit()


def _totals(session: Session, playbook: Playbook) -> dict[int, int]:
    ranges = due(session, playbook, now=NOW, batch_size=100)
    session.rollback()
    for ids in ranges:
        rescore(session, ids, playbook, now=NOW)
    return dict(session.exec(select(Score.lead_id, Score.total)).all())


def test_leads_are_read_in_portions_that_no_number_of_events_outgrows(session: Session, playbook: Playbook, rows_read: list[int]) -> None:
    _views(session, [5, 200, 15, 15, 15, 15, MOST_EVENTS])

    totals = _totals(session, playbook)

    assert max(rows_read) == MOST_ROWS + 1
    assert totals[1] > 0
    assert totals[2] == totals[7], "of 200 views the newest count"
    assert totals[3] == totals[4] == totals[5] == totals[6]


def test_whoever_explains_the_score_reads_the_same_events(session: Session, playbook: Playbook, rows_read: list[int]) -> None:
    _views(session, [200])
    lead = session.get_one(Lead, 1)
    session.add(an_event(lead, "demo_requested", at=NOW - timedelta(days=30)))
    session.commit()
    totals = _totals(session, playbook)

    by = scoring_of(playbook).everywhere
    told = explain(facts.facts_then(session.get_bind().engine, 1, by.needs, playbook.fields, NOW), by, NOW)

    needs = (by.needs, playbook.fields, NOW)
    counted = facts.facts_then(session.get_bind().engine, 1, *needs)
    assert facts.left_out(session.get_bind().engine, 1, *needs, counted) == 181
    assert told.total == totals[1]
    assert "Asked for a demo" not in {part.name for part in told.parts if part.points}, "200 views ago"


def test_the_run_says_of_whom_only_the_newest_events_count(
    session: Session, playbook: Playbook, rows_read: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    _views(session, [3, 200])

    with caplog.at_level(logging.WARNING):
        _totals(session, playbook)

    assert {record.getMessage() for record in caplog.records} == {"lead 2 has more than 20 events that are asked for: only the newest count"}


def test_other_sweeps_hold_no_more_at_once_and_judge_the_same(session: Session, playbook: Playbook, rows_read: list[int]) -> None:
    _views(session, [5, 200, 15, 15, 15, 15])
    often = [playbook.condition("times('page_viewed', path = '/pricing') >= 15")]
    engine = session.get_bind().engine
    held: list[int] = []

    def counted(part: pl.Series) -> pl.DataFrame:
        read = facts.read_facts(engine, range(1, 7), needs_of(often), playbook.fields, NOW, only=part, bounded=True).facts
        held.append(read.events.height)
        return with_features(read.leads, read, features_of(often), NOW).select("id", holds=often[0].holds)

    told = crowd.in_portions(counted, pl.Series(range(1, 7)))

    assert dict(told.iter_rows()) == {1: False, 2: True, 3: True, 4: True, 5: True, 6: True}
    assert held == [5, MOST_EVENTS, 60]
    assert max(rows_read) == MOST_ROWS + 1


def test_portions_hold_whole_leads_and_the_busiest_is_alone() -> None:
    counts = pl.DataFrame({"lead_id": [1, 2, 4, 5], "events": [30, 31, 100, 5]})

    parts = crowd.parts_by_events(pl.Series([1, 2, 3, 4, 5]), counts, 60)

    assert [part.to_list() for part in parts] == [[1], [2, 3], [4], [5]]


def test_the_newest_are_told_by_time_and_then_by_id() -> None:
    events = pl.DataFrame({"lead_id": [1, 1, 1, 2], "at": [NOW, NOW, NOW - timedelta(days=1), NOW], "id": [7, 8, 9, 1]})

    assert crowd.newest_of_each(events, 1).sort("lead_id")["id"].to_list() == [8, 1]


def test_whoever_has_few_events_keeps_all() -> None:
    events = pl.DataFrame({"lead_id": [1, 2], "at": [NOW, NOW], "id": [1, 2]})

    assert crowd.newest_of_each(events, 1).height == 2


def test_an_event_that_lies_ahead_still_brings_the_lead_back_in_time(session: Session, playbook: Playbook, rows_read: list[int]) -> None:
    _views(session, [200])
    ahead = NOW + timedelta(minutes=3)
    session.add(an_event(session.get_one(Lead, 1), "demo_requested", at=ahead))
    session.commit()

    _totals(session, playbook)

    review = session.exec(select(Score.next_review_at)).one()
    assert review is not None
    assert review <= ahead
