"""For whom the handoff sweep has something to do."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, HandoffState
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.handoff.answers import meeting_answers
from ripeline.sweep.handoff.cancelling import not_taken_back
from ripeline.sweep.handoff.candidates import candidates
from ripeline.sweep.handoff.closing import answered, ending, open_with_standing
from ripeline.sweep.handoff.correcting import untold


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int) -> list[range]:
    """Return half-open ranges of lead ids, each with at most `batch_size` leads with whom sales has something to do.

    Those are new to sales, waiting, answered or overtaken, or somebody has an invite to a meeting that is struck out, or must hear that part of a score
    was a machine's.
    """
    told = (_begun(session, playbook, now), _replied(session, now), _open(session, playbook, now), _invited_in_vain(session, now), _misled(session, now))
    ids = sorted({lead_id for each in told for lead_id in each})
    chunks = (ids[at : at + batch_size] for at in range(0, len(ids), batch_size))
    return [range(chunk[0], chunk[-1] + 1) for chunk in chunks]


def _begun(session: Session, playbook: Playbook, now: datetime) -> Iterator[int]:
    yield from (row.lead_id for row in session.execute(candidates(playbook, now)))


def _replied(session: Session, now: datetime) -> Iterator[int]:
    for query in (answered(now), meeting_answers(now)):
        yield from (row.lead_id for row in session.execute(query))


def _open(session: Session, playbook: Playbook, now: datetime) -> Iterator[int]:
    """Yield whose handoff waits for a rep, or must end without an answer. Offered ones are few: as many as all reps can hold."""
    yield from session.execute(sa.select(col(Handoff.lead_id)).where(col(Handoff.state) == HandoffState.WAITING)).scalars()
    for handoff, lead, score in session.execute(open_with_standing(now).where(col(Handoff.state) == HandoffState.OFFERED)):
        if ending(handoff, lead, score, playbook):
            yield handoff.lead_id


def _invited_in_vain(session: Session, now: datetime) -> Iterator[int]:
    yield from (meeting.lead_id for meeting, _ in session.execute(not_taken_back(now)))


def _misled(session: Session, now: datetime) -> Iterator[int]:
    yield from (handoff.lead_id for handoff in session.execute(untold(now)).scalars())
