"""The glance that spares most messages the reckoning of caps overlooks none."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from people import NOW

from ripeline.decide.calendar import WORLD
from ripeline.decide.duration import Duration, Unit
from ripeline.decide.limits import Caps
from ripeline.decide.timing import Timing
from ripeline.decide.window import Window
from ripeline.sweep.deliver.moment import WEEK, held_by_a_cap, may_bind
from ripeline.zones import Zone

zones = st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"]).map(Zone)
gaps = st.none() | st.integers(1, 80).map(lambda hours: Duration(hours, Unit.HOUR))
caps = st.builds(Caps, per_day=st.none() | st.integers(1, 2), per_week=st.none() | st.integers(1, 4), gap=gaps)
sent_before = st.lists(st.integers(0, 7 * 24 * 60 - 1), max_size=5, unique=True)


@settings(max_examples=60, deadline=None)
@given(zones, caps, sent_before)
def test_a_glance_overlooks_no_cap(zone: Zone, caps: Caps, minutes_before: list[int]) -> None:
    sent = [NOW - timedelta(minutes=minutes) for minutes in minutes_before]
    timing = Timing(zone, WORLD, Window(), caps=caps)

    assert all(NOW - at < WEEK for at in sent)
    assert may_bind(sent, timing, NOW) == (held_by_a_cap(sent, timing, NOW) is not None)
