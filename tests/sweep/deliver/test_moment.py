"""The glance that spares most messages the reckoning of caps overlooks none."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from people import NOW

from ripeline.decide.calendar import WORLD
from ripeline.decide.duration import Duration, Unit
from ripeline.decide.limits import WEEK, Caps
from ripeline.decide.timing import Timing
from ripeline.decide.window import Window
from ripeline.sweep.deliver.moment import held_by_a_cap, may_bind
from ripeline.zones import Zone

zones = st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"]).map(Zone)
gaps = st.none() | st.integers(1, 500).map(lambda hours: Duration(hours, Unit.HOUR))
caps = st.builds(Caps, per_day=st.none() | st.integers(1, 2), per_week=st.none() | st.integers(1, 4), gap=gaps)
sent_before = st.lists(st.integers(0, 3 * WEEK // timedelta(minutes=1)), max_size=5, unique=True)


JUMPS = {"Europe/Berlin": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))}
JUMPS["America/Los_Angeles"] = (datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC))
hours_on = st.integers(0, 30).map(lambda hours: timedelta(hours=hours))
after_a_jump = st.sampled_from([(Zone(zone), at) for zone, both in JUMPS.items() for at in both])


@settings(max_examples=60, deadline=None)
@given(zones, caps, sent_before)
def test_a_glance_overlooks_no_cap(zone: Zone, caps: Caps, minutes_before: list[int]) -> None:
    sent, timing = _sent(zone, caps, NOW, minutes_before)

    assert may_bind(sent, timing, NOW) == (held_by_a_cap(sent, timing, NOW) is not None)


@settings(max_examples=60, deadline=None)
@given(after_a_jump, hours_on, caps, sent_before)
def test_a_glance_overlooks_no_cap_where_the_clock_has_jumped(jump: tuple[Zone, datetime], on: timedelta, caps: Caps, minutes_before: list[int]) -> None:
    zone, at = jump
    sent, timing = _sent(zone, caps, at + on, minutes_before)

    assert may_bind(sent, timing, at + on) == (held_by_a_cap(sent, timing, at + on) is not None)


def test_a_touch_in_the_first_hour_of_the_day_the_clock_goes_back_counts_on_that_day() -> None:
    just_after_midnight, at_ten = datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 9, tzinfo=UTC)
    timing = Timing(Zone("Europe/Berlin"), WORLD, Window(), caps=Caps(per_day=1, per_week=None))

    assert may_bind([just_after_midnight], timing, at_ten)


def _sent(zone: Zone, caps: Caps, now: datetime, minutes_before: list[int]) -> tuple[list[datetime], Timing]:
    """Return when a lead heard from us, and what its next touch is bound by."""
    return [now - timedelta(minutes=minutes) for minutes in minutes_before], Timing(zone, WORLD, Window(), caps=caps)
