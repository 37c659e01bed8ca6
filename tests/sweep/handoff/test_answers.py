"""What reps answer, what happens to the lead meanwhile, and what sales sees of it."""

from datetime import datetime, timedelta

import pytest
from people import NOW, ada, an_event
from sales import DAY, OLE, Ready, Sweep, an_objection, messages, only, the_playbook, with_reps
from sqlmodel import Session, col, select

from models import Handoff, HandoffState, Lead, Meeting, MeetingState, Message, MessageKind, MessageState, Score, Stage
from ripeline.settings import Settings
from ripeline.sweep.handoff import due
from ripeline.sweep.handoff.listing import list_handoffs
from ripeline.sweep.handoff.verdict import take_verdict
from ripeline.values import Refusal, Tally, message_id


def a_touch(lead_id: int) -> Message:
    return Message(
        id=message_id("touch:1:case"), key="touch:1:case", kind=MessageKind.TOUCH, lead_id=lead_id, touch="case", template="email/case-study", version="",
        local_at="2026-03-05T09:00:00", zone="Europe/Berlin", due_at=NOW + 3 * DAY, mail_id="<1@tidewerk.example>", planned_at=NOW,
    )  # fmt: skip


@pytest.fixture
def offered(session: Session, ready: Ready, sweep: Sweep) -> Handoff:
    ready(ada())
    sweep()
    return only(session, Handoff)  # type: ignore[no-any-return]


def answer(session: Session, settings: Settings, offered: Handoff, accepted: bool, now: datetime = NOW + DAY, reason: str = "no budget") -> Tally:
    return take_verdict(session, offered.id or 0, accepted=accepted, reason=reason, source="test", playbook=the_playbook(), now=now, settings=settings)


def test_an_accepted_lead_is_not_handed_over_again(session: Session, sweep: Sweep, settings: Settings, offered: Handoff) -> None:
    assert answer(session, settings, offered, accepted=True)["accepted"] == 1

    assert (offered.state, offered.closed_at) == (HandoffState.ACCEPTED, NOW + DAY)
    assert only(session, Meeting).state is MeetingState.PROPOSED
    assert sweep(now=NOW + 300 * DAY)["opened"] == 0


def test_an_accepted_lead_that_came_back_may_come_again_after_the_cooling_time(session: Session, sweep: Sweep, settings: Settings, offered: Handoff) -> None:
    answer(session, settings, offered, accepted=True)
    lead = session.get_one(Lead, offered.lead_id)
    lead.stage, lead.stage_at = Stage.MARKETING_QUALIFIED, NOW + 30 * DAY
    session.commit()

    assert sweep(now=NOW + 60 * DAY)["opened"] == 0
    assert sweep(now=NOW + 62 * DAY)["opened"] == 1


@pytest.mark.parametrize(
    ("accepted", "state", "reason"),
    [
        pytest.param(True, MessageState.CANCELLED, "handed to sales", id="accepted: nurture ends"),
        pytest.param(False, MessageState.SCHEDULED, "", id="rejected: nurture goes on where it was"),
    ],
)
def test_the_answer_decides_about_touches_still_planned(
    session: Session, settings: Settings, offered: Handoff, accepted: bool, state: MessageState, reason: str
) -> None:
    touch = a_touch(offered.lead_id)
    session.add(touch)
    session.commit()

    answer(session, settings, offered, accepted=accepted)

    session.refresh(touch)
    assert (touch.state, touch.reason) == (state, reason)


def test_a_rejection_cancels_what_was_planned_and_keeps_the_reason(session: Session, settings: Settings, offered: Handoff) -> None:
    answer(session, settings, offered, accepted=False)

    assert (offered.state, offered.verdict) == (HandoffState.REJECTED, "no budget")
    assert only(session, Meeting).state is MeetingState.CANCELLED
    assert {(message.state, message.reason) for message in messages(session).values()} == {(MessageState.CANCELLED, "the handoff was rejected")}


def test_a_rejected_lead_comes_again_after_the_cooling_time_as_a_new_cycle(session: Session, sweep: Sweep, settings: Settings, offered: Handoff) -> None:
    answer(session, settings, offered, accepted=False)

    assert sweep(now=NOW + 60 * DAY)["opened"] == 0
    assert sweep(now=NOW + 62 * DAY)["opened"] == 1
    assert [each.cycle for each in session.exec(select(Handoff).order_by(col(Handoff.id)))] == [1, 2]


def test_of_two_answers_the_earlier_one_counts(session: Session, sweep: Sweep, offered: Handoff) -> None:
    lead = session.get_one(Lead, offered.lead_id)
    for kind, hours in (("handoff_rejected", 5), ("handoff_accepted", 4)):
        session.add(an_event(lead, kind, NOW + timedelta(hours=hours), form=str(offered.id)))
    session.commit()

    sweep(now=NOW + DAY)

    assert offered.state is HandoffState.ACCEPTED


