"""The schedule sweep: each lead's next touch at its own local hour, in a database of either kind."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from people import NOW, a_lead, ada, kenji, maya, sam
from sqlmodel import Session, col, select

from models import (
    Consent,
    ConsentState,
    Enrolment,
    Handoff,
    Lead,
    Message,
    MessageState,
    PlaybookApplication,
    PlaybookVersion,
    Purpose,
    Resolution,
    Score,
    SuppressionReason,
)
from ripeline.database import open_session
from ripeline.decide.duration import Duration
from ripeline.decide.limits import Caps
from ripeline.playbook.files import read_folder
from ripeline.playbook.playbook import parse_playbook
from ripeline.settings import CLONE
from ripeline.sweep.schedule import due, next_opening, schedule, why_not_planned
from ripeline.sweep.suppressing import suppress
from ripeline.zones import Zone, database_version, to_local, to_utc


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def shipped():
    return parse_playbook(read_folder(CLONE))


@pytest.fixture
def playbook(session):
    """The shipped playbook, stored and live; parsed once for all tests."""
    session.add(PlaybookVersion(hash=shipped().hash, files=dict(shipped().files), created_at=NOW, created_by="a test"))
    session.flush()
    session.add(PlaybookApplication(hash=shipped().hash, applied_at=NOW, applied_by="a test"))
    session.commit()
    return shipped()


def in_track(session: Session, lead: Lead, track: str = "consideration", entered_at: datetime = NOW, consent=ConsentState.GIVEN, group="nurture") -> Enrolment:
    """Return the saved enrolment of a lead with a score and, unless None, a consent."""
    if lead.id is None:
        session.add(lead)
        session.flush()
        session.add(Score(lead_id=lead.id, fit=0, engagement=0, total=3000, grade="C3", market=None, version="card", as_of=NOW, scored_seq=1))
        if consent:
            given = {"purpose": Purpose.MARKETING, "state": consent, "basis": "consent", "source": "a test", "subject_hash": "h"}
            session.add(Consent(lead_id=lead.id, at=NOW - timedelta(days=365), received_at=NOW, **given))
    enrolment = Enrolment(lead_id=lead.id, track=track, group=group, version=shipped().hash, entered_at=entered_at)
    session.add(enrolment)
    session.commit()
    return enrolment


def swept(session: Session, playbook, settings, now: datetime = NOW, **options):
    """Run the sweep over everybody who is due, and return its counts."""
    total = None
    for ids in due(session, playbook, now=now, batch_size=1000):
        tally = schedule(session, ids, playbook, now=now, settings=settings, **options)
        total = tally if total is None else total + tally
    session.expire_all()
    return total


def sent(session: Session, message: Message, at: datetime | None = None) -> None:
    message.state, message.accepted_at = MessageState.ACCEPTED, at or message.due_at
    session.add(message)
    session.commit()


def messages(session: Session) -> list[Message]:
    return list(session.exec(select(Message).order_by(col(Message.due_at), col(Message.key))))


@pytest.mark.parametrize(
    ("lead", "market", "zone", "source", "hours"),
    [
        pytest.param(ada, None, "Europe/Berlin", "lead", (9, 11), id="Ada's own zone says Berlin"),
        pytest.param(kenji, "jp", "Asia/Tokyo", "city", (10, 12), id="Kenji's city lies in Japan's zone, and Japan begins at ten"),
        pytest.param(maya, None, "America/Sao_Paulo", "lead", (9, 11), id="Maya's morning is São Paulo's"),
    ],
)
def test_everybody_gets_their_own_morning(session, playbook, settings, lead, market, zone, source, hours):
    enrolment = in_track(session, lead(), entered_at=NOW + timedelta(hours=12))
    session.get(Score, (enrolment.lead_id, "live")).market = market
    session.commit()

    swept(session, playbook, settings, NOW + timedelta(hours=12))

    message = messages(session)[0]
    local = to_local(message.due_at, Zone(zone))
    assert (message.zone, message.zone_source, message.local_at) == (zone, source, local.isoformat(timespec="seconds"))
    assert hours[0] <= local.hour < hours[1]
    assert local.date().isoformat() == "2026-03-03"


def test_a_message_stores_the_rule_the_wall_time_the_zone_and_its_database(session, playbook, settings):
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


def test_planning_twice_changes_nothing(session, playbook, settings):
    in_track(session, ada())
    swept(session, playbook, settings)

    assert due(session, playbook, now=NOW, batch_size=10) == []
    assert str(schedule(session, range(1, 100), playbook, now=NOW, settings=settings)) == "nothing to do"
    assert len(messages(session)) == 1


def test_two_at_once_plan_each_touch_once_and_keep_the_caps(url, session, playbook, settings):
    for lead in (ada(), kenji(), maya()):
        in_track(session, lead)
        in_track(session, lead, "decision", group="other")
    session.rollback()

    def one(_):
        with open_session(url) as own:
            return schedule(own, range(1, 100), playbook, now=NOW, settings=settings)

    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(one, range(2)))

    assert sum(tally["planned"] for tally in tallies) == 6
    dates = [(message.lead_id, message.local_at[:10]) for message in messages(session)]
    assert len(set(dates)) == 6


def test_a_dry_run_counts_and_plans_nothing(session, playbook, settings):
    in_track(session, ada())

    assert swept(session, playbook, settings, dry_run=True)["planned"] == 1
    assert messages(session) == []


def test_not_everybody_goes_at_the_same_minute(session, playbook, settings):
    for _ in range(40):
        in_track(session, a_lead(zone="Europe/Berlin", country="DE"), entered_at=NOW + timedelta(hours=12))

    swept(session, playbook, settings, NOW + timedelta(hours=12))

    times = {message.local_at[11:16] for message in messages(session)}
    assert len(times) > 30
    assert min(times) >= "09:00"
    assert max(times) < "11:00"


def test_the_next_touch_waits_business_days_since_the_last_went_out(session, playbook, settings):
    in_track(session, ada())
    swept(session, playbook, settings)
    sent(session, messages(session)[0], utc("2026-03-05 09:30"))

    swept(session, playbook, settings, utc("2026-03-05 12:00"))

    second = messages(session)[1]
    assert second.touch == "case-follow-up"
    assert second.local_at[:10] == "2026-03-10"  # Thursday, and three business days: Friday, Monday, Tuesday


def test_while_one_touch_is_on_its_way_the_next_is_not_planned(session, playbook, settings):
    in_track(session, ada())
    swept(session, playbook, settings)

    assert swept(session, playbook, settings, NOW + timedelta(days=30)) is None


@pytest.mark.parametrize("state", [MessageState.REJECTED, MessageState.IN_DOUBT, MessageState.CANCELLED, MessageState.SUPPRESSED])
def test_a_touch_that_did_not_go_does_not_stall_the_lead_for_ever(session, playbook, settings, state):
    in_track(session, ada())
    swept(session, playbook, settings)
    message = messages(session)[0]
    message.state, message.in_doubt_at = state, message.due_at if state is MessageState.IN_DOUBT else None
    session.commit()

    swept(session, playbook, settings, NOW + timedelta(days=10))

    assert [each.touch for each in messages(session)] == ["case-study", "case-follow-up"]


def test_a_track_with_no_touch_left_is_exhausted_once(session, playbook, settings):
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


def test_days_late_each_lead_gets_one_touch_at_the_next_opening_not_a_pile(session, playbook, settings):
    in_track(session, ada(), entered_at=NOW - timedelta(days=40))

    swept(session, playbook, settings, utc("2026-03-07 10:00"))  # a Saturday

    assert [(each.touch, each.local_at[:10]) for each in messages(session)] == [("case-study", "2026-03-09")]


def test_after_an_outage_of_a_week_the_catch_up_collapses_to_one_touch_a_track_on_days_of_their_own(session, playbook, settings):
    in_track(session, lead := ada(), entered_at=NOW - timedelta(days=8))
    in_track(session, lead, "decision", entered_at=NOW - timedelta(days=8), group="other")

    for late in (7, 0, 0):  # planned before the outage; nobody ran anything for a week; then twice
        swept(session, playbook, settings, NOW - timedelta(days=late))

    assert sorted(each.touch for each in messages(session)) == ["case-study", "product-tour"]
    assert len({each.local_at[:10] for each in messages(session)}) == 2


def test_a_touch_whose_time_ran_out_is_passed_over_for_the_next(session, playbook, settings):
    enrolment = in_track(session, ada(), entered_at=NOW - timedelta(days=60))
    for _ in ("case-study", "case-follow-up", "compare-options"):
        swept(session, playbook, settings, NOW - timedelta(days=58))
        sent(session, messages(session)[-1], NOW - timedelta(days=57))

    tally = swept(session, playbook, settings)

    assert (tally["expired"], tally["planned"]) == (1, 1)
    stale = session.exec(select(Message).where(Message.key == f"touch:{enrolment.id}:webinar-invite")).one()
    assert (stale.state, stale.reason) == (MessageState.CANCELLED, "expired before it could go")
    assert session.exec(select(Message).where(Message.touch == "customer-story")).one().state is MessageState.SCHEDULED


@pytest.mark.parametrize(
    ("consent", "reason", "counted"),
    [
        pytest.param(None, "no recorded consent to marketing", "no_consent", id="never asked"),
        pytest.param(ConsentState.WITHDRAWN, "consent to marketing was withdrawn", "no_consent", id="taken back"),
    ],
)
def test_without_consent_nothing_is_planned_and_it_is_said(session, playbook, settings, consent, reason, counted):
    enrolment = in_track(session, ada(), consent=consent)

    tally = swept(session, playbook, settings)

    assert (tally["planned"], tally[counted], messages(session)) == (0, 1, [])
    assert why_not_planned(session, [enrolment.lead_id], settings=settings) == {enrolment.lead_id: reason}


def test_the_newest_consent_counts(session, playbook, settings):
    enrolment = in_track(session, ada(), consent=ConsentState.WITHDRAWN)
    again = {"purpose": Purpose.MARKETING, "state": ConsentState.GIVEN, "basis": "consent", "source": "a test", "subject_hash": "h"}
    session.add(Consent(lead_id=enrolment.lead_id, at=NOW - timedelta(days=1), received_at=NOW, **again))
    session.commit()

    assert swept(session, playbook, settings)["planned"] == 1


def test_who_unsubscribed_gets_nothing_planned(session, playbook, settings):
    enrolment = in_track(session, sam())
    suppress(session, "SAM@example.com", SuppressionReason.UNSUBSCRIBED, "a test", at=NOW, now=NOW, pepper=settings.key)
    session.commit()

    tally = swept(session, playbook, settings)

    assert (tally["planned"], tally["suppressed"]) == (0, 1)
    assert why_not_planned(session, [enrolment.lead_id], settings=settings) == {enrolment.lead_id: "suppressed: unsubscribed"}


def test_a_suppression_of_one_track_leaves_the_others(session, playbook, settings):
    in_track(session, ada())
    suppress(session, "ada@example.com", SuppressionReason.UNSUBSCRIBED, "a test", at=NOW, now=NOW, pepper=settings.key, scope="track:decision")
    session.commit()

    assert swept(session, playbook, settings)["planned"] == 1


def test_with_sales_or_on_hold_nothing_is_planned(session, playbook, settings):
    handed, held = in_track(session, ada()), in_track(session, a_lead(is_on_hold=True))
    session.add(Handoff(lead_id=handed.lead_id, total=7600, grade="A1", version="card", opened_at=NOW))
    session.commit()

    assert swept(session, playbook, settings) is None
    reasons = why_not_planned(session, [handed.lead_id, held.lead_id], settings=settings)
    assert reasons == {handed.lead_id: "with sales: an open hand-off pauses nurture", held.lead_id: "on hold"}


def test_why_not_planned_says_what_else_may_be_in_the_way(session, playbook, settings):
    planned, waiting = in_track(session, ada()), in_track(session, kenji())
    swept(session, playbook, settings)
    session.delete(session.exec(select(Message).where(Message.lead_id == waiting.lead_id)).one())
    gone = in_track(session, maya())
    gone.ended_at = NOW
    session.commit()

    reasons = why_not_planned(session, [planned.lead_id, waiting.lead_id, gone.lead_id, 999], settings=settings)

    assert reasons == {waiting.lead_id: "not planned yet: run `ripeline run schedule`", gone.lead_id: "in no track"}


def with_caps(playbook, **caps):
    return replace(playbook, limits=playbook.limits.model_copy(update={"caps": Caps(**{"per_day": None, "per_week": None} | caps)}))


@pytest.mark.parametrize(
    ("caps", "dates"),
    [
        pytest.param({}, ["2026-03-03", "2026-03-03"], id="without caps both go on one day"),
        pytest.param({"per_day": 1}, ["2026-03-03", "2026-03-04"], id="one a day"),
        pytest.param({"gap": Duration.parse("30 hours")}, ["2026-03-03", "2026-03-04"], id="a gap of thirty hours, until the window opens"),
        pytest.param({"per_week": 1}, ["2026-03-03", "2026-03-10"], id="one in seven days"),
    ],
)
def test_caps_hold_over_all_tracks_and_the_lower_priority_is_put_off_not_dropped(session, playbook, settings, caps, dates):
    late = NOW + timedelta(hours=10)
    lead = ada()
    first = in_track(session, lead, "consideration", late, group="other")
    in_track(session, lead, "decision", late)

    tally = swept(session, with_caps(playbook, **caps), settings, late)

    both = messages(session)
    assert tally["planned"] == 2
    assert sorted(each.local_at[:10] for each in both) == dates
    if caps:
        loser = session.exec(select(Message).where(Message.enrolment_id == first.id)).one()
        assert loser.local_at[:10] == dates[1]
        assert loser.reason.startswith("put off from 2026-03-03")


def test_what_went_out_before_counts_for_the_caps(session, playbook, settings):
    enrolment = in_track(session, ada(), "consideration", NOW - timedelta(days=20))
    swept(session, playbook, settings, NOW - timedelta(days=20))
    sent(session, messages(session)[0], utc("2026-03-03 08:05"))
    other = in_track(session, session.get(Lead, enrolment.lead_id), "decision", utc("2026-03-03 06:00"), group="other")

    swept(session, with_caps(playbook, per_day=1), settings, utc("2026-03-03 06:00"))

    planned = session.exec(select(Message).where(Message.enrolment_id == other.id)).one()
    assert planned.local_at[:10] == "2026-03-04"
    assert planned.reason.endswith("by the cap of 1 a day")


def test_public_holidays_of_the_leads_own_region_are_left_out(session, playbook, settings):
    eve = utc("2026-01-05 20:00")
    in_track(session, a_lead(country="DE", region="BY", zone="Europe/Berlin"), entered_at=eve)
    in_track(session, a_lead(country="DE", region="BE", zone="Europe/Berlin"), entered_at=eve)

    swept(session, playbook, settings, eve)

    bavaria, berlin = (session.exec(select(Message).where(Message.lead_id == lead)).one() for lead in (1, 2))
    assert (bavaria.local_at[:10], berlin.local_at[:10]) == ("2026-01-07", "2026-01-06")


def test_a_weekend_is_that_of_the_leads_country(session, playbook, settings):
    thursday = utc("2026-04-09 20:00")
    in_track(session, a_lead(country="KW"), entered_at=thursday)
    in_track(session, a_lead(country="SE"), entered_at=thursday)

    swept(session, playbook, settings, thursday)

    kuwait, sweden = (session.exec(select(Message).where(Message.lead_id == lead)).one() for lead in (1, 2))
    assert (kuwait.local_at[:10], sweden.local_at[:10]) == ("2026-04-12", "2026-04-10")


def test_one_bad_zone_stops_nobody(session, playbook, settings):
    in_track(session, a_lead(zone="Mars/Base", country="JP"))
    in_track(session, ada())

    assert swept(session, playbook, settings)["planned"] == 2
    lost = session.exec(select(Message).where(Message.lead_id == 1)).one()
    assert (lost.zone, lost.zone_source) == ("Asia/Tokyo", 'country (zone "Mars/Base" unknown)')


def test_a_window_that_never_opens_is_counted_and_the_rest_goes_on(session, playbook, settings):
    shut = playbook.limits.model_copy(update={"quiet": playbook.limits.quiet.model_validate({"from": "08:30", "to": "08:00"})})
    in_track(session, ada())

    tally = swept(session, replace(playbook, limits=shut), settings)

    assert (tally["never_opens"], tally["planned"]) == (1, 0)


@pytest.mark.parametrize(
    ("before", "after", "at", "expected"),
    [
        pytest.param("Asia/Tokyo", "America/Los_Angeles", "2026-03-03 22:00", "2026-03-04", id="C12 westward: the same date comes again"),
        pytest.param("America/Los_Angeles", "Asia/Tokyo", "2026-03-03 12:00", "2026-03-04", id="C12 eastward: today is over there"),
    ],
)
def test_a_lead_who_changes_zone_is_written_to_once_in_the_new_ones_hours(session, playbook, settings, before, after, at, expected):
    enrolment = in_track(session, a_lead(zone=before), entered_at=utc(at))
    swept(session, playbook, settings, utc(at))
    was = messages(session)[0].local_at
    lead = session.get(Lead, enrolment.lead_id)
    lead.zone, lead.updated_at = after, utc(at) + timedelta(minutes=5)
    session.commit()

    tally = swept(session, playbook, settings, utc(at) + timedelta(minutes=10))

    message = messages(session)[0]
    assert (tally["moved"], len(messages(session)), message.zone) == (1, 1, after)
    assert message.local_at[:10] == expected
    assert message.local_at >= was[:10] + "T09:00"
    assert message.due_at >= utc(at)
    assert swept(session, playbook, settings, utc(at) + timedelta(minutes=10)) is None


def test_a_new_zone_database_resolves_what_is_planned_anew_and_leaves_the_rest(session, playbook, settings):
    in_track(session, ada())
    in_track(session, kenji())
    swept(session, playbook, settings)
    first, second = messages(session)
    right = second.due_at
    for message in (first, second):
        message.zone_database, message.due_at = "1999a", message.due_at - timedelta(hours=1)
    first.state = MessageState.SUBMITTING
    held = first.due_at
    session.commit()

    tally = swept(session, playbook, settings)

    assert tally["resolved_anew"] == 1
    assert (second.due_at, second.zone_database) == (right, database_version())
    assert (first.due_at, first.zone_database) == (held, "1999a")


@pytest.mark.parametrize(
    ("lead", "market", "at", "expected"),
    [
        pytest.param(ada, None, "2026-03-03 10:00", "2026-03-03 10:00", id="inside the window at once"),
        pytest.param(ada, None, "2026-03-03 21:30", "2026-03-04 08:00", id="at night the next morning"),
        pytest.param(ada, None, "2026-03-06 16:30", "2026-03-09 08:00", id="on a Friday evening on Monday"),
        pytest.param(kenji, "jp", "2026-03-03 00:30", "2026-03-03 01:00", id="by the hours of the lead's market"),
    ],
)
def test_a_late_touch_waits_for_its_window_again(session, playbook, lead, market, at, expected):
    enrolment = in_track(session, lead())

    opening = next_opening(session, session.get(Lead, enrolment.lead_id), enrolment, "case-study", market, playbook, utc(at))

    assert opening == utc(expected)
