"""When a rep and a lead meet: inside both working days, on both clocks, at every time of the year."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.decide.duration import Duration
from ripeline.decide.handoff import MeetingRules
from ripeline.decide.hours import Span
from ripeline.decide.meeting import NoTime, Proposal, propose
from ripeline.decide.workdays import Interval, Workdays, later, openings
from ripeline.zones import to_local, zone_named

MONDAY_10 = datetime(2026, 3, 2, 10, tzinfo=UTC)
COURTESY = {"lead": {"from": "08:00", "to": "20:00"}}


def at_work(zone: str, opens: str = "09:00", closes: str = "17:00", days: Sequence[int] = range(5), off: Sequence[date] = ()) -> Workdays:
    return Workdays(zone_named(zone), Span.model_validate({"from": opens, "to": closes}), lambda day: day.weekday() in days and day not in off)


def the_rules(**changes: object) -> MeetingRules:
    return MeetingRules.model_validate({"courtesy": COURTESY} | changes)


def local(proposal: Proposal | NoTime, zone: str) -> str:
    assert isinstance(proposal, Proposal), proposal
    return f"{to_local(proposal.starts_at, zone_named(zone)):%a %d %H:%M}"


def test_the_first_half_hour_after_notice_that_suits_both() -> None:
    proposal = propose(at_work("Europe/Berlin"), at_work("Europe/Oslo", "08:00", "16:00"), the_rules(), now=MONDAY_10)

    assert local(proposal, "Europe/Berlin") == "Tue 03 11:00"
    assert isinstance(proposal, Proposal)
    assert proposal.ends_at - proposal.starts_at == timedelta(minutes=30)
    assert proposal.because == ""


def test_notice_runs_from_when_the_lead_can_read_the_invite() -> None:
    friday_evening = datetime(2026, 3, 6, 20, tzinfo=UTC)

    proposal = propose(at_work("Europe/Berlin"), at_work("Europe/Oslo"), the_rules(), now=friday_evening)

    assert local(proposal, "Europe/Berlin") == "Tue 10 09:00"


def test_holidays_on_either_side_are_kept() -> None:
    lead, rep = at_work("Europe/Berlin", off=[date(2026, 3, 3)]), at_work("Europe/Oslo", off=[date(2026, 3, 4)])

    assert local(propose(lead, rep, the_rules(), now=MONDAY_10), "Europe/Berlin") == "Thu 05 09:00"


def test_different_weekends_leave_the_days_both_work() -> None:
    thursday = datetime(2026, 3, 5, 12, tzinfo=UTC)
    sunday_to_thursday = at_work("Asia/Jerusalem", days=(6, 0, 1, 2, 3))

    proposal = propose(at_work("Europe/Berlin"), sunday_to_thursday, the_rules(), now=thursday)

    assert local(proposal, "Asia/Jerusalem") == "Mon 09 10:00"


def test_a_rep_is_never_booked_twice() -> None:
    lead, rep = at_work("Europe/Berlin"), at_work("Europe/Oslo")
    first = propose(lead, rep, the_rules(), now=MONDAY_10)
    assert isinstance(first, Proposal)

    second = propose(lead, rep, the_rules(), now=MONDAY_10, taken=[(first.starts_at, first.ends_at)])

    assert isinstance(second, Proposal)
    assert second.starts_at == first.ends_at


def test_tokyo_and_new_york_meet_in_the_courtesy_hours_and_say_so() -> None:
    proposal = propose(at_work("America/New_York"), at_work("Asia/Tokyo", "09:00", "18:00"), the_rules(), now=MONDAY_10)

    assert local(proposal, "America/New_York") == "Tue 03 19:00"
    assert local(proposal, "Asia/Tokyo") == "Wed 04 09:00"
    assert isinstance(proposal, Proposal)
    assert "19:00 in America/New_York, 09:00 in Asia/Tokyo" in proposal.because


def test_without_courtesy_there_is_no_time_and_it_says_so() -> None:
    answer = propose(at_work("America/New_York"), at_work("Asia/Tokyo"), the_rules(courtesy={}), now=MONDAY_10)

    assert answer == NoTime("the working days in America/New_York and Asia/Tokyo share no time within 21 days")


def test_a_rep_without_a_free_half_hour_is_not_met_in_the_evening_instead() -> None:
    taken = [(MONDAY_10, MONDAY_10 + timedelta(days=60))]

    answer = propose(at_work("Europe/Berlin"), at_work("Europe/Oslo"), the_rules(), now=MONDAY_10, taken=taken)

    assert answer == NoTime("every half hour that suits both is taken within 21 days")


def test_somebody_who_never_works_is_not_waited_for() -> None:
    answer = propose(at_work("Europe/Berlin"), at_work("Europe/Oslo", days=()), the_rules(), now=MONDAY_10)

    assert isinstance(answer, NoTime)


@pytest.mark.parametrize(
    ("now", "in_utc"),
    [
        pytest.param(datetime(2026, 10, 22, 12, tzinfo=UTC), datetime(2026, 10, 23, 13, tzinfo=UTC), id="the last Friday of European summer time"),
        pytest.param(datetime(2026, 10, 23, 17, tzinfo=UTC), datetime(2026, 10, 27, 13, tzinfo=UTC), id="a week in which only Berlin has changed its clock"),
        pytest.param(datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 3, 14, tzinfo=UTC), id="New York has changed too"),
    ],
)
def test_a_meeting_keeps_new_yorks_nine_oclock_over_the_clock_changes(now: datetime, in_utc: datetime) -> None:
    proposal = propose(at_work("Europe/Berlin", closes="18:00"), at_work("America/New_York"), the_rules(), now=now)

    assert isinstance(proposal, Proposal)
    assert proposal.starts_at == in_utc


ZONES = st.sampled_from([
    "Europe/Berlin", "Europe/Dublin", "Africa/Casablanca", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Vancouver", "Asia/Kathmandu",
    "Asia/Tokyo", "Asia/Jerusalem", "Australia/Lord_Howe", "Australia/Eucla", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Marquesas",
])  # fmt: skip
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 -- hypothesis wants naive bounds
DAYS_OFF = st.lists(st.dates(date(2024, 1, 1), date(2030, 12, 31)), max_size=5)


@st.composite
def people(draw: Callable[..., object]) -> Workdays:
    opens = draw(st.integers(5, 12))
    closes = draw(st.integers(13, 20))
    return at_work(draw(ZONES), f"{opens:02}:30", f"{closes:02}:00", draw(st.sets(st.integers(0, 6), min_size=3)), draw(DAYS_OFF))  # type: ignore[arg-type]


def inside(at: Interval, workdays: Workdays) -> bool:
    begins, ends = (to_local(instant, workdays.zone) for instant in at)
    return workdays.works_on(begins.date()) and begins.date() == ends.date() and workdays.span.opens <= begins.time() <= ends.time() <= workdays.span.closes


@given(lead=people(), rep=people(), now=INSTANTS, busy=st.lists(st.integers(0, 21 * 48), max_size=30))
def test_every_meeting_lies_inside_both_days_and_no_earlier_time_would_have_done(lead: Workdays, rep: Workdays, now: datetime, busy: list[int]) -> None:
    rules = the_rules(courtesy={})
    taken = [(now + timedelta(minutes=30 * slot), now + timedelta(minutes=30 * slot + 45)) for slot in busy]

    answer = propose(lead, rep, rules, now=now, taken=taken)

    if isinstance(answer, Proposal):
        meeting = (answer.starts_at, answer.ends_at)
        assert inside(meeting, lead)
        assert inside(meeting, rep)
        assert to_local(answer.starts_at, lead.zone).minute in (0, 30)
        assert all(ends <= answer.starts_at or answer.ends_at <= begins for begins, ends in taken)
        assert answer.starts_at >= max(later(now, rules.notice, lead), later(now, rules.notice, rep))
        assert propose(lead, rep, rules, now=now, taken=taken, not_before=answer.starts_at) == answer


@given(someone=people(), now=INSTANTS)
def test_working_hours_follow_one_another_and_every_working_day_has_them_once(someone: Workdays, now: datetime) -> None:
    hours = list(openings(someone, now, now + timedelta(days=14)))

    assert all(opens < closes for opens, closes in hours)
    assert all(closes <= opens for (_, closes), (opens, _) in pairwise(hours))
    dates = [to_local(opens, someone.zone).date() for opens, _ in hours]
    assert len(set(dates)) == len(dates)
    assert all(someone.works_on(day) for day in dates)


@pytest.mark.parametrize(
    ("at", "duration", "expected"),
    [
        pytest.param(datetime(2026, 3, 6, 14, tzinfo=UTC), "4 business hours", datetime(2026, 3, 9, 10, tzinfo=UTC), id="business hours stop for the weekend"),
        pytest.param(
            datetime(2026, 3, 7, 14, tzinfo=UTC), "4 business hours", datetime(2026, 3, 9, 12, tzinfo=UTC), id="they begin with the first working day"
        ),
        pytest.param(datetime(2026, 3, 6, 14, tzinfo=UTC), "1 business day", datetime(2026, 3, 9, 14, tzinfo=UTC), id="the next working day"),
        pytest.param(
            datetime(2026, 3, 7, 14, tzinfo=UTC), "1 business day", datetime(2026, 3, 9, 23, tzinfo=UTC), id="from a day off it starts on the first one"
        ),
        pytest.param(datetime(2026, 3, 6, 14, tzinfo=UTC), "2 hours", datetime(2026, 3, 6, 16, tzinfo=UTC), id="elapsed time passes always"),
        pytest.param(datetime(2026, 3, 6, 14, tzinfo=UTC), "0 business days", datetime(2026, 3, 6, 14, tzinfo=UTC), id="none is now"),
    ],
)
def test_business_time_passes_on_the_persons_own_calendar(at: datetime, duration: str, expected: datetime) -> None:
    assert later(at, Duration.parse(duration), at_work("Europe/Berlin")) == expected
