"""What becomes of invites that went out when their meeting is struck out: whoever has one is told, once, and nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from icalendar import Calendar, Event
from mailing import Hand, everybody
from people import NOW, ada, an_event, kenji
from sales import DAY, Ready, Sweep, a_consent, messages, only, the_playbook
from sqlmodel import Session
from typer.testing import CliRunner

from models import ConsentState, Handoff, HandoffState, Lead, Meeting, MeetingState, Message, MessageState, Stage, SuppressionReason
from ripeline.cli import handoff as commands
from ripeline.connect.channels import Outcome, Rejected
from ripeline.playbook.applied import apply_files
from ripeline.settings import Settings
from ripeline.sweep.deliver import deliver
from ripeline.sweep.handoff import due
from ripeline.sweep.handoff.verdict import take_verdict
from ripeline.sweep.suppressing import suppress
from ripeline.values import Tally

SOON = NOW + timedelta(hours=1)

Send = Callable[..., list[EmailMessage]]


@pytest.fixture(autouse=True)
def applied(session: Session) -> None:
    apply_files(session, the_playbook().files, now=NOW, by="test")


@pytest.fixture
def send(session: Session, settings: Settings) -> Send:
    """Give a function that delivers what is due and returns the mails as their readers parse them."""

    def sent(now: datetime = NOW, answers: tuple[Outcome, ...] = ()) -> list[EmailMessage]:
        hand = Hand(answers)
        deliver(session, everybody(), the_playbook(), now=now, channel=hand, settings=settings)
        session.expire_all()
        return [message_from_bytes(mail.raw, policy=default) for mail in hand.mails]

    return sent


@pytest.fixture
def invited(session: Session, ready: Ready, sweep: Sweep, send: Send) -> Handoff:
    """Give a handoff whose card and invites went out: Ada and Lukas are to meet tomorrow at 11:00 in Berlin."""
    ready(ada())
    sweep()
    assert len(send()) == 3
    return only(session, Handoff)  # type: ignore[no-any-return]


@pytest.fixture
def reject(session: Session, settings: Settings) -> Callable[..., Tally]:
    """Give a function that rejects a handoff as its rep would."""

    def rejected(handoff: Handoff, now: datetime = SOON) -> Tally:
        given: dict[str, Any] = {"reason": "no budget", "source": "test", "playbook": the_playbook(), "now": now, "settings": settings}
        return take_verdict(session, handoff.id or 0, accepted=False, **given)

    return rejected


Reject = Callable[..., Tally]


def event_in(mail: EmailMessage) -> tuple[str, Event]:
    """Return the METHOD and the event of a mail, both of which its header must repeat."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    assert part.get_param("method") == calendar["METHOD"]
    return str(calendar["METHOD"]), cast(Event, event)


