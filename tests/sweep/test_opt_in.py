"""Double opt-in: who asked for our mail is asked once to confirm it, by a letter that sells nothing, and is written to only then."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from mailing import a_consent, saved, willing
from people import NOW, ada
from shipped import in_english
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Message, MessageKind, Purpose
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.ingest.consent import record_consent
from ripeline.sweep.opt_in import Answer, confirm, request_of
from ripeline.sweep.schedule import due, schedule
from ripeline.values import Tally

ASKED = NOW - timedelta(hours=1)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    """Give the shipped playbook."""
    return in_english()


@pytest.fixture
def asking(session: Session) -> Lead:
    """Give Ada, who filled in a form an hour ago, late at night or not."""
    lead: Lead = saved(session, ada())
    saved(session, a_consent(lead, state=ConsentState.PENDING, at=ASKED, text="Yes, send me the guide and news", proof="form /guide"))
    return lead


@pytest.fixture
def plan(session: Session, playbook: Playbook, settings: Settings) -> Callable[..., Tally]:
    """Give the schedule sweep over everybody."""

    def run(now: Any = NOW) -> Tally:
        found = due(session, playbook, now=now, batch_size=100)
        return sum((schedule(session, batch, playbook, now=now, settings=settings) for batch in found), Tally())

    return run


def letters(session: Session) -> list[Message]:
    """Return the letters that ask to confirm."""
    return list(session.exec(select(Message).where(col(Message.kind) == MessageKind.CONFIRM)))


def newest(session: Session, lead: Lead) -> Consent:
    """Return the consent of a lead that counts."""
    return session.exec(select(Consent).where(col(Consent.lead_id) == lead.id).order_by(col(Consent.at).desc(), col(Consent.id).desc())).first()  # type: ignore[return-value]


def test_one_letter_asks_at_once_even_at_night(session: Session, asking: Lead, plan: Callable[..., Tally]) -> None:
    night = NOW.replace(hour=23)

    assert plan(night)["to_confirm"] == 1
    assert plan(night)["to_confirm"] == 0

    (letter,) = letters(session)
    assert (letter.due_at, letter.expires_at, letter.template) == (night, ASKED + timedelta(days=14), "email/welcome-confirm")


@pytest.mark.parametrize("late", ["asked too long ago", "taken back since", "given since"])
def test_nobody_is_asked_in_vain(session: Session, asking: Lead, plan: Callable[..., Tally], late: str) -> None:
    if late != "asked too long ago":
        saved(session, a_consent(asking, at=NOW, state=ConsentState.WITHDRAWN if late == "taken back since" else ConsentState.GIVEN))

    plan(NOW + timedelta(days=14) if late == "asked too long ago" else NOW)

    assert letters(session) == []


def test_confirming_gives_the_consent_that_was_asked_for_and_keeps_both_steps(session: Session, asking: Lead, settings: Settings) -> None:
    request = request_of(session, newest(session, asking).id or 0)
    assert request is not None

    for _ in range(2):
        assert confirm(session, request, NOW + timedelta(days=1), now=NOW, pepper=settings.key) is Answer.DONE

    given = newest(session, asking)
    assert (given.state, given.text, given.at, given.source) == (ConsentState.GIVEN, "Yes, send me the guide and news", NOW, "confirm link")
    assert ASKED.isoformat(timespec="seconds") in given.proof
    assert len(session.exec(select(Consent)).all()) == 2


def test_a_new_request_takes_back_nothing_from_who_agreed_already(session: Session, settings: Settings) -> None:
    lead = willing(session, ada())

    is_new = record_consent(
        session, lead.id or 0, Purpose.MARKETING, ConsentState.PENDING, basis="consent", at=NOW, now=NOW, source="form", pepper=settings.key
    )

    assert not is_new
    assert newest(session, lead).state is ConsentState.GIVEN


def test_who_left_may_ask_anew(session: Session, settings: Settings) -> None:
    lead = willing(session, ada())
    saved(session, a_consent(lead, state=ConsentState.WITHDRAWN, at=ASKED))

    assert record_consent(session, lead.id or 0, Purpose.MARKETING, ConsentState.PENDING, basis="consent", at=NOW, now=NOW, source="form", pepper=settings.key)
