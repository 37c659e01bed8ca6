"""A sweep that comes late: one touch at the next opening, never a pile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from people import NOW, ada, kenji
from planning import in_track, messages, sent, swept, utc
from sqlmodel import Session, select

from models import Lead, Message, MessageState
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.schedule import next_opening


def test_days_late_each_lead_gets_one_touch_at_the_next_opening_not_a_pile(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, ada(), entered_at=NOW - timedelta(days=40))

    swept(session, playbook, settings, utc("2026-03-07 10:00"))  # a Saturday

    assert [(each.touch, each.local_at[:10]) for each in messages(session)] == [("case-study", "2026-03-09")]


def test_after_an_outage_of_a_week_the_catch_up_collapses_to_one_touch_a_track_on_days_of_their_own(
    session: Session, playbook: Playbook, settings: Settings
) -> None:
    in_track(session, lead := ada(), entered_at=NOW - timedelta(days=8))
    in_track(session, lead, "decision", entered_at=NOW - timedelta(days=8), group="other")

    for late in (7, 0, 0):  # planned before the outage; nobody ran anything for a week; then twice
        swept(session, playbook, settings, NOW - timedelta(days=late))

    assert sorted(each.touch for each in messages(session)) == ["case-study", "product-tour"]
    assert len({each.local_at[:10] for each in messages(session)}) == 2


def test_a_touch_whose_time_ran_out_is_passed_over_for_the_next(session: Session, playbook: Playbook, settings: Settings) -> None:
    enrolment = in_track(session, ada(), entered_at=NOW - timedelta(days=60))
    for _ in ("case-study", "case-follow-up", "compare-options"):
        swept(session, playbook, settings, NOW - timedelta(days=58))
        sent(session, messages(session)[-1], NOW - timedelta(days=57))

    tally = swept(session, playbook, settings)

    assert (tally["expired"], tally["planned"]) == (1, 1)
    stale = session.exec(select(Message).where(Message.key == f"touch:{enrolment.id}:webinar-invite")).one()
    assert (stale.state, stale.reason) == (MessageState.CANCELLED, "expired before it could go")
    assert session.exec(select(Message).where(Message.touch == "customer-story")).one().state is MessageState.SCHEDULED


def test_a_window_that_never_opens_is_counted_and_the_rest_goes_on(session: Session, playbook: Playbook, settings: Settings) -> None:
    shut = playbook.limits.model_copy(update={"quiet": playbook.limits.quiet.model_validate({"from": "08:30", "to": "08:00"})})
    in_track(session, ada())

    tally = swept(session, replace(playbook, limits=shut), settings)

    assert (tally["never_opens"], tally["planned"]) == (1, 0)


@pytest.mark.parametrize(
    ("lead", "market", "at", "expected"),
    [
        pytest.param(ada, None, "2026-03-03 10:00", "2026-03-03 10:00", id="inside the window at once"),
        pytest.param(ada, None, "2026-03-03 21:30", "2026-03-04 08:00", id="at night the next morning"),
        pytest.param(ada, None, "2026-03-06 16:30", "2026-03-09 08:00", id="on a Friday evening on Monday"),
        pytest.param(kenji, "jp", "2026-03-03 00:30", "2026-03-03 01:00", id="by the hours of the lead's market"),
    ],
)
def test_a_late_touch_waits_for_its_window_again(
    session: Session, playbook: Playbook, lead: Callable[[], Lead], market: str | None, at: str, expected: str
) -> None:
    enrolment = in_track(session, lead())

    opening = next_opening(session, session.get(Lead, enrolment.lead_id), enrolment, "case-study", market, playbook, utc(at))

    assert opening == utc(expected)
