"""The next touch of every lead at its own local hour: planned once, one after the other, until there is none left."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from people import NOW, a_lead, ada, kenji, maya
from planning import in_track, messages, sent, swept, utc
from sqlmodel import Session

from models import Lead, Message, MessageState, Resolution, Score
from ripeline.database import open_session
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep import ahead
from ripeline.sweep.schedule import due, schedule
from ripeline.values import Tally
from ripeline.zones import Zone, database_version, to_local, to_utc


@pytest.mark.parametrize(
    ("lead", "market", "zone", "source", "hours"),
    [
        pytest.param(ada, None, "Europe/Berlin", "lead", (9, 11), id="Ada's own zone says Berlin"),
        pytest.param(kenji, "jp", "Asia/Tokyo", "city", (10, 12), id="Kenji's city lies in Japan's zone, and Japan begins at ten"),
        pytest.param(maya, None, "America/Sao_Paulo", "lead", (9, 11), id="Maya's morning is São Paulo's"),
    ],
)
def test_everybody_gets_their_own_morning(
    session: Session, playbook: Playbook, settings: Settings, lead: Callable[[], Lead], market: str | None, zone: str, source: str, hours: tuple[int, int]
) -> None:
    enrolment = in_track(session, lead(), entered_at=NOW + timedelta(hours=12))
    session.get(Score, (enrolment.lead_id, "live")).market = market
    session.commit()

    swept(session, playbook, settings, NOW + timedelta(hours=12))

    message = messages(session)[0]
    local = to_local(message.due_at, Zone(zone))
    assert (message.zone, message.zone_source, message.local_at) == (zone, source, local.isoformat(timespec="seconds"))
    assert hours[0] <= local.hour < hours[1]
    assert local.date().isoformat() == "2026-03-03"


def test_a_message_stores_the_rule_the_wall_time_the_zone_and_its_database(session: Session, playbook: Playbook, settings: Settings) -> None:
    enrolment = in_track(session, ada())

    swept(session, playbook, settings)

    message = messages(session)[0]
    assert (message.key, message.touch, message.template) == (f"touch:{enrolment.id}:case-study", "case-study", "email/case-study")
    assert (message.resolution, message.zone_database, message.version) == (Resolution.NORMAL, database_version(), playbook.hash)
    assert message.rule == "1 hour after entering, then business days 09:00–17:00"
    assert (message.state, message.recipient_key, message.planned_at) == (MessageState.SCHEDULED, "ada@example.com", NOW)
    assert message.consent_id is not None
    assert message.mail_id.endswith("@tidewerk.example>")
    assert to_utc(datetime.fromisoformat(message.local_at), Zone(message.zone)).at == message.due_at


def test_planning_twice_changes_nothing(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, ada())
    swept(session, playbook, settings)

    assert due(session, playbook, now=NOW, batch_size=10) == []
    assert str(schedule(session, range(1, 100), playbook, now=NOW, settings=settings)) == "nothing to do"
    assert len(messages(session)) == 1


@pytest.mark.parametrize("among", [range(1, 5), range(1, 1000)], ids=["most of their range", "few of their range"])
def test_slice_by_slice_everybody_gets_the_same_plan_as_at_once(
    session: Session, playbook: Playbook, settings: Settings, monkeypatch: pytest.MonkeyPatch, among: range
) -> None:
    for lead in (ada(), kenji(), maya()):
        in_track(session, lead)
        in_track(session, lead, "decision", group="other")

    def plan() -> list[tuple[str, datetime]]:
        assert schedule(session, among, playbook, now=NOW, settings=settings)["planned"] == 6
        told = [(message.key, message.due_at) for message in messages(session)]
        session.execute(sa.delete(Message))
        session.commit()
        return told

    at_once = plan()
    monkeypatch.setattr(ahead, "FIRST", 1)
    monkeypatch.setattr(ahead, "SLICE", 1)

    assert plan() == at_once


def test_two_at_once_plan_each_touch_once_and_keep_the_caps(url: str, session: Session, playbook: Playbook, settings: Settings) -> None:
    for lead in (ada(), kenji(), maya()):
        in_track(session, lead)
        in_track(session, lead, "decision", group="other")
    session.rollback()

    def one(_: int) -> Tally:
        with open_session(url) as own:
            return schedule(own, range(1, 100), playbook, now=NOW, settings=settings)

    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(one, range(2)))

    assert sum(tally["planned"] for tally in tallies) == 6
    dates = [(message.lead_id, message.local_at[:10]) for message in messages(session)]
    assert len(set(dates)) == 6


def test_a_dry_run_counts_and_plans_nothing(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, ada())

    assert swept(session, playbook, settings, dry_run=True)["planned"] == 1
    assert messages(session) == []


def test_not_everybody_goes_at_the_same_minute(session: Session, playbook: Playbook, settings: Settings) -> None:
    for _ in range(40):
        in_track(session, a_lead(zone="Europe/Berlin", country="DE"), entered_at=NOW + timedelta(hours=12))

    swept(session, playbook, settings, NOW + timedelta(hours=12))

    times = {message.local_at[11:16] for message in messages(session)}
    assert len(times) > 30
    assert min(times) >= "09:00"
    assert max(times) < "11:00"


def test_the_next_touch_waits_business_days_since_the_last_went_out(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, ada())
    swept(session, playbook, settings)
    sent(session, messages(session)[0], utc("2026-03-05 09:30"))

    swept(session, playbook, settings, utc("2026-03-05 12:00"))

    second = messages(session)[1]
    assert second.touch == "case-follow-up"
    assert second.local_at[:10] == "2026-03-10"  # Thursday, and three business days: Friday, Monday, Tuesday


def test_while_one_touch_is_on_its_way_the_next_is_not_planned(session: Session, playbook: Playbook, settings: Settings) -> None:
    in_track(session, ada())
    swept(session, playbook, settings)

    assert swept(session, playbook, settings, NOW + timedelta(days=30)) is None


@pytest.mark.parametrize("state", [MessageState.REJECTED, MessageState.IN_DOUBT, MessageState.CANCELLED, MessageState.SUPPRESSED])
def test_a_touch_that_did_not_go_does_not_stall_the_lead_for_ever(session: Session, playbook: Playbook, settings: Settings, state: MessageState) -> None:
    in_track(session, ada())
    swept(session, playbook, settings)
    message = messages(session)[0]
    message.state, message.in_doubt_at = state, message.due_at if state is MessageState.IN_DOUBT else None
    session.commit()

    swept(session, playbook, settings, NOW + timedelta(days=10))

    assert [each.touch for each in messages(session)] == ["case-study", "case-follow-up"]


def test_a_track_with_no_touch_left_is_exhausted_once(session: Session, playbook: Playbook, settings: Settings) -> None:
    enrolment = in_track(session, ada())
    now = NOW
    for _ in range(5):
        swept(session, playbook, settings, now)
        sent(session, messages(session)[-1])
        now = messages(session)[-1].due_at + timedelta(days=1)

    tally = swept(session, playbook, settings, now)

    assert (tally["planned"], tally["exhausted"], enrolment.exhausted_at) == (0, 1, now)
    assert [each.touch for each in messages(session)] == ["case-study", "case-follow-up", "compare-options", "webinar-invite", "customer-story"]
    assert swept(session, playbook, settings, now) is None
