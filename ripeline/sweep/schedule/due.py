"""Whom the sweep must look at: leads in a track for whom nothing is planned, leads whose plan hangs on a zone that changed, and requests to confirm."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import LIVE_STATES, Consent, Enrolment, Handoff, Lead, Message, MessageKind, MessageState
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.ahead import slices
from ripeline.sweep.bulk import is_one_of_ids, is_sqlite
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.news import batches
from ripeline.sweep.schedule.confirming import unasked
from ripeline.zones import database_version

WAITING = (MessageState.SCHEDULED, MessageState.DEFERRED)

SAMPLED = 50
"""One lead in so many, the first of a range, tells whether most of it is due; a wrong guess costs time and nothing else."""


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int) -> list[range]:
    """Return half-open ranges of the ids of leads to look at, `batch_size` of them each."""
    asking = sa.select(col(Consent.lead_id)).where(unasked(playbook, now))
    wanted: sa.Select[Any] = sa.select(col(Lead.id)).where(sa.or_(is_due(), col(Lead.id).in_(asking))).order_by(col(Lead.id))
    return batches(read_bulk(session.get_bind().engine, wanted, {"id": pl.Int64()})["id"], batch_size)


def is_due() -> sa.ColumnElement[bool]:
    """Return the condition on Lead."""
    unplanned = sa.select(col(Enrolment.id)).where(col(Enrolment.lead_id) == col(Lead.id), is_unplanned()).correlate(Lead).exists()
    moving = sa.select(col(Message.id)).where(col(Message.lead_id) == col(Lead.id), may_move()).correlate(Lead).exists()
    return sa.and_(col(Lead.erased_at).is_(None), sa.or_(sa.and_(unplanned, is_free()), moving))


def is_unplanned() -> sa.ColumnElement[bool]:
    """Return the condition on Enrolment: open, with touches left, and none of them on its way."""
    return sa.and_(col(Enrolment.ended_at).is_(None), col(Enrolment.exhausted_at).is_(None), sa.not_(is_on_its_way()))


def is_on_its_way(absent: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[bool]:
    """Return the condition on Enrolment that a touch of it is planned, or held by a worker; `absent` messages do not count."""
    live = sa.select(col(Message.id)).where(col(Message.enrolment_id) == col(Enrolment.id), col(Message.state).in_(LIVE_STATES))
    return (live if absent is None else live.where(sa.not_(absent))).correlate(Enrolment).exists()


def is_untried() -> sa.ColumnElement[bool]:
    """Return the condition on Message: a touch that waits, and that no server ever saw."""
    return sa.and_(col(Message.kind) == MessageKind.TOUCH, col(Message.state).in_(WAITING), col(Message.mail_at).is_(None))


def is_free() -> sa.ColumnElement[bool]:
    """Return the condition on Lead: neither on hold nor with sales."""
    handed_off = sa.select(col(Handoff.id)).where(col(Handoff.lead_id) == col(Lead.id), col(Handoff.closed_at).is_(None)).correlate(Lead).exists()
    return sa.and_(col(Lead.is_on_hold).is_(False), sa.not_(handed_off))


def may_move() -> sa.ColumnElement[bool]:
    """Return the condition on Message, beside Lead: a touch that waits, planned by another zone database or before the lead's facts changed.

    It asks of the state by a function, lest SQLite take the index by state: then all that wait would be looked at for every batch.
    """
    is_waiting = sa.func.coalesce(col(Message.state), "").in_(WAITING)
    is_stale = sa.or_(col(Message.zone_database) != database_version(), col(Lead.updated_at) > col(Message.planned_at))
    return sa.and_(col(Message.kind) == MessageKind.TOUCH, is_waiting, is_stale)


@dataclass(frozen=True)
class Held:
    """The due leads among `ids` that a transaction holds, about `count` of them. listed: their ids; None: they are most of the range."""

    engine: sa.Engine
    ids: range
    count: int
    listed: pl.Series | None = None

    def are(self, column: Any) -> sa.ColumnElement[bool]:
        """Return the condition that `column`, the id of a lead, is one of theirs, or of the others in the range, where these are few."""
        if self.listed is not None:
            return is_one_of_ids(self.engine, column, self.listed)
        within: sa.ColumnElement[bool] = column.between(self.ids.start, self.ids.stop - 1)
        return within

    def are_due(self) -> sa.ColumnElement[bool]:
        """Return the condition on Lead that it is one of these. Who was found due is not asked again: each asking looks through their past."""
        return self.are(col(Lead.id)) if self.listed is not None else sa.and_(self.are(col(Lead.id)), is_due())

    def parts(self) -> Iterator["Held"]:
        """Give them slice by slice. Of a range, what is not due counts, too."""
        for part in slices(len(self.ids if self.listed is None else self.listed)):
            if self.listed is None:
                yield Held(self.engine, self.ids[part], len(self.ids[part]))
            else:
                some = self.listed[part]
                yield Held(self.engine, range(some[0], some[-1] + 1), len(some), some)


def lock(session: Session, ids: range) -> Held:
    """Hold the due leads among `ids` until the transaction ends, so that a second sweep waits and then finds them planned; return them.

    SQLite, which holds its one file and no rows, need not look at them all: where most of the first ones are due, all are read as if they were.
    """
    engine, most = session.get_bind().engine, len(ids) // 2
    if is_sqlite(session) and _are_mostly_due(session, ids[: len(ids) // SAMPLED]):
        return Held(engine, ids, len(ids))
    wanted = _due_among(ids) if is_sqlite(session) else _due_among(ids).with_for_update(of=Lead, key_share=True)
    found = session.connection().execute(wanted).scalars().all()
    return Held(engine, ids, len(found), pl.Series(found, dtype=pl.Int64()) if len(found) <= most else None)


def _are_mostly_due(session: Session, ids: range) -> bool:
    return len(session.connection().execute(_due_among(ids)).all()) * 2 > len(ids)


def _due_among(ids: range) -> sa.Select[Any]:
    query: sa.Select[Any] = sa.select(col(Lead.id))
    return query.where(col(Lead.id) >= ids.start, col(Lead.id) < ids.stop, is_due()).order_by(col(Lead.id))
