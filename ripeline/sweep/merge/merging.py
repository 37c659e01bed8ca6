"""Merging: everything known of one lead becomes known of another, as if one person had been told of all along. One transaction.

What is learned of the kept lead by this is learned now: a score of before never saw it, so that `explain --at` gives what was given then. The other
row stays, empty, as a signpost: its address and id mean the kept lead from then on, so that no import makes a twin and every old link works.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import Lead, Message, MessageState, Score
from ripeline.settings import Settings
from ripeline.sweep.board import raise_facts
from ripeline.sweep.ingest.lead_rows import COLUMNS
from ripeline.sweep.ingest.taking import lock_leads
from ripeline.sweep.merge.attributes import learn_attributes
from ripeline.sweep.merge.enrolments import move_enrolments
from ripeline.sweep.merge.handoffs import move_handoffs
from ripeline.sweep.merge.messages import move_messages
from ripeline.sweep.merge.stage import take_stage
from ripeline.sweep.merge.words import carry_suppressions, move_consents, move_events
from ripeline.sweep.suppressing import erased
from ripeline.values import Refusal, Tally


def merge_leads(session: Session, keep: int, other: int, *, now: datetime, settings: Settings, dry_run: bool = False) -> Tally:
    """Merge lead `other` into lead `keep` and return the counts of what moved; commits, or rolls back where `dry_run`.

    Again, it moves what came under the other's number since, mostly nothing. Raises Refusal where the two are one already, one was erased or went into
    a third, a mail to one is just going out, or the other is invited to a meeting to come.
    """
    lock_leads(session)
    kept, gone = _held(session, keep, other)
    _refuse(session, kept, gone, settings)
    tally = Tally.of(
        suppressions=carry_suppressions(session, kept.address_key, gone.address_key, now, settings.key),
        consents=move_consents(session, kept, gone, now, settings.key),
        events=move_events(session, keep, other, now),
        attributes=learn_attributes(session, kept, gone, now) if gone.merged_into is None else 0,
        handoffs=move_handoffs(session, kept, gone, now),
        **move_enrolments(session, keep, other, settings, now),
    )
    tally += Tally.of(messages=move_messages(session, kept, gone))
    take_stage(session, kept, gone, now)
    _leave_a_signpost(session, kept, gone, now)
    raise_facts(session, {keep})
    if dry_run:
        session.rollback()
    else:
        session.commit()
    return tally


def _held(session: Session, keep: int, other: int) -> tuple[Lead, Lead]:
    """Return both leads, held until the transaction ends."""
    if keep == other:
        raise Refusal(f"lead {keep} is one lead already: name the one to keep, then the one that goes into it")
    query = select(Lead).where(col(Lead.id).in_((keep, other))).order_by(col(Lead.id)).with_for_update()
    found = {lead.id: lead for lead in session.exec(query.execution_options(populate_existing=True))}
    for lead_id in (keep, other):
        if lead_id not in found:
            raise Refusal(f"no lead {lead_id}: `ripeline leads` lists them")
    return found[keep], found[other]


def _refuse(session: Session, kept: Lead, gone: Lead, settings: Settings) -> None:
    for lead in (kept, gone):
        if lead.merged_into not in (None, kept.id):
            raise Refusal(f"lead {lead.id} went into lead {lead.merged_into} before: name that one")
        if lead.erased_at is not None and lead.merged_into is None:
            raise Refusal(f"lead {lead.id} was erased: nothing is known of it that could be merged")
    if erased(session, {kept.address_key, gone.address_key}, settings.key):
        raise Refusal(f"the owner of an address of lead {kept.id} or {gone.id} asked to be erased: forget them, do not merge them")
    going = col(Message.state).in_((MessageState.CLAIMED, MessageState.SUBMITTING))
    if session.exec(select(col(Message.id)).where(col(Message.lead_id).in_((kept.id, gone.id)), going).limit(1)).first() is not None:
        raise Refusal(f"a mail about lead {kept.id} or {gone.id} is just going out: run it again in a few minutes", 3)


def _leave_a_signpost(session: Session, kept: Lead, gone: Lead, now: datetime) -> None:
    session.execute(sa.delete(Score).where(col(Score.lead_id) == gone.id))
    session.execute(sa.update(Lead).where(col(Lead.merged_into) == gone.id).values(merged_into=kept.id))
    external_id = gone.external_id
    if kept.external_id is None:
        gone.external_id = None
        session.flush()
        kept.external_id = external_id
    for name in COLUMNS:
        setattr(gone, name, None)
    gone.more, gone.merged_into, gone.erased_at, gone.is_on_hold = {}, kept.id, gone.erased_at or now, False
    kept.segment_review_at = now
    session.flush()
