"""The tracks of two leads as those of one: one open enrolment a group, and no touch a second time."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import Enrolment, Message, MessageKind, MessageState
from ripeline.decide.lineage import Lineage
from ripeline.playbook.lineage import lineage_applied
from ripeline.settings import Settings
from ripeline.sweep.handoff.closing import recall
from ripeline.sweep.handoff.rows import changed
from ripeline.sweep.schedule.due import is_untried
from ripeline.sweep.schedule.edited import HAD_ELSEWHERE
from ripeline.sweep.schedule.marking import mark
from ripeline.sweep.segment.record import end

WENT = (MessageState.ACCEPTED, MessageState.IN_DOUBT)
"""In doubt counts as had: it is never sent twice."""

Touches = dict[str, set[str]]
"""By the name that stands for a track, the touches that went to a lead, by every name they had."""


def move_enrolments(session: Session, keep: int, other: int, settings: Settings, now: datetime) -> dict[str, int]:
    """Give the other lead's enrolments to the kept one, in the caller's transaction; return the counts of `enrolments`, `ended`, `passed_over`.

    Where both are in a track of one group, the kept lead's goes on. What waited for the other lead is forgotten and planned anew, to the kept lead's
    address and clock; a touch that went to either is never planned in a track where the other still goes.
    """
    mine, theirs = _open(session, keep), _open(session, other)
    known = lineage_applied(session)
    had_by_kept, had_by_other = _had(session, keep, known), _had(session, other, known)
    taken = {enrolment.group for enrolment in mine}
    ends = [enrolment.id for enrolment in theirs if enrolment.group in taken]
    end(session, f"lead {other} was merged into lead {keep}", pl.DataFrame({"enrolment_id": ends}, {"enrolment_id": pl.Int64}), now)
    session.execute(sa.delete(Message).where(col(Message.lead_id) == other, is_untried()).execution_options(synchronize_session=False))
    moved = changed(session, sa.update(Enrolment).where(col(Enrolment.lead_id) == other).values(lead_id=keep))
    passed = [_pass_over(session, keep, each, had_by_other.get(known.track(each.track), ()), settings, now) for each in mine]
    passed += [_pass_over(session, keep, each, had_by_kept.get(known.track(each.track), ()), settings, now) for each in theirs if each.id not in ends]
    return {"enrolments": moved, "ended": len(ends), "passed_over": sum(passed)}


def _open(session: Session, lead_id: int) -> list[Enrolment]:
    found = list(session.exec(select(Enrolment).where(col(Enrolment.lead_id) == lead_id, col(Enrolment.ended_at).is_(None))))
    for enrolment in found:
        session.expunge(enrolment)
    return found


def _had(session: Session, lead_id: int, known: Lineage) -> Touches:
    columns: list[Any] = [col(Enrolment.track), col(Message.touch)]
    query: sa.Select[Any] = sa.select(*columns).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    had: Touches = {}
    for track, touch in session.execute(query.where(col(Message.lead_id) == lead_id, col(Message.kind) == MessageKind.TOUCH, col(Message.state).in_(WENT))):
        had.setdefault(known.track(track), set()).update(known.touch_names(track, touch))
    return had


def _pass_over(session: Session, keep: int, enrolment: Enrolment, had: Collection[str], settings: Settings, now: datetime) -> int:
    """Mark the touches `had` elsewhere as such in an open enrolment, those excepted that it told of itself; what waits of them goes no more."""
    here = col(Message.enrolment_id) == enrolment.id
    session.execute(sa.delete(Message).where(here, col(Message.touch).in_(had), is_untried()).execution_options(synchronize_session=False))
    recall(session, sa.and_(here, col(Message.touch).in_(had)), HAD_ELSEWHERE)
    told = set(session.execute(sa.select(col(Message.touch)).where(here)).scalars())
    rows = [(enrolment.id, keep, touch, HAD_ELSEWHERE) for touch in sorted(set(had) - told)]
    over = pl.DataFrame(rows, {"enrolment_id": pl.Int64, "lead_id": pl.Int64, "touch": pl.String, "reason": pl.String}, orient="row")
    return mark(session, over, enrolment.version, settings, now)