def test_an_answer_to_another_handoff_changes_nothing(session: Session, sweep: Sweep, offered: Handoff) -> None:
    lead = session.get_one(Lead, offered.lead_id)
    session.add(an_event(lead, "handoff_accepted", NOW, form="999"))
    session.commit()

    sweep(now=NOW + DAY)

    assert offered.state is HandoffState.OFFERED


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        pytest.param(Stage.DISQUALIFIED, HandoffState.WITHDRAWN, id="a disqualified lead is taken back"),
        pytest.param(Stage.OPPORTUNITY, HandoffState.ACCEPTED, id="who became an opportunity was accepted without a word"),
    ],
)
def test_a_stage_set_meanwhile_answers_for_the_rep(session: Session, sweep: Sweep, offered: Handoff, stage: Stage, state: HandoffState) -> None:
    session.get_one(Lead, offered.lead_id).stage = stage
    session.commit()

    assert due(session, the_playbook(), now=NOW + DAY, batch_size=10)
    sweep(now=NOW + DAY)

    assert offered.state is state


def test_who_objects_to_being_scored_is_taken_back(session: Session, sweep: Sweep, offered: Handoff) -> None:
    session.add(an_objection(session.get_one(Lead, offered.lead_id)))
    session.commit()

    assert due(session, the_playbook(), now=NOW + DAY, batch_size=10), "although rescore has not taken the score away yet"
    sweep(now=NOW + DAY)

    assert (offered.state, offered.verdict) == (HandoffState.WITHDRAWN, "the lead objects to being scored")


def test_who_objects_to_being_scored_is_not_handed_over(session: Session, sweep: Sweep, ready: Ready) -> None:
    session.add(an_objection(ready(ada())))
    session.commit()

    assert sweep()["opened"] == 0


def test_sales_reads_who_objected_where_the_score_stood(session: Session, offered: Handoff) -> None:
    session.add(an_objection(session.get_one(Lead, offered.lead_id)))
    session.commit()

    (listed,) = list_handoffs(session, now=NOW + DAY)

    assert (listed.total, listed.grade, listed.withheld) == (None, None, "objected to profiling on 2026-03-01")


def test_a_fallen_score_does_not_take_the_card_from_a_rep(session: Session, sweep: Sweep, offered: Handoff) -> None:
    session.get_one(Score, (offered.lead_id, "live")).total = 100
    session.commit()

    sweep(now=NOW + DAY)

    assert offered.state is HandoffState.OFFERED


@pytest.mark.parametrize("accepted", [True, False])
def test_a_closed_handoff_is_not_answered_again(session: Session, settings: Settings, offered: Handoff, accepted: bool) -> None:
    answer(session, settings, offered, accepted=True)

    with pytest.raises(Refusal, match="was accepted on 2026-03-03"):
        answer(session, settings, offered, accepted=accepted)


def test_a_rejection_needs_a_reason(session: Session, settings: Settings, offered: Handoff) -> None:
    with pytest.raises(Refusal, match="say --reason"):
        answer(session, settings, offered, accepted=False, reason=" ")


def test_an_unknown_handoff_is_refused_with_the_way_to_find_the_right_one(session: Session, settings: Settings) -> None:
    with pytest.raises(Refusal, match="no handoff 0: `ripeline handoffs`"):
        answer(session, settings, Handoff(id=0, lead_id=1, total=0, grade="", version="", opened_at=NOW), accepted=True)


def test_a_waiting_handoff_cannot_be_accepted(session: Session, ready: Ready, sweep: Sweep, settings: Settings) -> None:
    ready(ada())
    sweep(playbook=with_reps(OLE | {"countries": ["NO"], "fallback": False}))

    with pytest.raises(Refusal, match="waits for a rep"):
        answer(session, settings, only(session, Handoff), accepted=True)


def test_the_list_tells_both_clocks_and_what_is_late(session: Session, offered: Handoff) -> None:
    (in_time,) = list_handoffs(session, now=NOW + timedelta(hours=4))
    (late,) = list_handoffs(session, now=NOW + timedelta(hours=5), only_open=True)

    assert offered.accept_by == NOW + timedelta(hours=4)
    assert (in_time.is_late, late.is_late) == (False, True)
    assert (late.lead_time, late.rep_time) == ("Tue 2026-03-03 11:00 Europe/Berlin", "Tue 2026-03-03 11:00 Europe/Berlin")
    assert (late.total, late.rep, late.state, late.meeting) == (82.5, "Lukas Brandt", "offered", "proposed")