def test_lead_and_rep_each_get_one_cancellation_of_an_invite_that_went_out(session: Session, send: Send, invited: Handoff, reject: Reject) -> None:
    meeting = only(session, Meeting)

    tally = reject(invited)
    mails = {str(mail["To"].addresses[0].addr_spec): mail for mail in send(SOON)}

    assert tally["cancellations"] == 2
    assert set(mails) == {"ada@example.com", "lukas@example.com"}
    for mail in mails.values():
        method, event = event_in(mail)
        assert (method, str(event["STATUS"]), str(event["UID"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", meeting.uid, 1)
        assert (event.decoded("DTSTART"), event.decoded("DTSTAMP")) == (meeting.starts_at, SOON)
        assert [str(each) for each in event.attendees] == ["mailto:ada@example.com", "mailto:lukas@example.com"]
    assert mails["ada@example.com"]["Subject"] == "Unser Gespräch am 3. März 2026 findet nicht statt"
    assert mails["ada@example.com"]["Reply-To"] == "lukas@example.com"


def test_a_cancellation_is_of_the_invite_it_takes_back(session: Session, ready: Ready, sweep: Sweep, send: Send, reject: Reject) -> None:
    ready(ada())
    sweep()
    invites = [mail for mail in send() if mail.get_content_type() == "multipart/mixed"]
    reject(only(session, Handoff))

    requests, cancels = (sorted((event_in(mail)[1] for mail in mails), key=_written) for mails in (invites, send(SOON)))

    assert len(requests) == len(cancels) == 2
    for request, cancel in zip(requests, cancels, strict=True):
        assert all(str(request[name]) == str(cancel[name]) for name in ("UID", "ORGANIZER"))
        assert [str(each) for each in request.attendees] == [str(each) for each in cancel.attendees]
        assert (request["SEQUENCE"], cancel["SEQUENCE"]) == (0, 1)


def _written(event: Event) -> bytes:
    return bytes(event.to_ical())


def test_nobody_is_told_of_a_meeting_they_never_heard_of(session: Session, ready: Ready, sweep: Sweep, send: Send, reject: Reject) -> None:
    ready(ada())
    sweep()

    tally = reject(only(session, Handoff))

    assert (tally["cancellations"], tally["to_call"], send(SOON)) == (0, 0, [])


def test_a_rep_alone_is_told_where_the_lead_still_slept(session: Session, ready: Ready, sweep: Sweep, send: Send, reject: Reject) -> None:
    ready(kenji(), market="jp")
    sweep()
    morning = NOW + timedelta(hours=14, minutes=45)  # 09:45 in Tokyo: the rep's invite went at 09:30, the lead's waits for 10:00
    send(morning)

    reject(only(session, Handoff), morning)

    (mail,) = send(morning + timedelta(hours=1))
    assert str(mail["To"].addresses[0].addr_spec) == "haruka@example.com"
    assert "電話で直接" not in _text(mail), "the lead was never invited: there is nobody to call"


def test_it_is_said_once_however_often_it_is_run(session: Session, sweep: Sweep, send: Send, invited: Handoff, reject: Reject) -> None:
    reject(invited)

    for hours in (1, 1, 2):
        sweep(now=NOW + timedelta(hours=hours))

    assert due(session, the_playbook(), now=SOON, batch_size=10) == []
    assert (len(send(SOON)), send(SOON), send(NOW + timedelta(hours=3))) == (2, [], [])


def test_an_invite_that_was_just_leaving_is_taken_back_by_the_next_run(session: Session, sweep: Sweep, send: Send, invited: Handoff, reject: Reject) -> None:
    meeting = only(session, Meeting)
    invite = messages(session)[f"invite:{meeting.id}:0"]
    invite.state = MessageState.SUBMITTING
    session.commit()
    assert reject(invited)["cancellations"] == 1, "the rep's alone: a cancellation never precedes its invite"
    invite.state = MessageState.ACCEPTED
    session.commit()

    assert due(session, the_playbook(), now=SOON, batch_size=10) == [range(invited.lead_id, invited.lead_id + 1)]
    assert sweep(now=SOON)["cancellations"] == 1
    assert len(send(SOON)) == 2


def test_a_withdrawn_handoff_takes_its_invites_back_too(session: Session, sweep: Sweep, send: Send, invited: Handoff) -> None:
    session.get_one(Lead, invited.lead_id).stage = Stage.DISQUALIFIED
    session.commit()

    assert sweep(now=SOON)["cancellations"] == 2

    assert invited.state is HandoffState.WITHDRAWN
    assert [event_in(mail)[0] for mail in send(SOON)] == ["CANCEL", "CANCEL"]


def test_an_accepted_handoff_takes_nothing_back(session: Session, send: Send, invited: Handoff, settings: Settings) -> None:
    take_verdict(session, invited.id or 0, accepted=True, source="test", playbook=the_playbook(), now=SOON, settings=settings)

    assert send(SOON) == []
    assert (only(session, Meeting).state, only(session, Meeting).sequence) == (MeetingState.PROPOSED, 0)


def test_a_meeting_that_has_begun_is_not_cancelled(send: Send, invited: Handoff, reject: Reject) -> None:
    at_the_start = NOW + DAY

    assert reject(invited, at_the_start)["cancellations"] == 0
    assert send(at_the_start) == []


def test_a_time_the_lead_declined_is_not_cancelled_again(session: Session, sweep: Sweep, send: Send, invited: Handoff, reject: Reject) -> None:
    session.add(an_event(session.get_one(Lead, invited.lead_id), "meeting_declined", NOW + timedelta(minutes=30)))
    session.commit()
    assert sweep(now=SOON)["offered_another_time"] == 1

    reject(invited)

    (mail,) = send(SOON)
    assert str(mail["To"].addresses[0].addr_spec) == "lukas@example.com", "his calendar still holds the first time"
    assert event_in(mail)[1]["SEQUENCE"] == 2


def _unsubscribes(session: Session, lead: Lead, settings: Settings) -> None:
    suppress(session, lead.address_key, SuppressionReason.UNSUBSCRIBED, "test", at=NOW, now=NOW, pepper=settings.key)


def _withdraws(session: Session, lead: Lead, settings: Settings) -> None:
    session.add(a_consent(lead, ConsentState.WITHDRAWN, NOW))


Leaves = Callable[[Session, Lead, Settings], None]


@pytest.mark.parametrize(("leaves", "reason"), [
    pytest.param(_unsubscribes, "unsubscribed", id="on the list of people nobody may write to"),
    pytest.param(_withdraws, "no consent", id="no longer agrees to be written to"),
])  # fmt: skip
def test_who_may_not_be_written_to_gets_nothing_and_the_rep_is_to_call(
    session: Session, sweep: Sweep, send: Send, invited: Handoff, reject: Reject, settings: Settings, leaves: Leaves, reason: str
) -> None:
    leaves(session, session.get_one(Lead, invited.lead_id), settings)
    session.commit()

    assert (reject(invited)["to_call"], sweep(now=SOON)["to_call"]) == (1, 0)

    (mail,) = send(SOON)
    assert str(mail["To"].addresses[0].addr_spec) == "lukas@example.com"
    assert "Bitte rufen Sie ihn an." in _text(mail)
    assert (_to_lead(session).state, _to_lead(session).reason) == (MessageState.SUPPRESSED, reason)


def test_who_unsubscribes_before_the_cancellation_left_gets_none(session: Session, send: Send, invited: Handoff, reject: Reject, settings: Settings) -> None:
    reject(invited)
    _unsubscribes(session, session.get_one(Lead, invited.lead_id), settings)
    session.commit()

    assert [str(mail["To"].addresses[0].addr_spec) for mail in send(SOON)] == ["lukas@example.com"]


def test_a_lead_whose_day_begins_with_the_meeting_is_to_be_called(session: Session, ready: Ready, sweep: Sweep, send: Send, reject: Reject) -> None:
    ready(kenji(), market="jp")
    sweep()
    send(NOW + timedelta(hours=15))  # Tuesday at 10:00 in Tokyo, when Japan's window opens; the meeting is on Wednesday at 10:00
    evening = NOW + timedelta(hours=24)

    assert reject(only(session, Handoff), evening)["to_call"] == 1

    assert (_to_lead(session).state, _to_lead(session).reason) == (MessageState.CANCELLED, "the lead's window does not open before the meeting")
    (mail,) = send(only(session, Meeting).starts_at)
    assert "電話で直接お伝えください" in _text(mail)


def test_a_rep_who_was_never_invited_is_not_told(session: Session, ready: Ready, sweep: Sweep, send: Send, reject: Reject) -> None:
    ready(ada())
    sweep()
    send(answers=tuple(Rejected(550, "no such mailbox", "rcpt") for _ in range(3)))

    assert reject(only(session, Handoff))["cancellations"] == 0
    assert send(SOON) == []


@pytest.mark.parametrize(("unsubscribed", "said"), [
    pytest.param(False, "gets a cancellation by mail", id="the lead is told"),
    pytest.param(True, "call them", id="the lead must not be written to"),
])  # fmt: skip
def test_the_reject_command_says_who_tells_the_lead(
    session: Session, invited: Handoff, settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch, unsubscribed: bool, said: str
) -> None:
    if unsubscribed:
        _unsubscribes(session, session.get_one(Lead, invited.lead_id), settings)
    session.commit()
    words = ["reject", str(invited.id), "--reason", "no budget"]
    session.rollback()  # on SQLite an open transaction would keep the command out
    monkeypatch.setenv("RIPELINE_DATABASE_URL", url)
    monkeypatch.setenv("RIPELINE_VAR", str(settings.var))
    monkeypatch.setenv("RIPELINE_SECRET_KEY", settings.key.decode())
    monkeypatch.setattr("ripeline.database.database_now", lambda _: SOON)

    result = CliRunner().invoke(commands.app, words)

    assert result.exit_code == 0, result.output
    assert said in result.output


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None, "every letter has a text part"
    return str(body.get_content())


def _to_lead(session: Session) -> Message:
    return messages(session)[f"cancel:{only(session, Meeting).id}:1"]


def test_a_rep_is_told_when_the_lead_declines_for_good(session: Session, sweep: Sweep, send: Send, invited: Handoff) -> None:
    offers = the_playbook().handoff.meeting.offers
    for hours in range(1, offers + 1):
        session.add(an_event(session.get_one(Lead, invited.lead_id), "meeting_declined", NOW + timedelta(hours=hours)))
        session.commit()
        sweep(now=NOW + timedelta(hours=hours, minutes=5))
        if hours < offers:
            send(NOW + timedelta(hours=hours, minutes=10))

    mails = send(NOW + timedelta(hours=offers, minutes=10))
    sweep(now=NOW + timedelta(hours=offers, minutes=15))

    assert only(session, Meeting).state is MeetingState.DECLINED
    assert [str(mail["To"].addresses[0].addr_spec) for mail in mails] == ["lukas@example.com"], "the lead's own calendar knows"
    method, event = event_in(mails[0])
    assert (method, event["SEQUENCE"]) == ("CANCEL", offers)
    assert send(NOW + timedelta(hours=offers, minutes=20)) == [], "once"
