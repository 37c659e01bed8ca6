"""A channel that wants no letters takes a whole claim at once: every message fares as it would alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from mailing import Hand, a_consent, a_message, again, due_messages, everybody, saved, states, willing
from people import JOINED, NOW, ada, kenji, maya, sam
from planning import with_caps
from shipped import shipped
from sqlmodel import Session

from models import ConsentState, Handoff, Message, MessageState, SuppressionReason
from ripeline.connect.channels import Channel, Deferred
from ripeline.decide.duration import Duration
from ripeline.settings import Settings
from ripeline.simulate.nowhere import Noting, Nowhere
from ripeline.sweep.deliver import deliver
from ripeline.sweep.deliver.pace import Pace
from ripeline.sweep.suppressing import suppress
from ripeline.values import Tally
from ripeline.zones import Zone, to_utc

Deliver = Callable[..., Tally]


def everyday_life(session: Session, settings: Settings) -> list[Message]:
    """Save messages that are due to people of whom each is in another case, and return them in the order in which they will go."""
    people = [ada(address=f"ada{number}@example.com", erased_at=NOW if number == 1 else None, is_on_hold=number == 2) for number in range(7)]
    leads = [*(willing(session, lead) for lead in people), saved(session, maya()), willing(session, kenji()), saved(session, sam())]
    saved(session, a_consent(leads[-1], state=ConsentState.WITHDRAWN))
    saved(session, Handoff(lead_id=leads[3].id, total=8000, grade="A1", version="0", opened_at=NOW))
    suppress(session, leads[4].address_key, SuppressionReason.UNSUBSCRIBED, "test", at=JOINED, now=JOINED, pepper=settings.key)
    sent = {"state": MessageState.ACCEPTED, "accepted_at": NOW - timedelta(hours=2), "due_at": NOW - timedelta(hours=2)}
    saved(session, a_message(leads[5], **sent))
    due = [a_message(lead, due_at=NOW - timedelta(minutes=60 - number)) for number, lead in enumerate([*leads, leads[0]])]
    due[6].expires_at = NOW
    saved(session, *due)
    return [again(session, message) for message in due]


def fates(session: Session, messages: list[Message]) -> list[tuple[MessageState, str]]:
    return [(kept.state, kept.reason) for kept in (again(session, message) for message in messages)]


@pytest.mark.parametrize("channel", [pytest.param(Hand(), id="one by one"), pytest.param(Noting(Nowhere()), id="all at once")])
def test_a_claim_fares_the_same_taken_at_once_or_one_by_one(session: Session, settings: Settings, send: Deliver, channel: Channel) -> None:
    messages = everyday_life(session, settings)

    tally = send(channel, pace=Pace(claim=100))

    assert tally.counts == {"accepted": 1, "deferred": 5, "suppressed": 4, "cancelled": 1, "recovered": 0, "in_doubt": 0, "held_back": 0}
    assert fates(session, messages) == [
        (MessageState.ACCEPTED, ""),
        (MessageState.SUPPRESSED, "erased"),
        (MessageState.DEFERRED, "on hold"),
        (MessageState.DEFERRED, "an open handoff pauses touches"),
        (MessageState.SUPPRESSED, "unsubscribed"),
        (MessageState.DEFERRED, "gap of 20 hours"),
        (MessageState.CANCELLED, "expired"),
        (MessageState.SUPPRESSED, "no consent"),
        (MessageState.DEFERRED, "outside the window (business days 09:00–17:00)"),
        (MessageState.SUPPRESSED, "consent withdrawn"),
        (MessageState.DEFERRED, "gap of 20 hours"),
    ]


@pytest.mark.parametrize("channel", [pytest.param(Hand(), id="one by one"), pytest.param(Noting(Nowhere()), id="all at once")])
def test_a_gap_of_more_than_a_week_is_kept_when_a_message_goes(session: Session, settings: Settings, channel: Channel) -> None:
    lead = willing(session, ada())
    saved(session, a_message(lead, state=MessageState.ACCEPTED, accepted_at=NOW - timedelta(days=10)))
    message = saved(session, a_message(lead))

    deliver(session, everybody(), with_caps(shipped(), gap=Duration.parse("14 days")), now=NOW, settings=settings, channel=channel)

    assert fates(session, [message]) == [(MessageState.DEFERRED, "gap of 14 days")]


@pytest.mark.parametrize("channel", [pytest.param(Hand(), id="one by one"), pytest.param(Noting(Nowhere()), id="all at once")])
def test_what_is_put_off_shows_on_its_wall_clock_the_instant_it_waits_for(session: Session, settings: Settings, send: Deliver, channel: Channel) -> None:
    messages = everyday_life(session, settings)

    send(channel, now=NOW + timedelta(microseconds=1), pace=Pace(claim=100))

    waiting = [kept for kept in (again(session, message) for message in messages) if kept.state is MessageState.DEFERRED]
    assert len(waiting) == 5
    assert [to_utc(datetime.fromisoformat(kept.local_at), Zone(kept.zone)).at for kept in waiting] == [kept.due_at for kept in waiting]


def test_what_a_server_puts_off_shows_on_its_wall_clock_when_it_is_tried_again(session: Session, send: Deliver) -> None:
    (message,) = due_messages(session, 1)

    send(Hand([Deferred(451, "later", "rcpt")]))

    kept = again(session, message)
    assert kept.due_at > NOW
    assert to_utc(datetime.fromisoformat(kept.local_at), Zone(kept.zone)).at == kept.due_at


@pytest.mark.parametrize(
    ("case", "reason"), [pytest.param("capped", "gap of 20 hours", id="a gap ends on Saturday"), pytest.param("held", "on hold", id="a day later is Saturday")]
)
def test_what_is_put_off_waits_for_an_hour_at_which_it_may_go(session: Session, send: Deliver, case: str, reason: str) -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    lead = willing(session, ada(is_on_hold=case == "held"))
    if case == "capped":
        saved(session, a_message(lead, state=MessageState.ACCEPTED, accepted_at=friday))
    message = saved(session, a_message(lead, due_at=friday))

    send(Hand(), now=friday)

    kept = again(session, message)
    assert (kept.reason, kept.due_at, kept.local_at) == (reason, datetime(2026, 3, 9, 8, tzinfo=UTC), "2026-03-09T09:00:00")


def test_what_is_taken_at_once_is_noted_and_keeps_its_consent(session: Session, send: Deliver) -> None:
    first, *_ = messages = due_messages(session, 3)
    channel = Noting(Nowhere())

    send(channel, pace=Pace(claim=2))

    kept = again(session, first)
    assert channel.taken() == [message.mail_id for message in messages]
    assert (kept.accepted_at, kept.mail_at, kept.attempt, kept.lease_token, kept.raw_sha256) == (NOW, NOW, 1, None, None)
    assert kept.consent_id is not None
    assert states(session) == {"accepted": 3}
