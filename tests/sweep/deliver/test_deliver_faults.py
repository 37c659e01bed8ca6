"""`deliver` against a mail server that fails at every step: nothing lost, nothing twice. The server's log of 2yz answers is the referee."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from mailing import Hand, a_consent, a_message, again, due_messages, everybody, saved, states, willing
from people import NOW, ada
from smtp_faults import Fault, FaultServer, patience
from sqlmodel import Session, col, select
from waiting import PATIENCE

from models import ConsentState, Event, Lead, Message, MessageKind, MessageState, Suppression, SuppressionReason
from ripeline.connect.channels import Accepted, Deferred, InDoubt, Rejected
from ripeline.connect.channels.smtp import Smtp
from ripeline.connect.mail_server import SmtpSettings
from ripeline.sweep.deliver import Stopped
from ripeline.sweep.deliver.claim import recover
from ripeline.sweep.deliver.pace import Pace
from ripeline.values import Tally

Deliver = Callable[..., Tally]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """Give a mail server that works until told otherwise."""
    with FaultServer() as started:
        yield started


@pytest.fixture
def act(request: pytest.FixtureRequest) -> str | None:
    """Give what the server does at its phase, where a test says so."""
    return getattr(request, "param", None)


@pytest.fixture
def smtp(server: FaultServer, act: str | None) -> Smtp:
    """Give a channel to that server."""
    return Smtp(SmtpSettings(host="127.0.0.1", port=server.port, sink=True, **patience(act)))


def until_quiet(session: Session, send: Deliver, smtp: Smtp) -> None:
    """Deliver every few hours until nothing waits any more."""
    for hours in range(0, 24 * 10, 4):
        try:
            send(smtp, now=NOW + timedelta(hours=hours))
        except Stopped:
            continue
        if not {"scheduled", "deferred"} & states(session).keys():
            return


@pytest.mark.parametrize("act", ["close", "stall", "421 4.3.2 closing", "451 4.3.0 later"], indirect=True)
@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
def test_what_fails_once_before_the_dot_goes_out_later_once(session: Session, send: Deliver, server: FaultServer, smtp: Smtp, phase: str, act: str) -> None:
    messages = due_messages(session, 3)
    server.faults = [Fault(phase, act, times=1)]

    until_quiet(session, send, smtp)

    assert states(session) == {"accepted": 3}
    assert server.counts == {message.mail_id: 1 for message in messages}


@pytest.mark.parametrize("act", ["close", "stall", "taken, then close"], indirect=True)
def test_an_answer_lost_after_the_dot_leaves_a_touch_in_doubt_and_never_sends_it_again(
    session: Session, send: Deliver, server: FaultServer, smtp: Smtp, act: str
) -> None:
    first, *others = due_messages(session, 3)
    server.faults = [Fault("dot", act, times=1)]

    until_quiet(session, send, smtp)

    kept = again(session, first)
    assert states(session) == {"accepted": 2, "in_doubt": 1}
    assert (kept.state, kept.in_doubt_at) == (MessageState.IN_DOUBT, NOW)
    assert kept.raw is not None
    assert server.counts == {message.mail_id: 1 for message in others}


def test_what_sales_needs_goes_again_from_doubt_with_the_same_bytes(session: Session, send: Deliver) -> None:
    asking = saved(session, ada())
    saved(session, a_consent(asking, state=ConsentState.PENDING))
    confirm = saved(session, a_message(asking, kind=MessageKind.CONFIRM))
    hand = Hand([InDoubt("no answer"), InDoubt("no answer"), InDoubt("no answer")])

    for hours in range(0, 20, 5):
        try:
            send(hand, now=NOW + timedelta(hours=hours), pace=Pace(identical_resends=2))
        except Stopped:
            continue

    assert len(hand.mails) == 3
    assert len({mail.raw for mail in hand.mails}) == 1
    assert again(session, confirm).state is MessageState.IN_DOUBT


def test_a_retry_sends_the_very_bytes_of_the_first_attempt(session: Session, send: Deliver) -> None:
    lead = willing(session, ada())
    saved(session, a_message(lead))
    hand = Hand([Deferred(450, "4.2.0 grey", "rcpt")])

    send(hand)
    lead.first_name = "Augusta"
    saved(session, lead)
    send(hand, now=NOW + timedelta(minutes=5))

    assert len(hand.mails) == 2
    assert hand.mails[0] == hand.mails[1]


def test_delays_grow_and_the_give_up_time_ends_them(session: Session, send: Deliver) -> None:
    message = saved(session, a_message(willing(session, ada())))
    grey = Deferred(450, "4.2.0 grey", "rcpt")
    pace, moment, waits = Pace(retry_minutes=10, longest_retry_minutes=35, give_up_hours=2), NOW, []

    for _ in range(5):
        send(Hand([grey]), now=moment, pace=pace)
        due_at = again(session, message).due_at
        waits.append((due_at - moment) / timedelta(minutes=1))
        moment = due_at
    send(Hand([grey]), now=moment, pace=pace)

    assert waits == [10, 20, 35, 35, 35]
    kept = again(session, message)
    assert (kept.state, kept.reason, kept.raw) == (MessageState.REJECTED, "gave up after 2 hours", None)


def test_an_unknown_address_is_rejected_and_suppressed_while_the_others_go(session: Session, send: Deliver, server: FaultServer, smtp: Smtp) -> None:
    gone, *_ = due_messages(session, 10)
    later = saved(session, a_message(session.get_one(Lead, gone.lead_id), due_at=NOW + timedelta(days=3)))
    server.faults = [Fault("rcpt", "550 5.1.1 user unknown", recipient=gone.recipient_key)]

    tally = send(smtp)

    assert (tally["accepted"], tally["rejected"]) == (9, 1)
    assert [row.reason for row in session.exec(select(Suppression))] == [SuppressionReason.BOUNCED]
    assert [event.kind for event in session.exec(select(Event).where(col(Event.lead_id) == gone.lead_id))] == ["mail_bounced"]
    assert (again(session, later).state, again(session, later).reason) == (MessageState.SUPPRESSED, "bounced")


@pytest.mark.parametrize(
    ("answer", "phase"),
    [
        pytest.param("552 5.2.2 mailbox full", "rcpt", id="a full mailbox"),
        pytest.param("550 5.7.1 spam", "rcpt", id="a refusal of the content"),
        pytest.param("550 rejected", "rcpt", id="a refusal without a reason"),
        pytest.param("550 5.1.1 user unknown", "dot", id="an unknown user told too late to be trusted"),
    ],
)
def test_other_refusals_reject_the_message_and_suppress_nobody(
    session: Session, send: Deliver, server: FaultServer, smtp: Smtp, answer: str, phase: str
) -> None:
    due_messages(session, 2)
    server.faults = [Fault(phase, answer, times=1)]

    tally = send(smtp)

    assert (tally["accepted"], tally["rejected"]) == (1, 1)
    assert session.exec(select(Suppression)).all() == []


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        pytest.param(Rejected(550, "5.7.515 access denied", "dot"), "SPF, DKIM and DMARC", id="our mail does not authenticate"),
        pytest.param(Rejected(553, "5.1.8 bad sender", "rcpt"), "RIPELINE_SENDER_ADDRESS", id="our sender has no domain"),
        pytest.param(Rejected(530, "5.7.0 log in first", "mail"), "login", id="we are not let in"),
    ],
)
def test_what_is_ours_to_mend_stops_the_run_and_suppresses_nobody(session: Session, send: Deliver, answer: Rejected, remedy: str) -> None:
    due_messages(session, 5)

    with pytest.raises(Stopped, match=remedy) as stopped:
        send(Hand([answer]))

    assert stopped.value.exit_code == 3
    assert states(session) == {"rejected": 1, "scheduled": 4}
    assert session.exec(select(Suppression)).all() == []


def test_an_unreachable_server_is_named_and_nothing_changes(session: Session, send: Deliver) -> None:
    with FaultServer() as gone:
        port = gone.port
    due_messages(session, 30)

    with pytest.raises(Stopped, match=rf"127\.0\.0\.1:{port}.*Nothing is lost") as stopped:
        send(Smtp(SmtpSettings(host="127.0.0.1", port=port, timeout_seconds=PATIENCE, sink=True)))

    assert stopped.value.exit_code == 3
    assert states(session) == {"scheduled": 30}
    assert {message.attempt for message in session.exec(select(Message))} == {0}


def test_a_server_that_closes_on_everybody_is_left_alone_after_two_connections(session: Session, send: Deliver, server: FaultServer, smtp: Smtp) -> None:
    due_messages(session, 30)
    server.faults = [Fault("mail", "421 4.3.2 not now")]

    with pytest.raises(Stopped):
        send(smtp)

    assert server.connections == 2
    assert states(session) == {"deferred": 2, "scheduled": 28}


def test_a_mail_that_kills_its_connection_holds_up_nobody(session: Session, send: Deliver, server: FaultServer, smtp: Smtp) -> None:
    poison, *_ = due_messages(session, 10)
    server.faults = [Fault("data", "close", recipient=poison.recipient_key)]

    tally = send(smtp)

    assert (tally["accepted"], tally["deferred"]) == (9, 1)


def test_the_tally_of_a_stopped_run_is_not_lost(session: Session, send: Deliver) -> None:
    due_messages(session, 5)
    lost = Deferred(None, "the server was lost", "rcpt")

    with pytest.raises(Stopped) as stopped:
        send(Hand([Accepted(250, "taken"), lost, lost]))

    assert (stopped.value.tally["accepted"], stopped.value.tally["deferred"]) == (1, 2)


def test_recovering_leaves_living_leases_alone(session: Session) -> None:
    message = saved(session, a_message(willing(session, ada()), state=MessageState.CLAIMED, lease_token="t", lease_until=NOW.replace(year=2999)))

    assert recover(session, everybody(), now=NOW, pace=Pace()) == {"in_doubt": 0, "recovered": 0}
    assert again(session, message).state is MessageState.CLAIMED
