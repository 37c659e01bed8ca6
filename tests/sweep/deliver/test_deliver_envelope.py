"""The envelope that `deliver` writes, as the mail sink kept it: a sender for each message, which says whose bounce it is (RELIABILITY D14)."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path

import pytest
from mailing import Hand, again, due_messages
from people import NOW
from sqlmodel import Session

from ripeline.cli import screen
from ripeline.connect.channels import Deferred
from ripeline.connect.channels.smtp import Smtp
from ripeline.connect.mail_server import SmtpSettings
from ripeline.connect.sink import Sink
from ripeline.return_path import read_return_path
from ripeline.settings import Settings
from ripeline.values import Tally

Deliver = Callable[..., Tally]
BOUNCES = {"bounce_address": "b@bounce.tidewerk.example"}


def kept_by_a_sink(folder: Path, send: Deliver, **given: str) -> dict[str, Mail]:
    """Deliver what is due to a mail sink; return what it kept, by the header Message-ID."""
    with Sink(folder) as sink:
        smtp = Smtp(SmtpSettings(host=sink.host, port=sink.port, sink=True))
        send(smtp, settings=given)
        smtp.close()
    mails = [message_from_bytes(file.read_bytes()) for file in (folder / "new").iterdir()]
    return {mail["Message-ID"]: mail for mail in mails}


def test_each_message_has_its_own_sender_on_the_envelope_and_none_but_ours_in_from(session: Session, send: Deliver, settings: Settings, tmp_path: Path) -> None:
    messages = due_messages(session, 2)
    chosen = settings.model_copy(update=BOUNCES)

    kept = kept_by_a_sink(tmp_path, send, **BOUNCES)

    assert {read_return_path(chosen, kept[message.mail_id]["X-MailFrom"]) for message in messages} == {message.id for message in messages}
    for mail in kept.values():
        assert mail["X-MailFrom"].startswith("b+")
        assert mail["From"].endswith("@tidewerk.example>")
        assert "Return-Path" not in mail


def test_without_a_mailbox_for_bounces_they_go_to_the_sender_by_the_name_that_servers_know(session: Session, send: Deliver, tmp_path: Path) -> None:
    due_messages(session, 1)

    (mail,) = kept_by_a_sink(tmp_path, send, sender_address="nora@bücher.example").values()

    assert mail["X-MailFrom"] == "nora@xn--bcher-kva.example"


def test_a_second_attempt_has_the_same_envelope(session: Session, send: Deliver) -> None:
    (message,) = due_messages(session, 1)
    hand = Hand([Deferred(450, "4.2.0 grey", "rcpt")])

    send(hand, settings=BOUNCES)
    send(hand, settings=BOUNCES, now=again(session, message).due_at)

    first, second = hand.mails
    assert first.sender == second.sender != "nora@tidewerk.example"


def test_a_command_takes_the_address_that_a_mail_came_back_to(session: Session, send: Deliver, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (message,) = due_messages(session, 1)
    hand = Hand([])
    send(hand, settings=BOUNCES, now=NOW)
    monkeypatch.setattr(screen, "settings", lambda: settings.model_copy(update=BOUNCES))

    assert screen.find_lead(session, hand.mails[0].sender).id == message.lead_id
