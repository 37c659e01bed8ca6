"""The attributes of two leads as those of one, by the law of every import: the newer word counts, and a missing one never erases."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models import AttributeChange, Lead
from ripeline.sweep.ingest.merging import Change
from ripeline.sweep.ingest.standing import as_known, write


def learn_attributes(session: Session, kept: Lead, gone: Lead, now: datetime) -> int:
    """Tell the kept lead what the other one says, in the caller's transaction; return how many attributes changed by that.

    A value comes with the changes that led to it, as far as they are newer than the kept lead's own: a change of employer stays one.
    """
    known, told = as_known(kept), as_known(gone)
    known.learn(told.facts, told.updated_at, lambda title: None)
    learned, mine, theirs = list(known.changes), _history(session, kept), _history(session, gone)
    known.changes = [step for change in learned for step in _steps(change, _of(mine, change), _of(theirs, change))]
    write(session, [known], now)
    session.expire(kept)
    return len(learned)


def _history(session: Session, lead: Lead) -> Sequence[AttributeChange]:
    query = select(AttributeChange).where(col(AttributeChange.lead_id) == lead.id)
    return session.exec(query.order_by(col(AttributeChange.at), col(AttributeChange.id))).all()


def _of(changes: Sequence[AttributeChange], change: Change) -> list[AttributeChange]:
    return [each for each in changes if each.attribute == change.attribute]


def _steps(change: Change, mine: Sequence[AttributeChange], theirs: Sequence[AttributeChange]) -> list[Change]:
    """Return the steps by which the other lead came to its value; the first one leads away from the value that the kept lead had.

    None is older than what the kept lead's own history says, so that turning back gives what was known of it.
    """
    newer = [each for each in theirs if not mine or each.at > mine[-1].at]
    olds = [change.old, *(each.new for each in newer)]
    return [Change(each.attribute, old, each.new, each.at) for each, old in zip(newer, olds, strict=False)] or [change]
