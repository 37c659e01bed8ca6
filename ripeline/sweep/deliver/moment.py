"""Is this the moment? The lead's own window and the frequency caps, asked again when a message goes, not only when it was planned."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from models import Message, MessageKind, MessageState
from ripeline.decide.caps import put_off
from ripeline.decide.limits import WEEK
from ripeline.decide.schedule import OCCUPIED
from ripeline.decide.shut import shut_because
from ripeline.decide.timing import Timing
from ripeline.decide.window import NeverOpens, WindowChange
from ripeline.playbook.applied import playbook_version
from ripeline.sweep.deliver.asking import touches_sent, touches_sent_to_all
from ripeline.sweep.deliver.case import Case
from ripeline.sweep.deliver.tour import Tour
from ripeline.sweep.deliver.verdict import Ended, PutOff
from ripeline.sweep.living import calendar_for, whereabouts_of, zone_for
from ripeline.zones import to_local

NEAR = timedelta(days=2)
"""Two local dates that are one can lie no farther apart than this."""


def put_off_because(tour: Tour, case: Case) -> Ended | PutOff | None:
    """Return why a message to a lead is out of its hours or too much for now, or None. Reps' hours were kept in planning."""
    if not tour.settings.lets_through(case.lead.address_key if case.is_to_lead else case.message.recipient_key):
        return PutOff(tour.now + timedelta(days=1), "held back by RIPELINE_ONLY_TO")
    if not _has_hours(case):
        return None
    timing, shut = moment_of(tour, case)
    if shut:
        return shut
    return capped_because(tour, case, timing) if case.message.kind is MessageKind.TOUCH else None


def _has_hours(case: Case) -> bool:
    """Tell whether a message goes in the lead's own hours alone."""
    return case.is_to_lead and case.message.kind is not MessageKind.CONFIRM


def in_hours(tour: Tour, case: Case, verdict: Ended | PutOff | None) -> Ended | PutOff | None:
    """Return the verdict or, where it puts a message to a lead off, one that does so until an hour at which it may go."""
    if not isinstance(verdict, PutOff) or not _has_hours(case):
        return verdict
    try:
        return replace(verdict, until=_opens(moment_of(tour, case)[0], verdict.until))
    except NeverOpens:  # it is looked at again, and then called off
        return verdict


def moment_of(tour: Tour, case: Case) -> tuple[Timing, Ended | PutOff | None]:
    """Return the timing of a message to this lead, and how it stands now; None: open. People who live alike are asked about once in a tour."""
    enrolment = case.enrolment
    pin = (enrolment.version, enrolment.track, case.message.touch) if enrolment else None
    alike = (whereabouts_of(case.lead), case.market, pin)
    if alike not in tour.moments:
        timing = timing_of(tour, case)
        tour.moments[alike] = timing, _shut(timing, tour.now)
    return tour.moments[alike]


def _shut(timing: Timing, now: datetime) -> Ended | PutOff | None:
    try:
        opens = _opens(timing, now)
    except NeverOpens as error:
        return Ended(MessageState.CANCELLED, str(error))
    return PutOff(opens, shut_because(now, timing)) if opens > now else None


def _opens(timing: Timing, since: datetime) -> datetime:
    """Return the first instant from `since` on at which the window is open. Raises NeverOpens."""
    return max(since, next(timing.openings(since)).opens)


def timing_of(tour: Tour, case: Case) -> Timing:
    """Return what the time of a message to this lead hangs on, as of now: its zone and holidays today, its track as pinned, the rest as live."""
    limits, lead = tour.playbook.limits, case.lead
    market = tour.playbook.markets.get(case.market or "")
    zone = zone_for(whereabouts_of(lead), tour.playbook)
    calendar = calendar_for(lead.country, lead.region, tour.playbook, tour.now, case.market)
    of_track, of_touch = _window_changes(tour, case)
    window = limits.window_for(of_track, market.window if market else None, of_touch)
    quiet = market.quiet if market and market.quiet else limits.quiet
    return Timing(zone, calendar, window, quiet, limits.caps.changed_by(market.caps if market else None))


def capped_because(tour: Tour, case: Case, timing: Timing) -> PutOff | None:
    """Return from when on the frequency caps let another touch go, and which cap holds it, or None if none does."""
    sent = sent_lately(tour, case.message)
    return held_by_a_cap(sent, timing, tour.now) if may_bind(sent, timing, tour.now) else None


def held_by_a_cap(sent: list[datetime], timing: Timing, now: datetime) -> PutOff | None:
    """Return what `capped_because` does of a lead who got other touches at these instants, none of them later than `now`."""
    row = {"row": 0, "lead_id": 0, "timing": 0, "due_at": now, "local_at": to_local(now, timing.zone)}
    schema = {"row": pl.UInt32(), "lead_id": pl.Int64(), "timing": pl.Int32(), "due_at": pl.Datetime("us", "UTC"), "local_at": pl.Datetime("us")}
    occupied = pl.DataFrame({"lead_id": [0] * len(sent), "at": sent}, schema=OCCUPIED)
    held = put_off(pl.DataFrame([row], schema=schema), [timing], occupied)
    return None if held.is_empty() else PutOff(held["earliest"][0], held["cap"][0])


def sent_lately(tour: Tour, message: Message) -> list[datetime]:
    """Return when other touches went to this person while a cap may count them, those included that may have, or are just going."""
    if message.recipient_key in tour.heard:
        return [at for other, at in tour.heard[message.recipient_key].items() if other != message.id and at <= tour.now]
    asked = {"recipient_key": message.recipient_key, "message_id": message.id, "since": tour.now - tour.playbook.memory}
    rows = tour.session.execute(touches_sent(), asked).all()
    return [at for at in (accepted or doubted or tour.now for accepted, doubted in rows) if at <= tour.now]


def hear_of_all(tour: Tour, recipient_keys: Collection[str]) -> None:
    """Ask of all these people at once which touches went to them lately, and remember it: whoever sends one more adds it."""
    tour.heard.update({key: {} for key in recipient_keys})
    asked = {"recipient_keys": list(recipient_keys), "since": tour.now - tour.playbook.memory}
    for message_id, key, accepted, doubted in tour.session.execute(touches_sent_to_all(), asked):
        tour.heard[key][message_id] = accepted or doubted or tour.now


def may_bind(sent: list[datetime], timing: Timing, now: datetime) -> bool:
    """Tell whether a cap can hold at all, at a glance; nearly always it does not, since the plan kept to them."""
    caps = timing.caps
    if caps.gap and any(now - at < caps.gap.span for at in sent):
        return True
    if caps.per_week is not None and sum(now - at < WEEK for at in sent) >= caps.per_week:
        return True
    near = [at for at in sent if now - at < NEAR]
    return caps.per_day is not None and len(near) >= caps.per_day and _on_the_day_of(now, near, timing) >= caps.per_day


def _on_the_day_of(now: datetime, sent: list[datetime], timing: Timing) -> int:
    """Return how many of these were sent on the local date of `now`."""
    today = to_local(now, timing.zone).date()
    return sum(to_local(at, timing.zone).date() == today for at in sent)


def _window_changes(tour: Tour, case: Case) -> tuple[WindowChange | None, WindowChange | None]:
    """Return what the track says about the window, and the touch itself, both as the enrolment pinned them."""
    if case.enrolment is None:
        return None, None
    version = case.enrolment.version
    pinned = tour.playbook if version == tour.playbook.hash else playbook_version(tour.session, version)
    track = pinned.tracks.get(case.enrolment.track)
    if track is None:
        return None, None
    return track.window, next((touch.window for touch in track.touches if touch.name == case.message.touch), None)
