"""Handing over, from end to end, in one transaction."""

from datetime import datetime

from sqlmodel import Session

from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings, load_settings
from ripeline.sweep.handoff.answers import take_answers
from ripeline.sweep.handoff.cancelling import take_back_invites
from ripeline.sweep.handoff.candidates import open_handoffs
from ripeline.sweep.handoff.closing import close_answered, close_overtaken
from ripeline.sweep.handoff.correcting import tell_corrections
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.offering import offer_waiting
from ripeline.sweep.handoff.rows import lock_handoffs
from ripeline.values import Tally


def handoff(session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False, settings: Settings | None = None) -> Tally:
    """Bring the handoffs of these leads up to `now`, commit, and return counts; `settings` None: as configured.

    Words: opened, offered, waiting (nobody can take it yet), invited, card_alone, accepted, rejected, withdrawn, confirmed, declined,
    offered_another_time, cancellations (invites taken back), notes (to reps, that part of a score was a machine's), to_call (leads whom no mail may
    tell that a meeting is off). Safe to run twice and beside another: two at once make one handoff, and book no rep twice.
    """
    by = JudgedBy(playbook, settings or load_settings(), now)
    lock_handoffs(session)
    tally = close_answered(session, ids, by) + close_overtaken(session, ids, by) + take_answers(session, ids, by)
    session.flush()
    tally += take_back_invites(session, ids, by) + tell_corrections(session, ids, by)
    tally += Tally.of(opened=open_handoffs(session, ids, by)) + offer_waiting(session, ids, by)
    if dry_run:
        session.rollback()
    else:
        session.commit()
    return tally
