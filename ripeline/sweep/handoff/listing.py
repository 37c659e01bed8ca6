"""Handoffs as sales lists them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, HandoffState, Meeting
from ripeline.sweep.handoff.closing import STANDING_MEETINGS
from ripeline.sweep.handoff.mail import has_note
from ripeline.sweep.withholding import Withheld, withheld_from
from ripeline.zones import to_local, zone_named


@dataclass(frozen=True)
class Listed:
    """One handoff, with the score it was opened for; None where nobody may see one any more, which `withheld` says. Points are points; instants are UTC.

    `lead_time` and `rep_time` tell the meeting on both clocks; None: there is none. `is_corrected`: part of the score turned out to be a machine's,
    and the rep got a note that says so.
    """

    id: int
    lead_id: int
    rep: str | None
    state: str
    total: float | None
    grade: str | None
    lead_time: str | None
    rep_time: str | None
    meeting: str | None
    accept_by: datetime | None
    is_late: bool
    because: str
    verdict: str | None
    withheld: str | None = None
    is_corrected: bool = False


def list_handoffs(session: Session, *, now: datetime, only_open: bool = False) -> list[Listed]:
    """Return handoffs, open ones first, then the newest; `now` tells which answers are late."""
    query = sa.select(Handoff, Meeting, has_note()).outerjoin(Meeting, col(Meeting.handoff_id) == col(Handoff.id))
    if only_open:
        query = query.where(col(Handoff.closed_at).is_(None))
    rows = session.execute(query.order_by(col(Handoff.closed_at).is_not(None), col(Handoff.opened_at).desc(), col(Handoff.id).desc())).all()
    withheld = withheld_from(session, {handoff.lead_id for handoff, *_ in rows}, now)
    return [_listed(handoff, meeting, withheld.get(handoff.lead_id), noted, now) for handoff, meeting, noted in rows]


def _listed(handoff: Handoff, meeting: Meeting | None, withheld: Withheld | None, noted: bool, now: datetime) -> Listed:
    assert handoff.id is not None, "a stored row"
    shown = meeting if meeting and meeting.state in STANDING_MEETINGS else None
    late = handoff.state is HandoffState.OFFERED and handoff.accept_by is not None and handoff.accept_by < now
    return Listed(
        id=handoff.id,
        lead_id=handoff.lead_id,
        rep=handoff.rep,
        state=handoff.state.value,
        total=None if withheld else handoff.total / 100,
        grade=None if withheld else handoff.grade,
        lead_time=_told(shown.starts_at, shown.lead_zone) if shown else None,
        rep_time=_told(shown.starts_at, shown.rep_zone) if shown else None,
        meeting=meeting.state.value if meeting else None,
        accept_by=handoff.accept_by,
        is_late=late,
        because=". ".join(part for part in (handoff.because, handoff.meeting_because) if part),
        verdict=handoff.verdict,
        withheld=str(withheld) if withheld else None,
        is_corrected=bool(noted),
    )


def _told(at: datetime, zone: str) -> str:
    return f"{to_local(at, zone_named(zone)):%a %Y-%m-%d %H:%M} {zone}"
