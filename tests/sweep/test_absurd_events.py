"""Events with absurd times and values, however they came into the base: the rest is scored as if they were not there, or as little as they say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cards import card
from people import NOW, a_lead, an_event
from shipped import in_english
from sqlmodel import Session, select

from models import Lead, Score
from ripeline.decide.explain import explain
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.facts import facts_then
from ripeline.sweep.rescore import due, rescore
from ripeline.sweep.scoring import scoring_of

CARD = """
[[engagement]]
name   = "Looked at pricing"
event  = "page_viewed"
when   = "path = '/pricing'"
points = 10
fades  = { half_life = "30 days" }

[[engagement]]
name   = "Read"
event  = "page_viewed"
points = { give = 1, per = 60, of = "seconds" }
limit  = { points = 12 }

[[engagement]]
name   = "Ordered"
event  = "order_placed"
points = { give = 1, per = 1000, of = "amount" }
within = "365 days"
limit  = { points = 30 }

[[engagement]]
name   = "Reads much"
number = "sum_of('page_viewed.seconds', within = '3650 days')"
bins   = [{ from = 1000, points = 3 }]

[[engagement]]
name   = "Seen lately"
number = "days_since('page_viewed')"
bins   = [{ to = 3, points = 2 }]

[[engagement]]
name     = "Read, then ordered"
sequence = [{ event = "page_viewed" }, { event = "order_placed" }]
within   = "7 days"
points   = 5
"""
YESTERDAY = NOW - timedelta(days=1)
BEFORE = YESTERDAY - timedelta(hours=1)
A_LOOK = ("page_viewed", YESTERDAY, {"path": "/pricing", "seconds": 60})
FOR_A_LOOK = 977 + 100 + 200


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    """Give the shipped playbook with a card of every kind of rule on events, and without markets and tracks."""
    return replace(in_english(), hash="absurd events", scorecard=card(CARD).card, markets={}, tracks={})


@pytest.mark.parametrize(
    ("kind", "at", "properties", "given"),
    [
        pytest.param("page_viewed", datetime(1, 1, 1, tzinfo=UTC), {"path": "/pricing", "seconds": 60}, 100, id="year 1: faded to nothing, its minute counts"),
        pytest.param("page_viewed", datetime(9999, 12, 31, 23, 59, tzinfo=UTC), {"path": "/pricing", "seconds": 60}, 0, id="year 9999: not known yet"),
        pytest.param("page_viewed", YESTERDAY, {"seconds": 2**62}, 1400, id="146 thousand million years of reading: the limit, and a bin"),
        pytest.param("page_viewed", YESTERDAY, {"seconds": -(2**62)}, 0, id="less than no time"),
        pytest.param("order_placed", BEFORE, {"amount": 1e308}, 3000, id="all the money there is: the limit"),
        pytest.param("order_placed", BEFORE, {"amount": -1e308}, 0, id="all the debt there is"),
        pytest.param("order_placed", BEFORE, {"amount": 5e-324}, 0, id="the least there is"),
        pytest.param("order_placed", BEFORE, {"amount": float("inf")}, 3000, id="infinite"),
        pytest.param("x" * 9_000, YESTERDAY, {"path": "/" * 9_000, "note": "a" * 9_000}, 0, id="long words nobody declared"),
    ],
)
def test_an_absurd_event_gives_no_more_than_its_rule_may(
    session: Session, playbook: Playbook, kind: str, at: datetime, properties: Mapping[str, Any], given: int
) -> None:
    plain, odd = a_lead(), a_lead()
    session.add_all([plain, odd])
    session.flush()
    session.add_all([an_event(lead, A_LOOK[0], A_LOOK[1], **A_LOOK[2]) for lead in (plain, odd)] + [an_event(odd, kind, at, **properties)])
    session.commit()

    totals = _scored(session, playbook)

    assert totals == {plain.id: FOR_A_LOOK, odd.id: FOR_A_LOOK + given}
    assert _explained(session, playbook, odd) == totals[odd.id]


def _scored(session: Session, playbook: Playbook) -> dict[int, int]:
    ranges = due(session, playbook, now=NOW, batch_size=100)
    session.rollback()
    for ids in ranges:
        rescore(session, ids, playbook, now=NOW)
    return dict(session.exec(select(Score.lead_id, Score.total)).all())


def _explained(session: Session, playbook: Playbook, lead: Lead) -> int:
    assert lead.id is not None
    by = scoring_of(playbook).everywhere
    return explain(facts_then(session.get_bind().engine, lead.id, by.needs, playbook.fields, NOW), by, NOW).total
