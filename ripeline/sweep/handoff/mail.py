"""What a handoff writes: card and notes to the rep, the invite to both and what takes it back, planned as messages; `deliver` alone sends them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, Lead, Meeting, Message, MessageKind, MessageState
from ripeline.address import address_key
from ripeline.decide.handoff import Rep
from ripeline.decide.workdays import Workdays, next_at_work
from ripeline.sweep.bulk import insert_new
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.mail_id import mail_id
from ripeline.values import message_id
from ripeline.zones import Zone, database_version, to_local, to_utc

CARD, INVITE, INVITE_REP = "handoff/card", "handoff/invite", "handoff/invite-rep"
CANCEL, CANCEL_REP = "handoff/cancel", "handoff/cancel-rep"
NOTE, NOTE_OF = "handoff/note", "note:"

CANCELLATION_OF = {INVITE: CANCEL, INVITE_REP: CANCEL_REP}
"""Which letter takes which invite back."""

READING_TIME = timedelta(hours=1)
"""An invite that cannot be there so long before the meeting is not sent at all."""


@dataclass(frozen=True)
class Reader:
    """Who reads a message, when it may reach them (aware UTC), on whose clock, and by what rule."""

    recipient: str
    address_key: str
    due_at: datetime
    zone: Zone
    rule: str


def lead_reads(lead: Lead, due_at: datetime, zone: Zone) -> Reader:
    """Return the lead as a reader, from the next instant of its window on."""
    return Reader("lead", lead.address_key, due_at, zone, "the next instant of the lead's window")


def rep_reads(rep: Rep, workdays: Workdays, now: datetime) -> Reader:
    """Return a rep as a reader, from the next working hour on."""
    return Reader(f"rep:{rep.name}", address_key(rep.email), next_at_work(now, workdays), workdays.zone, "the rep's next working hour")


def plan_card(session: Session, handoff: Handoff, rep: Reader, by: JudgedBy) -> int:
    """Plan the card of a handoff; return how many messages are new."""
    return _plan(session, [_message(card_key(handoff), MessageKind.CARD, CARD, rep, handoff, by)])


def plan_note(session: Session, handoff: Handoff, card: Message, rep: Reader, by: JudgedBy) -> int:
    """Plan the note that part of a handoff's score was a machine's, by the playbook version of its card; return how many messages are new."""
    note = _message(f"{NOTE_OF}{handoff.id}", MessageKind.CARD, NOTE, rep, handoff, by)
    note.version = card.version
    return _plan(session, [note])


def card_key(handoff: Handoff) -> str:
    """Return the key of a handoff's card."""
    return f"card:{handoff.id}:{handoff.rep}"


def has_note() -> sa.ColumnElement[bool]:
    """Return the condition on Handoff that its rep was told, or will be, that part of its score was a machine's."""
    key = sa.literal(NOTE_OF) + sa.cast(col(Handoff.id), sa.String)
    return sa.select(col(Message.id)).where(col(Message.key) == key).correlate(Handoff).exists()


def plan_invites(session: Session, meeting: Meeting, handoff: Handoff, lead: Reader, rep: Reader, consent_id: int | None, by: JudgedBy) -> int:
    """Plan the invite of a meeting's present revision, to the lead by this consent and to the rep; return how many messages are new."""
    revision, expires_at = f"{meeting.id}:{meeting.sequence}", meeting.starts_at - READING_TIME
    to_lead = _message(f"invite:{revision}", MessageKind.INVITE, INVITE, lead, handoff, by, meeting, expires_at, consent_id)
    to_rep = _message(f"invite-rep:{revision}", MessageKind.INVITE, INVITE_REP, rep, handoff, by, meeting, expires_at)
    return _plan(session, [to_lead, to_rep])


def plan_cancellation(
    session: Session,
    meeting: Meeting,
    handoff: Handoff,
    invite: Message,
    reader: Reader,
    by: JudgedBy,
    *,
    consent_id: int | None = None,
    stopped: tuple[MessageState, str] | None = None,
) -> int:
    """Plan what takes back an invite that went out, as the meeting's present revision; return how many messages are new.

    It bears the invite's playbook version: rep and attendees are those of the invite (RELIABILITY I22). `stopped`, a state and
    a reason: it will not go, and is stored to say why. Sent later than this it would tell nobody anything: to the lead once the meeting begins, to
    the rep, who may be waiting in it, once it is over.
    """
    template = CANCELLATION_OF[invite.template]
    key = f"{template.removeprefix('handoff/')}:{meeting.id}:{meeting.sequence}"
    expires_at = meeting.starts_at if template == CANCEL else meeting.ends_at
    message = _message(key, MessageKind.INVITE, template, reader, handoff, by, meeting, expires_at, consent_id)
    message.version = invite.version
    if stopped is not None:
        message.state, message.reason = stopped
    return _plan(session, [message])


def _plan(session: Session, messages: list[Message]) -> int:
    return len(insert_new(session, Message, [message.model_dump() for message in messages], returning=[col(Message.id)]))


def _message(
    key: str,
    kind: MessageKind,
    template: str,
    reader: Reader,
    handoff: Handoff,
    by: JudgedBy,
    meeting: Meeting | None = None,
    expires_at: datetime | None = None,
    consent_id: int | None = None,
) -> Message:
    local_at = to_local(reader.due_at, reader.zone)
    identity = message_id(key)
    return Message(
        id=identity,
        key=key,
        kind=kind,
        lead_id=handoff.lead_id,
        recipient=reader.recipient,
        recipient_key=reader.address_key,
        handoff_id=handoff.id,
        meeting_id=meeting.id if meeting else None,
        template=template,
        version=by.playbook.hash,
        rule=reader.rule,
        local_at=local_at.isoformat(timespec="seconds"),
        zone=reader.zone.name,
        zone_source=reader.zone.source,
        resolution=to_utc(local_at, reader.zone).resolution,
        zone_database=database_version(),
        due_at=reader.due_at,
        expires_at=expires_at,
        mail_id=mail_id(by.settings, identity),
        planned_at=by.now,
        consent_id=consent_id,
    )
