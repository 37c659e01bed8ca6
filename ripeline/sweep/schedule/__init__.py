"""The schedule sweep: plans the next touch of every lead in a track, at its own local hour.

One message an enrolment at a time: the next is planned when the last is done, so that after an outage each lead gets one, not a
pile. Leads without consent, suppressed, handed off or on hold get none; `why_not_planned` says which. It also infers the zones of leads
in countries with several, and moves what is planned already when a lead changes its zone or the zone database changes its mind. And it
asks those who asked for our mail to confirm it.
"""

from datetime import datetime

from sqlmodel import Session

from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings, load_settings
from ripeline.sweep.schedule.ahead import plans
from ripeline.sweep.schedule.confirming import ask_to_confirm
from ripeline.sweep.schedule.due import due, lock
from ripeline.sweep.schedule.inferring import infer_zones
from ripeline.sweep.schedule.moving import move
from ripeline.sweep.schedule.opening import next_opening
from ripeline.sweep.schedule.reasons import why_not_planned
from ripeline.sweep.schedule.record import record
from ripeline.values import Tally

__all__ = ["due", "next_opening", "schedule", "why_not_planned"]


def schedule(session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False, settings: Settings | None = None) -> Tally:
    """Plan the next touches of the leads among `ids` and return the counts; commits once, or rolls back where `dry_run`.

    `settings` None: those of this process; they key the suppressions and name the domain of the Message-ID.
    """
    settings = settings or load_settings()
    tally = ask_to_confirm(session, ids, playbook, settings, now)
    held = lock(session, ids)
    if held.count:
        inferred = infer_zones(session, held, playbook, now)
        tally += move(session, held, playbook, now, settings.key, inferred)
        for plan in plans(held, playbook, now, settings, inferred):
            tally += record(session, plan, playbook, now)
        tally += Tally.of(zones_inferred=inferred.height)
    if dry_run:
        session.rollback()
    else:
        session.commit()
    return tally
