"""Where a lead may not or cannot be invited, the rep gets the card alone, and it says why; where nobody can take it, it waits."""

import pytest
from people import NOW, ada, sam
from sales import DAY, OLE, Ready, Sweep, a_consent, messages, only, the_playbook, with_reps
from sqlmodel import Session, select

from models import ConsentState, Handoff, HandoffState, Meeting, MessageKind, Score, SuppressionReason
from ripeline.settings import Settings
from ripeline.sweep.handoff import due
from ripeline.sweep.suppressing import suppress


def test_a_lead_without_recorded_consent_is_handed_over_by_card_alone(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(ada(), consent=False)

    assert sweep()["card_alone"] == 1

    assert only(session, Handoff).meeting_because == "no invite: the lead has not agreed to be written to"
    assert [message.kind for message in messages(session).values()] == [MessageKind.CARD]


def test_a_withdrawn_consent_is_none(session: Session, ready: Ready, sweep: Sweep) -> None:
    lead = ready(ada())
    session.add(a_consent(lead, ConsentState.WITHDRAWN, NOW - DAY))
    session.commit()

    assert sweep()["card_alone"] == 1


def test_a_suppressed_lead_is_handed_over_by_card_alone(session: Session, ready: Ready, sweep: Sweep, settings: Settings) -> None:
    lead = ready(sam())
    suppress(session, lead.address_key, SuppressionReason.UNSUBSCRIBED, "test", at=NOW, now=NOW, pepper=settings.key)

    sweep()

    assert only(session, Handoff).meeting_because == "no invite: the lead must not be written to (unsubscribed)"
    assert session.exec(select(Meeting)).all() == []


def test_days_that_never_meet_bring_a_card_alone_where_the_playbook_knows_no_courtesy(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(sam())
    meeting = the_playbook().handoff.meeting.model_dump(by_alias=True) | {"courtesy": {}}
    playbook = with_reps(OLE | {"zone": "Asia/Tokyo", "countries": ["US"], "home": "JP"}, meeting=meeting)

    sweep(playbook=playbook)

    assert only(session, Handoff).meeting_because == "no invite: the working days in America/Chicago and Asia/Tokyo share no time within 21 days"


def test_a_score_between_card_and_invite_brings_a_card_alone(session: Session, ready: Ready, sweep: Sweep) -> None:
    ready(ada(), total=6000)

    sweep(playbook=with_reps(OLE, offer_at=60, leave_at=50))

    assert only(session, Handoff).meeting_because == "no invite: the score is below 75"


def test_a_lead_whom_nobody_can_take_waits_with_the_reason_and_is_tried_again(session: Session, ready: Ready, sweep: Sweep) -> None:
    away = OLE | {"away": [{"from": "2026-03-01", "to": "2026-03-04"}]}
    ready(ada())

    assert sweep(playbook=with_reps(away))["waiting"] == 1

    waiting = only(session, Handoff)
    assert (waiting.state, waiting.rep, waiting.because) == (HandoffState.WAITING, None, "Ole is away until 2026-03-04")
    assert due(session, with_reps(away), now=NOW, batch_size=10) == [range(waiting.lead_id, waiting.lead_id + 1)]
    assert sweep(now=NOW + 3 * DAY, playbook=with_reps(away))["offered"] == 1
    assert waiting.rep == "Ole"


def test_capacity_counts_what_waits_for_an_answer(session: Session, ready: Ready, sweep: Sweep) -> None:
    for number in range(3):
        ready(ada(address=f"ada{number}@example.com"))
    playbook = with_reps(OLE | {"capacity": 2})

    tally = sweep(playbook=playbook)

    assert (tally["offered"], tally["waiting"]) == (2, 1)


@pytest.mark.parametrize(
    ("total", "state"),
    [
        pytest.param(6500, HandoffState.WAITING, id="at 65 it goes on waiting"),
        pytest.param(6499, HandoffState.WITHDRAWN, id="below 65 it is let go"),
    ],
)
def test_a_waiting_lead_is_let_go_when_its_score_falls(session: Session, ready: Ready, sweep: Sweep, total: int, state: HandoffState) -> None:
    full = with_reps(OLE | {"countries": ["NO"], "fallback": False})
    lead = ready(ada())
    sweep(playbook=full)
    session.get_one(Score, (lead.id, "live")).total = total
    session.commit()

    sweep(now=NOW + DAY, playbook=full)

    assert only(session, Handoff).state is state
