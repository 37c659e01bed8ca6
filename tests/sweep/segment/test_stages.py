"""Stages of the funnel: by score, by what people said, by what sales did."""

from datetime import timedelta

import pytest
from judging import a_scored, rescored, swept, track_of
from people import NOW, a_lead, an_event
from sqlmodel import Session, select

from models import ScoreChange, Stage
from ripeline.playbook.playbook import Playbook


@pytest.mark.parametrize(
    ("total", "track", "stage"),
    [
        pytest.param(0, "awareness", Stage.LEAD, id="nothing yet"),
        pytest.param(24.99, "awareness", Stage.LEAD, id="a hundredth below 25"),
        pytest.param(25, "consideration", Stage.LEAD, id="25 itself"),
        pytest.param(49.99, "consideration", Stage.LEAD, id="a hundredth below 50"),
        pytest.param(50, "decision", Stage.MARKETING_QUALIFIED, id="50 itself"),
        pytest.param(74.99, "decision", Stage.MARKETING_QUALIFIED, id="a hundredth below 75"),
        pytest.param(75, "sales-ready", Stage.MARKETING_QUALIFIED, id="from 75 on a person writes, else we invite"),
    ],
)
def test_a_lead_enters_the_track_and_stage_of_its_score(session: Session, playbook: Playbook, total: float, track: str, stage: Stage) -> None:
    lead = a_scored(session, total)

    swept(session, playbook)

    assert (track_of(session, lead), lead.stage) == (track, stage)


def test_a_stage_change_is_remembered_with_its_reason(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 62.5)

    swept(session, playbook)

    change = session.exec(select(ScoreChange)).one()
    assert (change.lead_id, change.stage, change.total, change.because) == (lead.id, "marketing_qualified", 6250, "total >= 50 (total 62.5)")


def test_between_entering_and_leaving_a_stage_nothing_moves(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 52)
    swept(session, playbook)

    rescored(session, lead, 41)
    swept(session, playbook, NOW + timedelta(days=10))

    assert (lead.stage, track_of(session, lead)) == (Stage.MARKETING_QUALIFIED, "decision")


def test_a_lead_falls_only_after_the_shortest_stay_and_is_looked_at_right_then(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 52)
    swept(session, playbook)
    rescored(session, lead, 30)

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.stage, lead.segment_review_at) == (Stage.MARKETING_QUALIFIED, NOW + timedelta(days=3))
    swept(session, playbook, NOW + timedelta(days=3))
    assert (lead.stage, track_of(session, lead)) == (Stage.LEAD, "consideration")


@pytest.mark.parametrize("stage", [Stage.CUSTOMER, Stage.DISQUALIFIED, Stage.OPPORTUNITY])
def test_a_stage_set_by_hand_holds_and_ends_nurture(session: Session, playbook: Playbook, stage: Stage) -> None:
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=1), form=stage.value, reason="signed"))
    rescored(session, lead, 60)

    swept(session, playbook, NOW + timedelta(days=1))

    assert (lead.stage, track_of(session, lead)) == (stage, None)
    assert session.exec(select(ScoreChange.because).where(ScoreChange.stage == stage.value)).one() == "set by hand: signed"
    rescored(session, lead, 80)
    swept(session, playbook, NOW + timedelta(days=2))
    assert lead.stage is stage


def test_of_several_things_people_said_the_last_counts_and_late_history_does_not(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 60)
    swept(session, playbook)
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=3), form="customer"))
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=2), form="opportunity"))
    session.add(an_event(lead, "handoff_accepted", NOW + timedelta(hours=4), form="1"))
    session.add(an_event(lead, "stage_set", NOW + timedelta(hours=5), form="emperor"))
    rescored(session, lead, 60)

    tally = swept(session, playbook, NOW + timedelta(days=1))

    assert lead.stage is Stage.CUSTOMER
    assert tally["unknown_stages"] == 1


def test_history_that_came_with_an_import_sets_the_stage(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 10)
    session.add(an_event(lead, "stage_set", NOW - timedelta(days=300), form="customer"))
    session.commit()

    swept(session, playbook)

    assert (lead.stage, track_of(session, lead)) == (Stage.CUSTOMER, None)


def test_an_accepted_handoff_moves_a_lead_up(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 80)
    swept(session, playbook)
    session.add(an_event(lead, "handoff_accepted", NOW + timedelta(hours=1), form="1"))
    rescored(session, lead, 80)

    swept(session, playbook, NOW + timedelta(days=1))

    assert lead.stage is Stage.SALES_ACCEPTED


def test_a_lost_deal_moves_nobody_up(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 10, a_lead(stage=Stage.SUBSCRIBER))
    session.add(an_event(lead, "deal_lost", NOW - timedelta(days=1)))
    session.commit()

    swept(session, playbook)

    assert lead.stage is Stage.SUBSCRIBER


def test_a_lead_whose_deal_was_lost_comes_back_cools_and_is_lifted_again(session: Session, playbook: Playbook) -> None:
    lead = a_scored(session, 60, a_lead(stage=Stage.OPPORTUNITY))
    swept(session, playbook)
    session.add(an_event(lead, "deal_lost", NOW + timedelta(hours=1)))
    rescored(session, lead, 60)

    swept(session, playbook, NOW + timedelta(days=1))
    assert (lead.stage, track_of(session, lead)) == (Stage.LEAD, None)
    assert swept(session, playbook, NOW + timedelta(days=60)) is None
    assert lead.segment_review_at == NOW + timedelta(days=60, hours=1)

    swept(session, playbook, NOW + timedelta(days=61))
    assert (lead.stage, track_of(session, lead)) == (Stage.MARKETING_QUALIFIED, "recycle")
