"""`ripeline lead`: one lead's whole story on one line of time."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from sqlmodel import Session

    from models import Lead

Moment = tuple[datetime, str, str]


def lead(
    lead: Annotated[str, typer.Argument(help="A lead's id or address.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000_000, help="At most so many moments, the newest kept.")] = 200,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Tell one lead's story in order of time: events, changed attributes, scores, stages, tracks, consents, messages, hand-offs, meetings."""
    from ripeline.database import database_now
    from ripeline.sweep.withholding import withheld_from

    with screen.session(writes=False) as session:
        found = screen.find_lead(session, lead)
        assert found.id is not None
        moments = _story(session, found.id)[-limit:]
        known = _known(found)
        withheld = withheld_from(session, [found.id], database_now(session)).get(found.id)
    if json:
        screen.show_json(
            {"lead": known, "withheld": withheld and str(withheld), "timeline": [{"at": at, "what": what, "detail": detail} for at, what, detail in moments]}
        )
        return
    name = " ".join(part for part in (found.first_name, found.last_name) if part)
    screen.say(f"{found.id}  {found.address}  {name}\n{found.title or ''} {found.company or ''} {found.city or ''} {found.country or ''}".rstrip())
    screen.say(f"stage {found.stage}{', on hold' if found.is_on_hold else ''}{f'; no score: {withheld}' if withheld else ''}\n")
    screen.table(["when", "what", ""], moments)


def _known(lead: "Lead") -> dict[str, Any]:
    """Return what is known of a lead, in the order of its table; what only sweeps need is left out."""
    ours = ("facts_seq", "address_key", "segmented_revision", "segmented_version", "segment_review_at")
    return {name: value for name in type(lead).model_fields if name not in ours and (value := getattr(lead, name)) is not None}


def _story(session: "Session", lead_id: int) -> list[Moment]:
    """Return all moments by time; at one instant facts come before what was made of them."""
    parts = (_facts(session, lead_id), _judgements(session, lead_id), _dealings(session, lead_id))
    return [moment for *_, moment in sorted((moment[0], number, moment) for number, part in enumerate(parts) for moment in part)]


def _facts(session: "Session", lead_id: int) -> list[Moment]:
    from sqlmodel import col, select

    from models import AttributeChange, Consent, Event

    moments: list[Moment] = []
    for event in session.exec(select(Event).where(col(Event.lead_id) == lead_id)):
        seconds = f"{event.seconds} s" if event.seconds else None
        said = [event.path, event.form, event.asset, event.touch, seconds, event.actor if event.actor != "human" else None]
        moments.append((event.at, event.kind, " ".join(str(part) for part in said if part)))
    for change in session.exec(select(AttributeChange).where(col(AttributeChange.lead_id) == lead_id)):
        moments.append((change.at, f"{change.attribute} changed", f"{change.old or 'nothing'} → {change.new or 'nothing'}"))
    for consent in session.exec(select(Consent).where(col(Consent.lead_id) == lead_id)):
        moments.append((consent.at, f"consent {consent.state}", f"{consent.purpose}, basis {consent.basis}, from {consent.source}"))
    return moments


def _judgements(session: "Session", lead_id: int) -> list[Moment]:
    from sqlmodel import col, select

    from models import Enrolment, Role, Score, ScoreChange

    moments: list[Moment] = []
    for change in session.exec(select(ScoreChange).where(col(ScoreChange.lead_id) == lead_id)):
        what = "stage" if change.because else "score"
        moments.append((change.at, what, f"{change.total / 100:g} points, grade {change.grade}, {change.stage} {change.because}".rstrip()))
    for score in session.exec(select(Score).where(col(Score.lead_id) == lead_id, col(Score.role) == Role.LIVE)):
        excluded = f", excluded: {score.excluded}" if score.excluded else ""
        moments.append((score.as_of, "score, the newest", f"{score.total / 100:g} points, grade {score.grade}{excluded}"))
    for enrolment in session.exec(select(Enrolment).where(col(Enrolment.lead_id) == lead_id)):
        moments.append((enrolment.entered_at, f"enters {enrolment.track}", enrolment.entered_because))
        if enrolment.ended_at:
            moments.append((enrolment.ended_at, f"leaves {enrolment.track}", enrolment.ended_because or ""))
    return moments


def _dealings(session: "Session", lead_id: int) -> list[Moment]:
    from sqlmodel import col, select

    from models import Handoff, Meeting, Message

    moments: list[Moment] = []
    for message in session.exec(select(Message).where(col(Message.lead_id) == lead_id)):
        what = f"{message.kind} {message.touch or message.template}"
        moments.append((message.accepted_at or message.due_at, what, f"{message.state}, {message.local_at} {message.zone} {message.reason}".rstrip()))
    for handoff in session.exec(select(Handoff).where(col(Handoff.lead_id) == lead_id)):
        moments.append((handoff.opened_at, f"hand-off {handoff.id}", f"to {handoff.rep or 'nobody yet'}: {handoff.because}"))
        if handoff.closed_at:
            moments.append((handoff.closed_at, f"hand-off {handoff.id} {handoff.state}", handoff.verdict or ""))
    for meeting in session.exec(select(Meeting).where(col(Meeting.lead_id) == lead_id)):
        moments.append((meeting.starts_at, f"meeting with {meeting.rep}", str(meeting.state)))
    return moments
