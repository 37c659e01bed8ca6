"""What `deliver` sends about a handoff: the card to the rep, the invite to both, and neither once it is overtaken."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from mailing import Hand, a_consent, a_message, again, saved, willing
from people import NOW, ada
from sqlmodel import Session

from models import ConsentState, Handoff, HandoffState, Lead, Meeting, MeetingState, Message, MessageKind, MessageState, Purpose
from ripeline.decide.handoff import Rep
from ripeline.playbook.playbook import Playbook
from ripeline.values import Tally

Deliver = Callable[..., Tally]


@pytest.fixture
def rep(pinned: Playbook) -> Rep:
    """Give a rep of the shipped playbook."""
    return pinned.handoff.reps[0]


@pytest.fixture
def meeting(session: Session, pinned: Playbook, rep: Rep) -> Meeting:
    """Give a meeting with Ada, proposed for the day after tomorrow."""
    lead = willing(session, ada())
    offered = {
        "state": HandoffState.OFFERED,
        "rep": rep.name,
        "total": 8000,
        "grade": "A1",
        "version": pinned.hash,
        "opened_at": NOW,
        "because": "speaks German",
    }
    handoff = saved(session, Handoff(lead_id=lead.id, **offered))
    starts_at = NOW + timedelta(days=2)
    zones = {"lead_zone": "Europe/Berlin", "rep_zone": rep.zone}
    given = Meeting(
        handoff_id=handoff.id, lead_id=lead.id, rep=rep.name, uid="m1@tidewerk.example", starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30),
        stamped_at=NOW, **zones,
    )  # fmt: skip
    kept: Meeting = saved(session, given)
    return kept


def an_invite(session: Session, meeting: Meeting, pinned: Playbook, **changes: Any) -> Message:
    """Save an invite to the lead for the present revision of a meeting."""
    given = {
        "key": f"invite:{meeting.id}:{meeting.sequence}", "kind": MessageKind.INVITE, "template": "handoff/invite", "touch": "", "version": pinned.hash,
        "handoff_id": meeting.handoff_id, "meeting_id": meeting.id,
    }  # fmt: skip
    kept: Message = saved(session, a_message(session.get_one(Lead, meeting.lead_id), **given | changes))
    return kept


def test_an_invite_speaks_for_the_rep_and_carries_a_request(session: Session, send: Deliver, meeting: Meeting, pinned: Playbook, rep: Rep) -> None:
    an_invite(session, meeting, pinned)
    hand = Hand()

    send(hand)

    read = message_from_bytes(hand.mails[0].raw, policy=default)
    (calendar,) = [part for part in read.walk() if part.get_content_type() == "text/calendar"]
    assert calendar.get_param("method") == "REQUEST"
    assert "UID:m1@tidewerk.example" in calendar.get_content()
    assert (read["Reply-To"], rep.name in read["From"], hand.mails[0].recipient) == (rep.email, True, "ada@example.com")


def test_the_reps_own_invite_goes_to_the_rep_and_offers_no_way_out(session: Session, send: Deliver, meeting: Meeting, pinned: Playbook, rep: Rep) -> None:
    an_invite(session, meeting, pinned, key=f"invite-rep:{meeting.id}:0", template="handoff/invite-rep", recipient=f"rep:{rep.name}", recipient_key=rep.email)
    hand = Hand()

    send(hand)

    read = message_from_bytes(hand.mails[0].raw, policy=default)
    assert hand.mails[0].recipient == rep.email
    assert (read["List-Unsubscribe"], read["Auto-Submitted"]) == (None, "auto-generated")


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        pytest.param("revised", "the meeting was changed", id="another time was proposed meanwhile"),
        pytest.param("declined", "the meeting is declined", id="the lead said no meanwhile"),
        pytest.param("rejected", "the handoff is rejected", id="the rep gave the lead back meanwhile"),
        pytest.param("objected", "the lead objected to profiling on 2026-03-02", id="nobody may see the score any more"),
    ],
)
def test_an_invite_that_was_overtaken_does_not_go(session: Session, send: Deliver, meeting: Meeting, pinned: Playbook, what: str, reason: str) -> None:
    invite = an_invite(session, meeting, pinned)
    match what:
        case "revised":
            meeting.sequence = 1
        case "declined":
            meeting.state = MeetingState.DECLINED
        case "rejected":
            session.get_one(Handoff, meeting.handoff_id).state = HandoffState.REJECTED
        case "objected":
            saved(session, a_consent(session.get_one(Lead, meeting.lead_id), purpose=Purpose.PROFILING, state=ConsentState.WITHDRAWN, at=NOW))
    session.commit()
    hand = Hand()

    send(hand)

    assert not hand.mails
    assert (again(session, invite).state, again(session, invite).reason) == (MessageState.CANCELLED, reason)


def test_a_lead_who_may_not_be_written_to_gets_no_invite_and_the_rep_still_learns(
    session: Session, send: Deliver, meeting: Meeting, pinned: Playbook, rep: Rep
) -> None:
    saved(session, a_consent(session.get_one(Lead, meeting.lead_id), state=ConsentState.WITHDRAWN, at=NOW))
    invite = an_invite(session, meeting, pinned)
    an_invite(session, meeting, pinned, key=f"card:{meeting.handoff_id}:{rep.name}", kind=MessageKind.CARD, template="handoff/card", meeting_id=None,
              recipient=f"rep:{rep.name}", recipient_key=rep.email)  # fmt: skip
    hand = Hand()

    send(hand)

    assert [mail.recipient for mail in hand.mails] == [rep.email]
    assert again(session, invite).reason == "consent withdrawn"
