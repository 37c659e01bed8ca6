"""What a touch asks when its moment comes, and which way its lead goes on: planned by `schedule`, judged by `deliver`."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

import pytest
from mailing import Hand, saved
from people import JOINED, NOW, a_lead, ada, an_event
from sqlmodel import Session, col, select
from tracks import in_track, with_touches

from models import Enrolment, Lead, Message, MessageState
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.deliver import deliver
from ripeline.sweep.schedule import schedule
from ripeline.values import Tally

EVERYBODY = range(1, 10_000)
FIRST = {"name": "case-study", "wait": "1 hour"}
LAST = {"name": "customer-story", "wait": "1 hour"}

Days = Callable[..., Tally]


@pytest.fixture
def days(session: Session, settings: Settings) -> Days:
    """Give a function that plans and delivers every twelve hours for so many days, from `since` on, and tells what happened in all."""

    def passed(playbook: Playbook, number: float, since: datetime = NOW) -> Tally:
        tally = Tally()
        for step in range(int(number * 2) + 1):
            now = since + timedelta(hours=12 * step)
            tally += schedule(session, EVERYBODY, playbook, now=now, settings=settings)
            tally += deliver(session, EVERYBODY, playbook, now=now, settings=settings, channel=Hand())
        return tally

    return passed


def told(session: Session) -> Iterator[tuple[str, str, str, str]]:
    """Yield touch, state, letter and variant of every message, in order of time."""
    session.expire_all()
    for message in session.exec(select(Message).order_by(col(Message.due_at), col(Message.key))):
        yield message.touch, message.state.value, message.template.removeprefix("email/"), message.variant


def clicks(session: Session, enrolment: Enrolment, touch: str, at: datetime) -> None:
    lead = session.get(Lead, enrolment.lead_id)
    assert lead is not None
    saved(session, an_event(lead, "mail_clicked", at, touch=touch))


def test_a_touch_whose_condition_does_not_hold_is_skipped_and_the_next_has_its_turn(session: Session, days: Days) -> None:
    playbook = with_touches(FIRST, {"name": "product-tour", "wait": "2 days", "when": "country = 'US'"}, {"name": "customer-story", "wait": "3 days"})
    in_track(session, playbook)

    days(playbook, 5)

    assert [touch[:2] for touch in told(session)] == [("case-study", "accepted"), ("product-tour", "cancelled"), ("customer-story", "accepted")]
    skipped = session.exec(select(Message).where(Message.touch == "product-tour")).one()
    assert skipped.reason == "skipped: country = 'US' does not hold"


def test_a_condition_is_asked_when_the_moment_comes_not_when_the_touch_is_planned(session: Session, days: Days) -> None:
    playbook = with_touches(FIRST, {"name": "product-tour", "wait": "4 days", "when": "clicked('case-study')"})
    enrolment = in_track(session, playbook)
    days(playbook, 1)
    clicks(session, enrolment, "case-study", NOW + timedelta(days=2))

    days(playbook, 4, NOW + timedelta(days=1.25))

    assert list(told(session))[1][:2] == ("product-tour", "accepted")


CHOICE = {"name": "follow-up", "wait": "2 days", "choose": [{"when": "clicked('case-study')", "template": "product-tour"}, {"template": "case-study"}]}


@pytest.mark.parametrize(
    ("clicked", "letter"),
    [pytest.param(True, "product-tour", id="clicked"), pytest.param(False, "case-study", id="not clicked, or nobody may know")],
)
def test_a_touch_chooses_its_letter_by_what_the_lead_did(session: Session, days: Days, clicked: bool, letter: str) -> None:
    playbook = with_touches(FIRST, CHOICE)
    enrolment = in_track(session, playbook)
    if clicked:
        clicks(session, enrolment, "case-study", NOW + timedelta(days=1))

    days(playbook, 3)

    assert list(told(session))[1] == ("follow-up", "accepted", letter, "")


def test_a_way_on_passes_over_what_lies_between(session: Session, days: Days) -> None:
    fork = {"name": "fork", "wait": "1 day", "choose": [{"when": "rose(total, by = 10)", "go_to": "customer-story"}, {"template": "case-study"}]}
    playbook = with_touches(FIRST, fork, {"name": "product-tour", "wait": "1 hour"}, LAST)
    in_track(session, playbook, ada(), total=4000)
    in_track(session, playbook, a_lead(), total=3999)

    days(playbook, 4)

    risen, other = ([row.touch for row in session.exec(select(Message).where(Message.lead_id == lead).order_by(col(Message.due_at)))] for lead in (1, 2))
    assert (risen, other) == (["case-study", "fork", "customer-story"], ["case-study", "fork", "product-tour", "customer-story"])
    went_on = session.exec(select(Message).where(Message.lead_id == 1, Message.touch == "fork")).one()
    assert (went_on.state, went_on.reason, went_on.variant) == (MessageState.CANCELLED, "went on to 'customer-story'", "go_to:customer-story")


def test_a_split_gives_each_lead_its_letter_and_some_nothing(session: Session, days: Days) -> None:
    playbook = with_touches(FIRST | {"split": {"case-study": 40, "product-tour": 40}, "hold_out": 20}, LAST | {"wait": "2 days"})
    for _ in range(30):
        in_track(session, playbook, a_lead())

    days(playbook, 3)

    first = [each for each in told(session) if each[0] == "case-study"]
    assert Counter(each[1:] for each in first).keys() == {
        ("accepted", "case-study", "case-study"), ("accepted", "product-tour", "product-tour"), ("cancelled", "case-study", "hold_out"),
    }  # fmt: skip
    held_out = session.exec(select(Message).where(Message.variant == "hold_out")).first()
    assert held_out is not None
    assert held_out.reason == "held out: gets nothing, to compare with those who do"
    seconds = [row.local_at[:10] for row in session.exec(select(Message).where(Message.touch == "customer-story"))]
    assert (len(seconds), len(set(seconds))) == (30, 1), "the held-out wait as long for what comes next as the others"


def test_whoever_reached_the_goal_gets_nothing_more_even_before_the_track_knows(session: Session, days: Days) -> None:
    playbook = with_touches(FIRST, LAST | {"wait": "2 days"}, leave={"goal": "did('meeting_booked')"})
    enrolment = in_track(session, playbook)
    days(playbook, 1)
    lead = session.get(Lead, enrolment.lead_id)
    assert lead is not None
    saved(session, an_event(lead, "meeting_booked", NOW + timedelta(days=1)))

    days(playbook, 3, NOW + timedelta(days=1.25))

    waiting = session.exec(select(Message).where(Message.touch == "customer-story")).one()
    assert (waiting.state, waiting.reason) == (MessageState.DEFERRED, "about to leave the track: goal reached: did('meeting_booked')")


@pytest.mark.parametrize(
    ("touch", "ends", "expected"),
    [
        pytest.param({"on": "contract_ends", "before": "30 days"}, "2026-05-01", ("2026-04-01", "accepted", ""), id="thirty days before"),
        pytest.param({"on": "contract_ends", "after": "2 business days"}, "2026-03-06", ("2026-03-10", "accepted", ""), id="two business days after"),
        pytest.param({"on": "contract_ends", "yearly": True}, "2021-03-09", ("2026-03-09", "accepted", ""), id="every year"),
        pytest.param({"on": date(2026, 3, 12)}, None, ("2026-03-12", "accepted", ""), id="a day of the calendar"),
        pytest.param(
            {"on": "contract_ends"}, "2026-02-01", ("2026-03-02", "cancelled", "skipped: its day, 2026-02-01, was past when its turn came"), id="a day gone by"
        ),
        pytest.param({"on": "contract_ends"}, None, ("2026-03-02", "cancelled", "skipped: contract_ends is not known"), id="a day that nobody knows"),
    ],
)
def test_a_touch_goes_by_a_date(session: Session, days: Days, touch: Mapping[str, object], ends: str | None, expected: tuple[str, str, str]) -> None:
    playbook = with_touches({"name": "case-study", **touch}, LAST)
    in_track(session, playbook, ada(more={"contract_ends": ends} if ends else {}))

    days(playbook, 0)
    days(playbook, 1, NOW + timedelta(days=30))

    message = session.exec(select(Message).where(Message.touch == "case-study")).one()
    assert (message.local_at[:10], message.state.value, message.reason) == expected
    assert session.exec(select(Message).where(Message.touch == "customer-story")).first() is not None


@pytest.mark.parametrize("lead", [pytest.param({"country": "JP"}, id="says none"), pytest.param({"country": "JP", "zone": "Mars/Base"}, id="says a wrong one")])
def test_a_touch_goes_by_a_date_in_a_zone_that_its_lead_does_not_say_itself(session: Session, settings: Settings, lead: Mapping[str, str]) -> None:
    playbook = with_touches({"name": "case-study", "on": date(2026, 3, 12)})
    in_track(session, playbook, a_lead(**lead))

    schedule(session, EVERYBODY, playbook, now=NOW, settings=settings)

    message = session.exec(select(Message)).one()
    assert (message.local_at[:10], message.zone) == ("2026-03-12", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("Asia/Kathmandu", "created_at, every year (2025-12-14)", id="where it was the next day by then"),
        pytest.param("America/New_York", "created_at, every year (2025-12-13)", id="where it was the same day"),
    ],
)
def test_an_instant_that_a_touch_hangs_on_is_a_date_on_its_leads_own_clock(session: Session, settings: Settings, zone: str, expected: str) -> None:
    playbook = with_touches({"name": "case-study", "on": "created_at", "yearly": True})
    in_track(session, playbook, ada(zone=zone, created_at=datetime.fromisoformat("2025-12-13T20:00Z")))

    schedule(session, EVERYBODY, playbook, now=NOW, settings=settings)

    message = session.exec(select(Message)).one()
    assert (message.rule.partition(", then")[0], message.local_at[:10]) == (expected, f"2026-{expected[-6:-1]}")


def told_otherwise(session: Session, enrolment: Enrolment, at: datetime, **changes: object) -> None:
    """Let an import change a lead."""
    lead = session.get(Lead, enrolment.lead_id)
    assert lead is not None
    for name, value in (changes | {"updated_at": at}).items():
        setattr(lead, name, value)
    saved(session, lead)


def test_a_date_that_changes_moves_what_hangs_on_it_and_when_that_expires(session: Session, settings: Settings) -> None:
    playbook = with_touches({"name": "case-study", "on": "contract_ends", "before": "10 days", "expires": "5 days"})
    enrolment = in_track(session, playbook, ada(more={"contract_ends": "2026-05-01"}))
    schedule(session, EVERYBODY, playbook, now=NOW, settings=settings)
    told_otherwise(session, enrolment, NOW + timedelta(hours=1), more={"contract_ends": "2026-06-01"})

    tally = schedule(session, EVERYBODY, playbook, now=NOW + timedelta(hours=2), settings=settings)

    session.expire_all()
    message = session.exec(select(Message)).one()
    assert (tally["moved"], message.local_at[:10]) == (1, "2026-05-22")
    assert message.rule == "10 days before contract_ends (2026-06-01), then any day 00:00–00:00"
    assert message.expires_at == message.due_at + timedelta(days=5)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        pytest.param("2026-03-20", ("scheduled", "2026-03-20", ""), id="on a day to come"),
        pytest.param("2026-03-08", ("cancelled", "2026-04-01", "skipped: its day, 2026-03-08, was past when its turn came"), id="on a day gone by"),
        pytest.param(None, ("cancelled", "2026-04-01", "skipped: contract_ends is not known"), id="on no day that is known"),
    ],
)
def test_a_date_that_changes_later_on_counts_from_then(session: Session, settings: Settings, ends: str | None, expected: tuple[str, str, str]) -> None:
    playbook = with_touches({"name": "case-study", "on": "contract_ends"})
    enrolment = in_track(session, playbook, ada(more={"contract_ends": "2026-04-01"}))
    schedule(session, EVERYBODY, playbook, now=NOW, settings=settings)
    later = NOW + timedelta(days=10)
    told_otherwise(session, enrolment, later, more={"contract_ends": ends} if ends else {})

    schedule(session, EVERYBODY, playbook, now=later + timedelta(hours=1), settings=settings)

    session.expire_all()
    message = session.exec(select(Message)).one()
    assert (message.state.value, message.local_at[:10], message.reason) == expected


def test_a_dated_touch_that_moves_with_its_lead_still_waits_first(session: Session, settings: Settings) -> None:
    playbook = with_touches({"name": "case-study", "on": "contract_ends", "yearly": True, "wait": "60 days"})
    enrolment = in_track(session, playbook, ada(more={"contract_ends": "2020-04-01"}))
    schedule(session, EVERYBODY, playbook, now=NOW, settings=settings)
    assert session.exec(select(Message.local_at)).one()[:10] == "2027-04-01"
    told_otherwise(session, enrolment, NOW + timedelta(hours=1), zone="Asia/Tokyo")

    tally = schedule(session, EVERYBODY, playbook, now=NOW + timedelta(hours=2), settings=settings)

    session.expire_all()
    message = session.exec(select(Message)).one()
    assert (tally["moved"], message.local_at[:10], message.zone) == (1, "2027-04-01", "Asia/Tokyo")


def test_a_touch_whose_day_is_a_saturday_still_goes_on_monday_when_its_lead_changes_on_sunday(session: Session, settings: Settings) -> None:
    playbook = with_touches({"name": "case-study", "on": "contract_ends"}, window={"days": "business"})
    enrolment = in_track(session, playbook, ada(more={"contract_ends": "2026-03-07"}))
    schedule(session, EVERYBODY, playbook, now=NOW, settings=settings)
    sunday = datetime.fromisoformat("2026-03-08T12:00Z")
    told_otherwise(session, enrolment, sunday, company="Analytical Engines")

    schedule(session, EVERYBODY, playbook, now=sunday + timedelta(hours=1), settings=settings)

    session.expire_all()
    message = session.exec(select(Message)).one()
    assert (message.state.value, message.local_at[:10], message.reason) == ("scheduled", "2026-03-09", "")
    assert JOINED < NOW
