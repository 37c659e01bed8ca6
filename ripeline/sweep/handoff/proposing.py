"""Proposing a meeting: a time inside both working days, a row that keeps it, an invite to the lead and one to the rep."""

from datetime import datetime

from sqlmodel import Session

from models import Handoff, Lead, Meeting
from ripeline.decide.eligible import Reachable, not_invited_because
from ripeline.decide.handoff import Rep
from ripeline.decide.meeting import Proposal, propose
from ripeline.decide.window import NeverOpens
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.lives import invite_due_at, lead_workdays, rep_workdays
from ripeline.sweep.handoff.mail import lead_reads, plan_invites, rep_reads
from ripeline.sweep.handoff.reach import Permission, permission
from ripeline.sweep.handoff.sales_desk import SalesDesk
from ripeline.sweep.handoff.thresholds import invites_at
from ripeline.sweep.mail_id import mail_domain
from ripeline.values import Tally, message_id


def propose_meeting(session: Session, handoff: Handoff, lead: Lead, market: str | None, rep: Rep, desk: SalesDesk, by: JudgedBy) -> Tally:
    """Propose the first meeting of a handoff; where there can be none, its `meeting_because` says why."""
    allowed = permission(session, lead, by.settings.key, by.now)
    found = find_time(handoff, lead, market, rep, desk, allowed, by)
    handoff.meeting_because = found.because if isinstance(found, Proposal) else found
    if not isinstance(found, Proposal):
        return Tally.of(card_alone=1)
    assert handoff.id is not None, "the caller stored it"
    assert lead.id is not None, "a lead of the database"
    meeting = Meeting(
        handoff_id=handoff.id,
        lead_id=lead.id,
        rep=rep.name,
        uid=f"{message_id(f'meeting:{handoff.id}')}@{mail_domain(by.settings)}",
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        lead_zone=lead_workdays(lead, market, by).zone.name,
        rep_zone=rep.zone,
        stamped_at=by.now,
    )
    session.add(meeting)
    session.flush()
    invite(session, meeting, handoff, lead, market, rep, desk, allowed, by)
    return Tally.of(invited=1)


def find_time(
    handoff: Handoff, lead: Lead, market: str | None, rep: Rep, desk: SalesDesk, allowed: Permission, by: JudgedBy, not_before: datetime | None = None
) -> Proposal | str:
    """Return a time for a meeting, or why there is none."""
    reachable = Reachable(allowed.suppressed, allowed.consent_id is not None, lead.is_on_hold)
    reason = not_invited_because(handoff.total, invites_at(by.playbook, market), reachable)
    if reason is not None:
        return reason
    try:
        told_at = invite_due_at(lead, market, by)
    except NeverOpens as error:
        return f"no invite: {error}"
    found = propose(
        lead_workdays(lead, market, by), rep_workdays(rep, by), by.playbook.handoff.meeting,
        now=by.now, told_at=told_at, taken=desk.taken(rep), not_before=not_before,
    )  # fmt: skip
    return found if isinstance(found, Proposal) else f"no invite: {found.because}"


def invite(
    session: Session, meeting: Meeting, handoff: Handoff, lead: Lead, market: str | None, rep: Rep, desk: SalesDesk, allowed: Permission, by: JudgedBy
) -> None:
    """Keep the meeting's time free in the rep's day and plan the invites of its present revision."""
    desk.book(rep, (meeting.starts_at, meeting.ends_at))
    to_lead = lead_reads(lead, invite_due_at(lead, market, by), lead_workdays(lead, market, by).zone)
    plan_invites(session, meeting, handoff, to_lead, rep_reads(rep, rep_workdays(rep, by), by.now), allowed.consent_id, by)
