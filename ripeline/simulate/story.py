"""The calendar of one lead: all that would happen to it, and all that it would do, on its own clock."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from models import Enrolment, Event, Handoff, Lead, Message, MessageKind, MessageState, ScoreChange
from ripeline.playbook.playbook import Playbook
from ripeline.simulate.figures import Moment
from ripeline.simulate.machine import Journey
from ripeline.sweep.living import whereabouts_of, zone_for
from ripeline.zones import to_local

Told = tuple[datetime, str, str]
_WAITING = (MessageState.SCHEDULED, MessageState.DEFERRED)


def read_calendar(session: Session, lead_id: int, playbook: Playbook, journey: Journey) -> list[Moment]:
    """Return what happens with one lead from the beginning of the journey on, in order of time; planned mails after its end included."""
    lead = session.get_one(Lead, lead_id)
    zone = zone_for(whereabouts_of(lead), playbook)
    found = [each for each in _told(session, lead_id) if each[0] >= journey.start]
    return [Moment(at, to_local(at, zone), what, detail) for at, what, detail in sorted(found)]


def _told(session: Session, lead_id: int) -> Iterator[Told]:
    for enrolment in session.exec(select(Enrolment).where(col(Enrolment.lead_id) == lead_id)):
        yield enrolment.entered_at, "enters track", enrolment.track
        if enrolment.exhausted_at:
            yield enrolment.exhausted_at, "all sent", enrolment.track
        if enrolment.ended_at:
            yield enrolment.ended_at, "leaves track", f"{enrolment.track}: {enrolment.ended_because or 'ended'}"
    for change in session.exec(select(ScoreChange).where(col(ScoreChange.lead_id) == lead_id)):
        yield change.at, "score", f"{change.total / 100:g} points, {change.grade}, {change.stage.replace('_', ' ')}"
    for message in session.exec(select(Message).where(col(Message.lead_id) == lead_id, col(Message.recipient) == "lead")):
        yield _mail(message)
    for handoff in session.exec(select(Handoff).where(col(Handoff.lead_id) == lead_id)):
        yield handoff.opened_at, "ready for sales", f"{handoff.total / 100:g} points"
        if handoff.offered_at:
            yield handoff.offered_at, "handed to", handoff.rep or ""
        if handoff.closed_at:
            yield handoff.closed_at, "hand-off", f"{handoff.state.value}{f': {handoff.verdict}' if handoff.verdict else ''}"
    for event in session.exec(select(Event).where(col(Event.lead_id) == lead_id)):
        yield event.at, "does", f"{event.kind.replace('_', ' ')} {event.path or event.asset or event.touch or ''}".strip()


def _mail(message: Message) -> Told:
    what = message.touch or message.template.rpartition("/")[2]
    if message.accepted_at:
        return message.accepted_at, "mail" if message.kind is MessageKind.TOUCH else "mail from sales", what
    if message.state in _WAITING:
        return message.due_at, "mail planned", what
    return message.due_at, "mail not sent", f"{what}: {message.reason or message.state.value}"
