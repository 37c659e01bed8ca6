"""Offering: each waiting handoff is routed to a rep, who gets the card, and, where it may be, a meeting is proposed to both."""

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, HandoffState, Lead, Score
from ripeline.decide.handoff import Rep
from ripeline.decide.route import Routing, choose_rep
from ripeline.decide.workdays import later
from ripeline.letter.locales import choose_locale
from ripeline.sweep.handoff.candidates import COPIED
from ripeline.sweep.handoff.closing import among, open_with_standing
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.lives import rep_workdays
from ripeline.sweep.handoff.mail import plan_card, rep_reads
from ripeline.sweep.handoff.proposing import propose_meeting
from ripeline.sweep.handoff.sales_desk import SalesDesk
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Tally


def waiting(by: JudgedBy) -> sa.Select[tuple[Handoff, Lead, Score]]:
    """Return the handoffs that wait for a rep, with their leads and scores by the scorecard in use; the longest wait comes first."""
    is_scored = col(Score.version) == scoring_of(by.playbook).version
    query = open_with_standing(by.now).where(col(Handoff.state) == HandoffState.WAITING, is_scored)
    return query.order_by(col(Handoff.opened_at), col(Handoff.total).desc(), col(Handoff.id))


def offer_waiting(session: Session, ids: range, by: JudgedBy) -> Tally:
    """Offer what waits to whoever can take it; the rest goes on waiting, with the reason."""
    desk, tally = SalesDesk(session, by), Tally()
    nobody: dict[tuple[str | None, str | None], Routing] = {}  # who is away or full stays so until the end of this pass
    for handoff, lead, score in session.execute(waiting(by).where(*among(ids))).all():
        whose = (lead.country, lead.locale)
        routing = nobody.get(whose) or choose_rep(lead.id, lead.country, _language(lead, by), desk.as_it_stands())
        handoff.because = routing.because
        for name in COPIED:
            setattr(handoff, name, getattr(score, name))
        if routing.rep is None:
            nobody[whose] = routing
            tally += Tally.of(waiting=1)
        else:
            tally += _offer(session, handoff, lead, score, routing.rep, desk, by)
    return tally


def _offer(session: Session, handoff: Handoff, lead: Lead, score: Score, rep: Rep, desk: SalesDesk, by: JudgedBy) -> Tally:
    workdays = rep_workdays(rep, by)
    handoff.state, handoff.rep, handoff.offered_at = HandoffState.OFFERED, rep.name, by.now
    handoff.accept_by = later(by.now, by.playbook.handoff.sla.accept, workdays)
    session.flush()
    desk.give(rep)
    plan_card(session, handoff, rep_reads(rep, workdays, by.now), by)
    return Tally.of(offered=1) + propose_meeting(session, handoff, lead, score.market, rep, desk, by)


def _language(lead: Lead, by: JudgedBy) -> str | None:
    """Return the language a lead speaks: its own, else the first official one of its country that a rep speaks; None: nobody knows."""
    spoken = {language for rep in by.playbook.handoff.reps for language in rep.languages}
    return lead.locale or choose_locale(None, lead.country, spoken, "")[0] or None
