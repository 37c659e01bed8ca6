"""The segment sweep: which funnel stage a lead belongs in, which track it leaves and which it enters.

It judges leads whose new score may lead elsewhere (its revision says so), leads whose review has come (a stay that ends, an event that
ages, a re-entry that is allowed), and everybody once when the rules change. Ending an enrolment cancels what was planned for it.
"""

from datetime import datetime

from sqlmodel import Session

from ripeline.playbook.playbook import Playbook
from ripeline.sweep.segment.due import due, lock
from ripeline.sweep.segment.gather import gather
from ripeline.sweep.segment.judge import judge
from ripeline.sweep.segment.record import record
from ripeline.sweep.segment.rules import rules_of
from ripeline.values import Tally

__all__ = ["due", "segment"]


def segment(session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False) -> Tally:
    """Judge the due leads among `ids` and return what changed; commits once, or rolls back where `dry_run`."""
    rules = rules_of(playbook)
    locked = lock(session, ids, rules, now)
    if locked.is_empty():
        session.rollback()
        return Tally()
    found = gather(session, ids, rules, now, locked)
    verdict = judge(found, rules, now)
    tally = record(session, verdict, rules, now)
    if dry_run:
        session.rollback()
    else:
        session.commit()
    return tally
