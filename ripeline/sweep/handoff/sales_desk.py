"""Sales as it stands: who has how much, who is where, and which hours of theirs are taken."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, HandoffState, Meeting
from ripeline.decide.handoff import Rep
from ripeline.decide.route import RECENT, Desk, Load
from ripeline.decide.workdays import Interval
from ripeline.sweep.handoff.closing import STANDING_MEETINGS
from ripeline.sweep.handoff.judged_by import JudgedBy
from ripeline.sweep.handoff.lives import rep_today


class SalesDesk:
    """Read once a batch; what the batch hands out is added as it goes."""

    def __init__(self, session: Session, by: JudgedBy) -> None:
        self._by = by
        self._open = Counter(_counts(session, col(Handoff.state) == HandoffState.OFFERED))
        self._recent = Counter(_counts(session, col(Handoff.offered_at) > by.now - RECENT))
        self._taken = _taken(session, by)

    def as_it_stands(self) -> Desk:
        """Return what routing judges by."""
        loads = {name: Load(self._open[name], self._recent[name]) for name in self._open | self._recent}
        return Desk(self._by.playbook.handoff.reps, lambda rep: rep_today(rep, self._by), loads)

    def taken(self, rep: Rep) -> list[Interval]:
        """Return when a rep has meetings of ours already."""
        return self._taken[rep.name]

    def give(self, rep: Rep) -> None:
        """Count one more handoff for a rep."""
        self._open[rep.name] += 1
        self._recent[rep.name] += 1

    def book(self, rep: Rep, meeting: Interval) -> None:
        """Take an interval of a rep."""
        self._taken[rep.name].append(meeting)


def _counts(session: Session, which: sa.ColumnElement[bool]) -> Mapping[str, int]:
    query = sa.select(col(Handoff.rep), sa.func.count()).where(which, col(Handoff.rep).is_not(None)).group_by(col(Handoff.rep))
    return {name: count for name, count in session.execute(query)}  # noqa: C416  (rows are no pairs to mypy)


def _taken(session: Session, by: JudgedBy) -> defaultdict[str, list[Interval]]:
    query = sa.select(col(Meeting.rep), col(Meeting.starts_at), col(Meeting.ends_at))
    taken: defaultdict[str, list[Interval]] = defaultdict(list)
    for rep, starts_at, ends_at in session.execute(query.where(col(Meeting.state).in_(STANDING_MEETINGS), col(Meeting.ends_at) > by.now)).all():
        taken[rep].append((starts_at, ends_at))
    return taken
