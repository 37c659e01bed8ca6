"""Whether a planned touch may go right now, for whoever is about to send it: late, or after a retry, it waits for its window like any other."""

from datetime import datetime

from sqlmodel import Session

from models import Enrolment, Lead
from ripeline.decide.window import NeverOpens, first_open_instant
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.living import whereabouts_of
from ripeline.sweep.schedule.timings import Lives, Timings


def next_opening(session: Session, lead: Lead, enrolment: Enrolment, touch: str, market: str | None, playbook: Playbook, at: datetime) -> datetime | None:
    """Return the first instant at or after `at` (aware) at which this touch may go on the lead's clock: `at` itself where it may; None: never.

    Window, quiet hours and days off are the live playbook's; caps were kept when the touch was planned.
    """
    timings = Timings.of_pin(session, playbook, at, (enrolment.version, enrolment.track))
    timing = timings.timing(Lives(*whereabouts_of(lead), market, enrolment.version, enrolment.track, touch))
    try:
        return first_open_instant(at, timing.zone, timing.window, timing.calendar, timing.quiet)
    except NeverOpens:
        return None
