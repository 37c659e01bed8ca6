"""Hand-offs of whose reasons some turned out to be a machine's: nothing is taken back, and the rep who has the lead is told so, once."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import Event, Handoff, HandoffState, Lead, Message
from ripeline.sweep.handoff.closing import among
from ripeline.sweep.handoff.corrected import corrected_total
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.letters import rep_of
from ripeline.sweep.handoff.lives import rep_workdays
from ripeline.sweep.handoff.mail import card_key, has_note, plan_note, rep_reads
from ripeline.sweep.ingest.correcting import CORRECTED
from ripeline.values import Tally

CAME_LATELY = timedelta(days=30)
"""What came to light longer ago, and gave no points, is not looked at again."""

TAKEN_LATELY = timedelta(days=90)
"""Of a hand-off that was accepted longer ago, nobody wants to hear."""


def untold(now: datetime) -> sa.Select[tuple[Handoff]]:
    """Return the hand-offs that a rep has, or accepted lately, of which a deed turned out to be no human's and the rep was not told yet."""
    told, deed = aliased(Event), aliased(Event)
    came = (col(told.kind) == CORRECTED, col(told.at) > col(Handoff.offered_at), col(told.at) > now - CAME_LATELY, col(told.at) <= now)
    is_meant = sa.and_(col(deed.lead_id) == col(told.lead_id), sa.cast(col(deed.id), sa.String) == col(told.form))
    was_known = col(deed.at) <= col(Handoff.offered_at), col(deed.received_at) <= col(Handoff.offered_at)
    behind = sa.select(col(told.id)).join(deed, is_meant).where(col(told.lead_id) == col(Handoff.lead_id), *came, *was_known).correlate(Handoff).exists()
    is_theirs = sa.or_(
        col(Handoff.state) == HandoffState.OFFERED, sa.and_(col(Handoff.state) == HandoffState.ACCEPTED, col(Handoff.closed_at) > now - TAKEN_LATELY)
    )
    living = sa.select(Handoff).join(Lead, col(Lead.id) == col(Handoff.lead_id)).where(col(Lead.erased_at).is_(None))
    return living.where(is_theirs, behind, sa.not_(has_note()))


def tell_corrections(session: Session, ids: range, by: JudgedBy) -> Tally:
    """Plan a note to the rep of each hand-off of these leads that lost points so; return how many, as `notes`."""
    tally = Tally()
    for handoff in session.execute(untold(by.now).where(*among(ids)).order_by(col(Handoff.id))).scalars().all():
        card = session.exec(select(Message).where(col(Message.key) == card_key(handoff))).first()
        if card is not None and corrected_total(session, handoff, card.version) is not None:
            rep = rep_of(session, card)
            tally += Tally.of(notes=plan_note(session, handoff, card, rep_reads(rep, rep_workdays(rep, by), by.now), by))
    return tally
