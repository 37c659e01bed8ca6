"""Leads who get nothing planned: never without a reason that is told."""

from datetime import timedelta

import pytest
from people import NOW, a_lead, ada, kenji, maya, sam
from planning import in_track, messages, swept
from sqlmodel import Session, select

from models import Consent, ConsentState, Handoff, Message, Purpose, SuppressionReason
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.schedule import why_not_planned
from ripeline.sweep.suppressing import suppress


@pytest.mark.parametrize(
    ("consent", "reason", "counted"),
    [
        pytest.param(None, "no recorded consent to marketing", "no_consent", id="never asked"),
        pytest.param(ConsentState.WITHDRAWN, "consent to marketing was withdrawn", "no_consent", id="taken back"),
    ],
)
def test_without_consent_nothing_is_planned_and_it_is_said(
    session: Session, playbook: Playbook, settings: Settings, consent: ConsentState | None, reason: str, counted: str
) -> None:
    enrolment = in_track(session, ada(), consent=consent)

    tally = swept(session, playbook, settings)

    assert (tally["planned"], tally[counted], messages(session)) == (0, 1, [])
    assert why_not_planned(session, [enrolment.lead_id], settings=settings) == {enrolment.lead_id: reason}


def test_the_newest_consent_counts(session: Session, playbook: Playbook, settings: Settings) -> None:
    enrolment = in_track(session, ada(), consent=ConsentState.WITHDRAWN)
    again = {"purpose": Purpose.MARKETING, "state": ConsentState.GIVEN, "basis": "consent", "source": "a test", "subject_hash": "h"}
    session.add(Consent(lead_id=enrolment.lead_id, at=NOW - timedelta(days=1), received_at=NOW, **again))
    session.commit()

    assert swept(session, playbook, settings)["planned"] == 1


def test_who_unsubscribed_gets_nothing_planned(session: Session, playbook: Playbook, settings: Settings) -> None:
    enrolment = in_track(session, sam())
    suppress(session, "SAM@example.com", SuppressionReason.UNSUBSCRIBED, "a test", at=NOW, now=NOW, pepper=settings.key)
    session.commit()

    tally = swept(session, playbook, settings)

    assert (tally["planned"], tally["suppressed"]) == (0, 1)
    assert why_not_planned(session, [enrolment.lead_id], settings=settings) == {enrolment.lead_id: "suppressed: unsubscribed"}


def test_a_suppression_of_one_track_leaves_the_others(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, ada())
    suppress(session, "ada@example.com", SuppressionReason.UNSUBSCRIBED, "a test", at=NOW, now=NOW, pepper=settings.key, scope="track:decision")
    session.commit()

    assert swept(session, playbook, settings)["planned"] == 1


def test_with_sales_or_on_hold_nothing_is_planned(session: Session, playbook: Playbook, settings: Settings) -> None:
    handed, held = in_track(session, ada()), in_track(session, a_lead(is_on_hold=True))
    session.add(Handoff(lead_id=handed.lead_id, total=7600, grade="A1", version="card", opened_at=NOW))
    session.commit()

    assert swept(session, playbook, settings) is None
    reasons = why_not_planned(session, [handed.lead_id, held.lead_id], settings=settings)
    assert reasons == {handed.lead_id: "with sales: an open hand-off pauses nurture", held.lead_id: "on hold"}


def test_why_not_planned_says_what_else_may_be_in_the_way(session: Session, playbook: Playbook, settings: Settings) -> None:
    planned, waiting = in_track(session, ada()), in_track(session, kenji())
    swept(session, playbook, settings)
    session.delete(session.exec(select(Message).where(Message.lead_id == waiting.lead_id)).one())
    gone = in_track(session, maya())
    gone.ended_at = NOW
    session.commit()

    reasons = why_not_planned(session, [planned.lead_id, waiting.lead_id, gone.lead_id, 999], settings=settings)

    assert reasons == {waiting.lead_id: "not planned yet: run `ripeline run schedule`", gone.lead_id: "in no track"}


def test_a_lead_has_no_touch_left_once_all_its_tracks_have_none(session: Session, playbook: Playbook, settings: Settings) -> None:
    lead = ada()
    first, second = in_track(session, lead), in_track(session, lead, "decision", group="other")

    first.exhausted_at = NOW
    session.commit()
    assert why_not_planned(session, [first.lead_id], settings=settings) == {first.lead_id: "not planned yet: run `ripeline run schedule`"}

    second.exhausted_at = NOW
    session.commit()
    assert why_not_planned(session, [first.lead_id], settings=settings) == {first.lead_id: "its track has no touch left"}
