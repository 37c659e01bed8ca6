"""What the letters of a handoff say: plain data for their templates, and the calendar object of an invite or its cancellation.

For `deliver`: `letter_data(lead, sender, links, **handoff_data(session, message, playbook))` is the data of a card or invite,
and `calendar_for(...)` the text/calendar part of an invite or cancellation, written after the letter, whose words it takes over.
"""

import re
from decimal import Decimal
from typing import TypedDict

from sqlmodel import Session, col, select

from models import Handoff, Lead, Meeting, Message, MessageState, Role, Score
from ripeline.decide.handoff import Rep
from ripeline.invite import Invitation, Method, Party, invite_bytes
from ripeline.letter.data import HandoffData, MeetingData, ReasonData, RepData, ScoreData
from ripeline.letter.writing import Letter
from ripeline.playbook.applied import playbook_version
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.handoff.corrected import corrected_total
from ripeline.sweep.handoff.mail import CANCEL, CANCEL_REP, CANCELLATION_OF, NOTE
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Refusal

ELSEWHERE = "Something that counts in another market"
"""What is said of a rule that the lead's market does not have: the lead moved there after it was handed over."""


class HandoffParts(TypedDict):
    """The keyword arguments of `letter_data` that only letters about a handoff have. `meeting` None: none is proposed."""

    rep: RepData
    meeting: MeetingData | None
    score: ScoreData
    handoff: HandoffData


def handoff_data(session: Session, message: Message, playbook: Playbook) -> HandoffParts:
    """Return what a card, note, invite or cancellation says of rep, meeting, score and handoff, for `letter_data`.

    Reps and the names of rules are told as in the playbook the message was planned by, whatever `playbook` is live now: the
    score is the one that crossed the threshold. A card shows the meeting that stands; an invite the revision it was planned
    for, and raises Refusal where another took its place.
    """
    handoff = session.get_one(Handoff, message.handoff_id)
    rep = _rep(session, message, handoff)
    meeting = _meeting(session, message, handoff)
    return {
        "rep": RepData(rep.name, rep.email, rep.title, rep.phone, rep.zone),
        "meeting": _meeting_data(session, message, meeting, rep) if meeting else None,
        "score": _score(handoff, _rule_names(session, message, handoff)),
        "handoff": _handoff(session, message, handoff),
    }


def rep_of(session: Session, message: Message) -> Rep:
    """Return the rep a message goes to or speaks of, as the playbook knew them when it was planned."""
    return _rep(session, message, session.get_one(Handoff, message.handoff_id))


def calendar_for(session: Session, message: Message, letter: Letter, sender_address: str) -> tuple[bytes, str]:
    """Return the calendar object of an invite or cancellation and its METHOD, in the words of its letter.

    The organizer bears the rep's name at the address the mail comes from, so that mail programs trust it. To lead and rep go
    the same UID and SEQUENCE.
    """
    meeting = session.get_one(Meeting, message.meeting_id)
    _refuse_superseded(message, meeting)
    lead = session.get_one(Lead, message.lead_id)
    rep = rep_of(session, message)
    name = " ".join(part for part in (lead.first_name, lead.last_name) if part)
    invitation = Invitation(
        uid=meeting.uid,
        sequence=meeting.sequence,
        stamped_at=meeting.stamped_at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        organizer=Party(rep.name, sender_address),
        attendees=(Party(name, lead.address), Party(rep.name, rep.email)),
        summary=letter.subject,
        description=_without_footer(letter.text),
        location=rep.location or "",
    )
    method = Method.CANCEL if message.template in CANCELLATION_OF.values() else Method.REQUEST
    return invite_bytes(invitation, method), method.value


def _without_footer(text: str) -> str:
    """Return a letter up to its signature line (RFC 3676 4.3): calendars are shared, and the reader's way out is the reader's alone."""
    return re.split(r"^-- ?$", text, maxsplit=1, flags=re.MULTILINE)[0].strip()


def _rep(session: Session, message: Message, handoff: Handoff) -> Rep:
    rep = playbook_version(session, message.version).handoff.rep_named(handoff.rep)
    if rep is None:
        raise Refusal(f"handoff {handoff.id} names nobody of handoff.toml: {handoff.rep!r}")
    return rep


def _meeting(session: Session, message: Message, handoff: Handoff) -> Meeting | None:
    if message.meeting_id is None:
        return session.exec(select(Meeting).where(col(Meeting.handoff_id) == handoff.id).order_by(col(Meeting.id).desc())).first()
    meeting = session.get_one(Meeting, message.meeting_id)
    _refuse_superseded(message, meeting)
    return meeting


def _meeting_data(session: Session, message: Message, meeting: Meeting, rep: Rep) -> MeetingData:
    needs_call = message.template == CANCEL_REP and _is_untold(session, meeting)
    return MeetingData(meeting.starts_at, meeting.ends_at, meeting.lead_zone, meeting.rep_zone, rep.location, needs_call)


def _is_untold(session: Session, meeting: Meeting) -> bool:
    """Tell whether the lead has an invite and its cancellation will not go; where there is none, the lead was never invited."""
    of_lead = (col(Message.lead_id) == meeting.lead_id, col(Message.meeting_id) == meeting.id, col(Message.template) == CANCEL)
    state = session.exec(select(Message.state).where(*of_lead)).first()
    return state in (MessageState.SUPPRESSED, MessageState.CANCELLED, MessageState.REJECTED)


def _refuse_superseded(message: Message, meeting: Meeting) -> None:
    planned_for = int(message.key.rsplit(":", 1)[1])
    if planned_for != meeting.sequence:
        raise Refusal(f"this invite is revision {planned_for} of meeting {meeting.id}, which is at {meeting.sequence} by now: nothing to do")


def _handoff(session: Session, message: Message, handoff: Handoff) -> HandoffData:
    corrected = corrected_total(session, handoff, message.version) if message.template == NOTE else None
    assert handoff.id is not None, "a stored row"
    told = [handoff.because, handoff.meeting_because]
    return HandoffData(
        handoff.id,
        ". ".join(part for part in told if part),
        f"ripeline handoff accept {handoff.id}",
        f"ripeline handoff reject {handoff.id} --reason …",
        handoff.accept_by,
        None if corrected is None else _points(corrected),
    )


def _rule_names(session: Session, message: Message, handoff: Handoff) -> list[str]:
    """Return the names of the rules by number, those that only the lead's market has included."""
    score = session.get(Score, (handoff.lead_id, Role.LIVE))
    by = scoring_of(playbook_version(session, message.version)).bound_in(score.market if score else None)
    return [rule.name for rule in by.card.rules]


def _score(handoff: Handoff, names: list[str]) -> ScoreData:
    given = ((int(number), int(hundredths)) for number, hundredths in (part.split("=") for part in handoff.reasons.split(";") if part))
    reasons = [ReasonData(names[number] if number < len(names) else ELSEWHERE, _points(hundredths)) for number, hundredths in given]
    heaviest_first = sorted(reasons, key=lambda reason: (-abs(Decimal(reason.points)), reason.name))
    return ScoreData(_points(handoff.total), _points(handoff.fit), _points(handoff.engagement), handoff.grade, heaviest_first)


def _points(hundredths: int) -> Decimal | int:
    return Decimal(hundredths).scaleb(-2) if hundredths % 100 else hundredths // 100
