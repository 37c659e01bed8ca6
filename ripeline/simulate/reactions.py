"""What people do about what they got: readers answer mails, reps answer hand-offs. Each is drawn by its own key, whatever the order."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Handoff, HandoffState, Lead, Message, MessageKind
from ripeline.simulate.chance import Chance
from ripeline.simulate.rates import Rates, first_of
from ripeline.simulate.visits import SOURCE, Visitors
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.ingest.record import NewEvent, record_events
from ripeline.sweep.unsubscribe import Reader, take_off

SOONEST, LATEST = timedelta(minutes=2), timedelta(days=2)
"""Mails are answered between these, half of the answers within an hour: the delay's logarithm is spread evenly."""

REP_SOONEST, REP_LATEST = timedelta(hours=1), timedelta(days=3)
BOOKS_AFTER = timedelta(minutes=20)
ANSWERS = ("unsubscribed", "mail_replied", "mail_clicked", "mail_opened")
"""One mail gets one of these at most, the rarest first."""


@dataclass
class Reactions:
    """What people will do, the next first."""

    rates: Rates
    visitors: Visitors
    chance: Chance
    pepper: bytes
    _waiting: list[tuple[datetime, str, NewEvent]] = field(default_factory=list)

    @property
    def next_at(self) -> datetime | None:
        """Return when somebody acts next; None: nobody will."""
        return self._waiting[0][0] if self._waiting else None

    def to_mails(self, session: Session, mail_ids: Sequence[str], now: datetime) -> None:
        """Draw what the readers of these mails, which went out at `now`, will do."""
        columns: list[Any] = [col(Message.id), col(Message.lead_id), col(Message.touch), col(Enrolment.track)]
        query = sa.select(*columns).outerjoin(Enrolment, col(Enrolment.id) == col(Message.enrolment_id)).where(col(Message.kind) == MessageKind.TOUCH)
        for message_id, lead_id, touch, track in session.execute(query.where(is_one_of(session, col(Message.mail_id), mail_ids))):
            self._answer(message_id, lead_id, touch, f"{lead_id}:{track}:{touch}:{now:%Y%m%dT%H%M}", now)

    def to_handoffs(self, session: Session, now: datetime) -> None:
        """Draw how reps will answer what was offered to them at `now`."""
        query = sa.select(col(Handoff.id), col(Handoff.lead_id), col(Handoff.cycle)).where(col(Handoff.state) == HandoffState.OFFERED)
        for handoff_id, lead_id, cycle in session.execute(query.where(col(Handoff.offered_at) == now)):
            self._verdict(handoff_id, lead_id, f"{lead_id}:{cycle}", now)

    def record(self, session: Session, now: datetime) -> int:
        """Write down what has happened up to `now` and return how much that was; commits."""
        happened = []
        while self._waiting and self._waiting[0][0] <= now:
            happened.append(heapq.heappop(self._waiting)[2])
        record_events(session, [event for event in happened if event.kind != "unsubscribed"], now)
        session.commit()
        for event in happened:
            if event.kind == "unsubscribed":
                take_off(session, _reader(session, event), now=now, pepper=self.pepper)
        return len(happened)

    def _answer(self, message_id: UUID, lead_id: int, touch: str, key: str, sent_at: datetime) -> None:
        kind = first_of(self.chance.at(key, "answer"), ((kind, self.rates.of_touch(touch, kind)) for kind in ANSWERS))
        if kind is None:
            return
        at = sent_at + _delay(self.chance.at(key, "delay"), SOONEST, LATEST)
        self._push(NewEvent(lead_id, kind, at, SOURCE, f"{kind}:{key}", {"touch": touch}, message_id=message_id))
        if kind == "mail_clicked":
            self._visit(lead_id, key, at)

    def _visit(self, lead_id: int, key: str, at: datetime) -> None:
        for number, (after, kind, properties) in enumerate(self.visitors.holds(self.chance.at(key, "visit"))):
            self._push(NewEvent(lead_id, kind, at + after + timedelta(seconds=4), SOURCE, f"after click:{key}:{number}", properties))

    def _verdict(self, handoff_id: int, lead_id: int, key: str, offered_at: datetime) -> None:
        said = first_of(self.chance.at(key, "verdict"), ((kind, rate.value) for kind, rate in self.rates.verdicts.items()))
        if said is None:
            return
        at = offered_at + _delay(self.chance.at(key, "sleeps over it"), REP_SOONEST, REP_LATEST)
        reason = {"reason": "simulated"} if said == "handoff_rejected" else {}
        self._push(NewEvent(lead_id, said, at, SOURCE, f"{said}:{key}", {"form": str(handoff_id)} | reason))
        if said == "handoff_accepted" and self.chance.at(key, "books") < self.rates.booked.value:
            self._push(NewEvent(lead_id, "meeting_booked", at + BOOKS_AFTER, SOURCE, f"meeting_booked:{key}"))

    def _push(self, event: NewEvent) -> None:
        heapq.heappush(self._waiting, (event.at, event.source_id, event))


def _reader(session: Session, event: NewEvent) -> Reader:
    return Reader(session.get_one(Lead, event.lead), session.get(Message, event.message_id))


def _delay(draw: float, soonest: timedelta, latest: timedelta) -> timedelta:
    ratio: float = (latest / soonest) ** draw
    return soonest * ratio
