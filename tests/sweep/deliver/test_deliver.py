"""What `deliver` does with messages that are due: who gets one, who does not and why, and what is kept."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from mailing import Hand, a_consent, a_message, again, due_messages, saved, states, willing
from people import JOINED, NOW, a_lead, ada, kenji, maya
from shipped import shipped
from sqlmodel import Session

from models import ConsentState, Enrolment, Handoff, HandoffState, MessageKind, MessageState, Stage, SuppressionReason
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.deliver import due, planned_count
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.suppressing import suppress
from ripeline.values import Refusal, Tally

Deliver = Callable[..., Tally]


def test_a_due_message_goes_in_the_leads_language_and_its_bytes_are_not_kept(session: Session, send: Deliver) -> None:
    message = saved(session, a_message(willing(session, ada())))
    hand = Hand()

    tally = send(hand)

    kept, (mail,) = again(session, message), hand.mails
    read = message_from_bytes(mail.raw, policy=default)
    assert tally["accepted"] == 1
    assert (kept.state, kept.accepted_at, kept.raw, kept.attempt) == (MessageState.ACCEPTED, NOW, None, 1)
    assert kept.raw_sha256 == hashlib.sha256(mail.raw).hexdigest()
    assert (kept.locale, read["Content-Language"], read["Message-ID"]) == ("de", "de", message.mail_id)
    assert mail.recipient == "ada@example.com"
    assert kept.consent_id is not None


def test_what_is_not_due_yet_waits(session: Session, send: Deliver) -> None:
    message = saved(session, a_message(willing(session, ada()), due_at=NOW + timedelta(seconds=1)))

    assert send(Hand())["accepted"] == 0
    assert again(session, message).state is MessageState.SCHEDULED


def test_sending_again_sends_nothing(session: Session, send: Deliver) -> None:
    due_messages(session, 3)
    hand = Hand()

    first, second = send(hand), send(hand)

    assert (first["accepted"], second["accepted"], len(hand.mails)) == (3, 0, 3)


def test_a_batch_is_claimed_in_small_bites_the_oldest_first(session: Session, send: Deliver) -> None:
    leads = [willing(session, ada(address=f"a{number}@example.com")) for number in range(5)]
    saved(session, *[a_message(lead, due_at=NOW - timedelta(minutes=number)) for number, lead in enumerate(leads)])
    hand = Hand()

    send(hand, pace=Pace(claim=2))

    assert [mail.recipient for mail in hand.mails] == [f"a{number}@example.com" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("case", "state", "reason"),
    [
        pytest.param("suppressed", MessageState.SUPPRESSED, "complained", id="the address is suppressed"),
        pytest.param("suppressed in other case", MessageState.SUPPRESSED, "complained", id="the address is suppressed in other case"),
        pytest.param("suppressed track", MessageState.SUPPRESSED, "unsubscribed", id="this track is unsubscribed"),
        pytest.param("no consent", MessageState.SUPPRESSED, "no consent", id="nobody ever agreed"),
        pytest.param("withdrawn", MessageState.SUPPRESSED, "consent withdrawn", id="the consent was taken back"),
        pytest.param("erased", MessageState.SUPPRESSED, "erased", id="the lead was erased"),
        pytest.param("expired", MessageState.CANCELLED, "expired", id="late is worse than never"),
        pytest.param("left", MessageState.CANCELLED, "left the track: bought", id="the lead left the track"),
        pytest.param("handed off", MessageState.DEFERRED, "an open handoff pauses touches", id="sales has the lead"),
        pytest.param("on hold", MessageState.DEFERRED, "on hold", id="the lead is on hold"),
        pytest.param("at night", MessageState.DEFERRED, "outside the window (business days 09:00–17:00)", id="it is night where the lead lives"),
        pytest.param("sent just now", MessageState.DEFERRED, "gap of 20 hours", id="another touch went two hours ago"),
    ],
)
def test_a_message_is_looked_at_again_right_before_it_goes(
    session: Session, send: Deliver, settings: Settings, pinned: Playbook, case: str, state: MessageState, reason: str
) -> None:
    lead = willing(session, kenji() if case == "at night" else ada(erased_at=NOW if case == "erased" else None, is_on_hold=case == "on hold"))
    message = a_message(lead, expires_at=NOW if case == "expired" else None)
    if case in ("left", "suppressed track"):
        ended = {"ended_at": NOW, "ended_because": "bought"} if case == "left" else {}
        message.enrolment_id = saved(session, Enrolment(lead_id=lead.id, track="decision", group="nurture", version=pinned.hash, entered_at=JOINED, **ended)).id
    saved(session, message)
    match case:
        case "suppressed" | "suppressed in other case":
            key = lead.address_key if case == "suppressed" else "Ada@example.com"
            suppress(session, key, SuppressionReason.COMPLAINED, "test", at=NOW, now=NOW, pepper=settings.key)
        case "suppressed track":
            suppress(session, lead.address_key, SuppressionReason.UNSUBSCRIBED, "test", at=NOW, now=NOW, pepper=settings.key, scope="track:decision")
        case "no consent":
            session.delete(session.get_one(type(a_consent(lead)), 1))
        case "withdrawn":
            session.add(a_consent(lead, state=ConsentState.WITHDRAWN, at=NOW))
        case "handed off":
            session.add(Handoff(lead_id=lead.id, state=HandoffState.OFFERED, total=8000, grade="A1", version="0", opened_at=NOW))
        case "sent just now":
            session.add(a_message(lead, state=MessageState.ACCEPTED, accepted_at=NOW - timedelta(hours=2)))
    session.commit()
    hand = Hand()

    tally = send(hand)

    kept = again(session, message)
    assert not hand.mails
    assert tally[state.value] == 1
    assert (kept.state, kept.reason) == (state, reason)
    assert state is not MessageState.DEFERRED or (kept.due_at > NOW and kept.attempt == 0)


def test_a_suppression_of_one_track_leaves_the_others(session: Session, send: Deliver, settings: Settings, pinned: Playbook) -> None:
    lead = willing(session, ada(stage=Stage.MARKETING_QUALIFIED))
    enrolment = saved(session, Enrolment(lead_id=lead.id, track="decision", group="nurture", version=pinned.hash, entered_at=JOINED))
    saved(session, a_message(lead, enrolment_id=enrolment.id))
    suppress(session, lead.address_key, SuppressionReason.UNSUBSCRIBED, "test", at=NOW, now=NOW, pepper=settings.key, scope="track:awareness")
    session.commit()

    assert send(Hand())["accepted"] == 1


def test_a_night_message_goes_when_the_leads_window_opens(session: Session, send: Deliver) -> None:
    message = saved(session, a_message(willing(session, kenji())))

    send(Hand())
    opens = again(session, message).due_at
    tally = send(Hand(), now=opens)

    assert opens == NOW.replace(day=3, hour=0)  # 09:00 in Tokyo
    assert tally["accepted"] == 1


def test_a_suppression_between_claim_and_dot_stops_the_mail(session: Session, send: Deliver, settings: Settings) -> None:
    lead = willing(session, ada())
    message, other = saved(session, a_message(lead)), a_message(willing(session, maya()), due_at=NOW)
    saved(session, other)

    def unsubscribe() -> None:
        suppress(session, lead.address_key, SuppressionReason.UNSUBSCRIBED, "test", at=NOW, now=NOW, pepper=settings.key)
        session.commit()

    hand = Hand(before_dot=unsubscribe)

    send(hand, now=NOW + timedelta(hours=3))

    assert [mail.recipient for mail in hand.mails] == ["maya@example.net"]
    assert (again(session, message).state, again(session, message).reason, again(session, message).raw) == (MessageState.SUPPRESSED, "unsubscribed", None)


def test_a_template_that_fails_on_one_lead_rejects_that_message_and_no_other(session: Session, send: Deliver) -> None:
    due_messages(session, 3)
    broken = saved(session, a_message(willing(session, ada()), template="email/no-such-letter"))
    hand = Hand()

    first, second = send(hand), send(hand)

    assert (first["accepted"], first["rejected"], second["accepted"]) == (3, 1, 0)
    assert again(session, broken).reason.startswith("render: templates/email/no-such-letter")


def test_only_to_lets_nobody_else_be_mailed_and_loses_nothing(session: Session, send: Deliver) -> None:
    ours, theirs = willing(session, ada(address="nora@ourfirm.example")), willing(session, maya(zone="Europe/Berlin"))
    saved(session, a_message(ours), a_message(theirs))
    hand = Hand()

    tally = send(hand, settings={"only_to": "@ourfirm.example"})

    assert [mail.recipient for mail in hand.mails] == ["nora@ourfirm.example"]
    assert (tally["accepted"], tally["held_back"]) == (1, 1)
    assert states(session) == {"accepted": 1, "scheduled": 1}


def test_a_rehearsal_tells_what_would_go_and_keeps_nothing(session: Session, send: Deliver) -> None:
    due_messages(session, 2)
    saved(session, a_message(saved(session, a_lead())), a_message(willing(session, kenji())), a_message(willing(session, ada()), template="email/none"))
    hand = Hand()

    tally = send(hand, dry_run=True)

    assert dict(tally.counts) == {"would_go": 2, "suppressed": 1, "deferred": 1, "rejected": 1, "held_back": 0}
    assert not hand.mails
    assert states(session) == {"scheduled": 5}


def test_real_mail_is_never_sent_from_the_future(session: Session, send: Deliver) -> None:
    class Post(Hand):
        is_sink = False

    with pytest.raises(Refusal, match="leave --now out"):
        send(Post(), now=NOW.replace(year=2999))

    assert send(Hand(), now=NOW.replace(year=2999))["accepted"] == 0


def test_real_mail_says_who_sends_it(session: Session, send: Deliver) -> None:
    class Post(Hand):
        is_sink = False

    with pytest.raises(Refusal, match="RIPELINE_COMPANY, RIPELINE_POSTAL_ADDRESS not set"):
        send(Post(), settings={"company": "", "postal_address": ""})


def test_due_lists_ranges_of_leads_with_due_messages(session: Session) -> None:
    messages = due_messages(session, 3)
    saved(session, a_message(willing(session, ada()), due_at=NOW + timedelta(days=1)))
    first, *_, last = sorted(message.lead_id for message in messages)

    assert due(session, shipped(), now=NOW, batch_size=2) == [range(first, first + 2), range(last, last + 1)]
    assert planned_count(session, NOW) == 3


def test_a_range_leaves_other_leads_alone(session: Session, send: Deliver) -> None:
    message, *_ = due_messages(session, 3)

    assert send(Hand(), ids=range(message.lead_id, message.lead_id + 1))["accepted"] == 1
    assert states(session) == {"accepted": 1, "scheduled": 2}


def test_every_message_is_always_in_one_state_and_the_sum_is_what_was_planned(session: Session, send: Deliver) -> None:
    due_messages(session, 4)
    saved(session, a_message(willing(session, kenji())), a_message(saved(session, a_lead())))

    send(Hand())

    assert sum(states(session).values()) == 6


def test_a_lead_who_moved_is_written_to_on_the_clock_of_the_new_place(session: Session, send: Deliver) -> None:
    message = saved(session, a_message(willing(session, ada(zone="America/Los_Angeles", country="US", region="CA", city="Los Angeles"))))

    send(Hand())

    assert again(session, message).due_at == NOW.replace(hour=17)  # 09:00 in Los Angeles


def test_messages_to_sales_need_no_consent_of_the_lead(session: Session, send: Deliver, pinned: Playbook) -> None:
    rep = pinned.handoff.reps[0]
    lead = saved(session, ada())
    handoff = saved(
        session, Handoff(lead_id=lead.id, state=HandoffState.OFFERED, rep=rep.name, total=8000, grade="A1", version=pinned.hash, opened_at=NOW, because="fits")
    )
    card = a_message(
        lead, key=f"card:{handoff.id}:{rep.name}", kind=MessageKind.CARD, recipient=f"rep:{rep.name}", recipient_key=rep.email, template="handoff/card",
        handoff_id=handoff.id, touch="", version=pinned.hash,
    )  # fmt: skip
    saved(session, card)
    hand = Hand()

    send(hand)

    assert [mail.recipient for mail in hand.mails] == [rep.email]
    assert message_from_bytes(hand.mails[0].raw)["List-Unsubscribe"] is None
