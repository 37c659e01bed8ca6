"""The letter that asks to confirm: it goes to whoever asked and has not agreed yet, at any hour, and to nobody else."""

import email
import re
from collections.abc import Callable
from datetime import timedelta
from email import policy

import pytest
from mailing import Hand, a_consent, a_message, again, saved
from people import NOW, ada
from sqlmodel import Session

from models import Consent, ConsentState, Lead, Message, MessageKind, MessageState
from ripeline.links import read_confirm
from ripeline.settings import Settings
from ripeline.values import Tally

NIGHT = NOW + timedelta(hours=12)
UNTIL = NOW + timedelta(days=14)


@pytest.fixture
def asked(session: Session) -> Consent:
    """Give the consent that Ada asked for and has not confirmed."""
    lead: Lead = saved(session, ada())
    consent: Consent = saved(session, a_consent(lead, state=ConsentState.PENDING, at=NOW))
    return consent


@pytest.fixture
def letter(session: Session, asked: Consent) -> Message:
    """Give the letter that asks Ada to confirm it."""
    lead = session.get_one(Lead, asked.lead_id)
    made = a_message(
        lead, key=f"confirm:{asked.id}", kind=MessageKind.CONFIRM, touch="", template="email/welcome-confirm", expires_at=UNTIL, consent_id=asked.id
    )
    kept: Message = saved(session, made)
    session.refresh(kept)
    session.expunge(kept)
    session.rollback()
    return kept


def test_it_goes_at_once_and_its_link_names_the_request(session: Session, send: Callable[..., Tally], letter: Message, settings: Settings) -> None:
    hand = Hand()

    assert send(hand, now=NIGHT)["accepted"] == 1

    mail = email.message_from_bytes(hand.mails[0].raw, policy=policy.default)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    token = re.search(r"/c/(\S+)", text)
    assert token is not None
    assert read_confirm(settings, token[1]) == (letter.consent_id, UNTIL)
    assert "15. März 2026" in text
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("state", [ConsentState.GIVEN, ConsentState.WITHDRAWN])
def test_it_does_not_go_where_nothing_waits_to_be_confirmed(session: Session, send: Callable[..., Tally], letter: Message, state: ConsentState) -> None:
    saved(session, a_consent(session.get_one(Lead, letter.lead_id), state=state, at=NOW))
    session.rollback()

    send(Hand(), now=NIGHT)

    assert (again(session, letter).state, again(session, letter).reason) == (MessageState.CANCELLED, "nothing waits to be confirmed")


def test_until_it_is_confirmed_no_other_mail_goes(session: Session, send: Callable[..., Tally], asked: Consent) -> None:
    touch: Message = saved(session, a_message(session.get_one(Lead, asked.lead_id)))
    session.rollback()

    send(Hand())

    assert (again(session, touch).state, again(session, touch).reason) == (MessageState.SUPPRESSED, "consent not confirmed")
