"""Moving what is planned: a lead who changed its zone, or the date a touch hangs on, and a zone database that changed its mind.

What a worker holds stays as it is.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Lead, Message, MessageState
from ripeline.decide.timing import midnight
from ripeline.decide.touch import Touch
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk import is_one_of_ids
from ripeline.sweep.living import whereabouts_of, zone_for
from ripeline.sweep.schedule.due import WAITING, Held, may_move
from ripeline.sweep.schedule.gather import Found, Whose, gather
from ripeline.sweep.schedule.planning import AS_IT_WAITS, planned_anew
from ripeline.sweep.schedule.record import told
from ripeline.sweep.schedule.timings import pinned_track
from ripeline.values import Tally
from ripeline.zones import Zone, database_version, to_local, to_utc

Waiting = tuple[Message, Touch, Zone]
"""A message that may move, its touch, and the zone that its lead lives in by now."""


def move(session: Session, held: Held, playbook: Playbook, now: datetime, pepper: bytes, inferred: pl.DataFrame) -> Tally:
    """Move the touches of these leads that hang on a zone or a date that changed; return how many moved and how many were resolved anew.

    inferred: the zones that this transaction knows better than the bulk reads, by `lead_id`.
    """
    tally, moving = Tally(), list[Waiting]()
    for message, lead, track, entered_by in session.execute(stale(held)).all():
        zone = zone_for(whereabouts_of(lead), playbook)
        position = (bound := pinned_track(session, (entered_by, track), playbook)).position(message.touch)
        _confirm(session, message, now)
        if position is not None and (zone.name != message.zone or _goes_by_date(message, bound.touches[position], now)):
            moving.append((message, bound.touches[position], zone))
        else:
            tally += _by_new_database(session, message, zone)
    return tally + (_move(session, moving, playbook, now, pepper, inferred) if moving else Tally())


def stale(held: Held) -> sa.Select[Any]:
    """Select the touches of these leads that may move, each with its lead, its track and version."""
    columns: list[Any] = [Message, Lead, col(Enrolment.track), col(Enrolment.version)]
    query: sa.Select[Any] = sa.select(*columns)
    joined = query.join(Lead, col(Lead.id) == col(Message.lead_id)).join(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))
    return joined.where(may_move(), held.are(col(Message.lead_id)), col(Lead.erased_at).is_(None), col(Enrolment.ended_at).is_(None)).order_by(col(Message.id))


def _goes_by_date(message: Message, touch: Touch, now: datetime) -> bool:
    return touch.on is not None and message.due_at > now


def _move(session: Session, moving: Collection[Waiting], playbook: Playbook, now: datetime, pepper: bytes, inferred: pl.DataFrame) -> Tally:
    """Plan the touches anew, as if they did not wait: by its date what goes by one, the others for the same local date in the new zone."""
    waiting = pl.DataFrame([_as_it_waits(*each, now) for each in moving], schema=AS_IT_WAITS, orient="row")
    found = _around(session, moving, playbook, now, pepper, inferred)
    anew = {row["enrolment_id"]: row for row in told(planned_anew(found, waiting, playbook, now)).iter_rows(named=True)}
    tally = Tally()
    for message, _, zone in moving:
        row = anew.get(message.enrolment_id)
        tally += _by_new_database(session, message, zone) if row is None else _write_anew(session, message, zone, row)
    return tally


def _as_it_waits(message: Message, touch: Touch, zone: Zone, now: datetime) -> tuple[Any, ...]:
    """Return a row of AS_IT_WAITS. It expires so long after the date on which it could first have gone, which a cap may have put off."""
    at: tuple[datetime | None, ...] = (None, None)
    if not _goes_by_date(message, touch, now):
        day = datetime.fromisoformat(message.local_at).date()
        first = to_local(message.expires_at - touch.expires.span, Zone(message.zone)).date() if message.expires_at and touch.expires else day
        at = (midnight(min(first, day), zone.name), midnight(day, zone.name))
    return message.enrolment_id, message.touch, message.rule, message.zone, message.due_at, *at


def _around(session: Session, moving: Collection[Waiting], playbook: Playbook, now: datetime, pepper: bytes, inferred: pl.DataFrame) -> Found:
    """Return what there is to know of those who wait, as if what may move were not there."""
    engine, leads = session.get_bind().engine, sorted({message.lead_id for message, *_ in moving})
    enrolments = pl.Series([message.enrolment_id for message, *_ in moving])
    absent = sa.and_(is_one_of_ids(engine, col(Message.enrolment_id), enrolments), col(Message.state).in_(WAITING))
    whose = Whose(col(Lead.erased_at).is_(None), is_one_of_ids(engine, col(Enrolment.id), enrolments), absent)
    return gather(session, range(leads[0], leads[-1] + 1), playbook, now, pepper, whose, inferred=inferred)


def _write_anew(session: Session, message: Message, zone: Zone, row: dict[str, Any]) -> Tally:
    """Write down what was planned anew; where its day is gone, or it would come too late, call it off."""
    if row["is_expired"]:
        return Tally.of(expired=_write(session, message, zone, message.due_at, state=MessageState.CANCELLED, reason=row["reason"]))
    if row["due_at"] is None:
        return Tally.of(never_opens=1)
    rule = row["rule"] if row["first_at"] is None else f"{row['rule']}; moved with the lead from {message.zone}"
    reason = row["reason"] if message.state is MessageState.SCHEDULED else message.reason
    values = {"rule": rule, "reason": reason, "zone_source": zone.source, "expires_at": row["expires_at"]}
    return Tally.of(moved=_write(session, message, zone, row["due_at"], **values))


def _confirm(session: Session, message: Message, now: datetime) -> None:
    """Remember that the plan was looked at by what is known of the lead now."""
    session.execute(sa.update(Message).where(col(Message.id) == message.id).values(planned_at=now).execution_options(synchronize_session=False))


def _by_new_database(session: Session, message: Message, zone: Zone) -> Tally:
    """Resolve the wall time again where another zone, or another database, means another instant. A touch that was put off keeps the one it waits for."""
    if (message.zone, message.zone_database) == (zone.name, database_version()):
        return Tally()
    resolved = to_utc(datetime.fromisoformat(message.local_at), zone)
    due_at = resolved.at if message.state is MessageState.SCHEDULED else message.due_at
    return Tally.of(resolved_anew=_write(session, message, zone, due_at))


def _write(session: Session, message: Message, zone: Zone, due_at: datetime, **values: Any) -> int:
    local_at = to_local(due_at, zone)
    held = sa.update(Message).where(col(Message.id) == message.id, _is_untouched(message))
    resolved = {
        "due_at": due_at, "local_at": local_at.isoformat(timespec="seconds"), "zone": zone.name, "resolution": to_utc(local_at, zone).resolution,
        "zone_database": database_version(),
    }  # fmt: skip
    return int(session.execute(held.values(resolved | values).execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _is_untouched(message: Message) -> sa.ColumnElement[bool]:
    """Return the condition that nobody took the message up since it was read."""
    return sa.and_(col(Message.state) == message.state, col(Message.due_at) == message.due_at)
