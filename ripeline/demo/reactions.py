"""How made-up people answer: some click, a few unsubscribe, reps take leads or give them back. Who does is fixed by a hash."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Handoff, HandoffState, Lead, Message, MessageKind, MessageState

CLICKS, UNSUBSCRIBES, REPLIES = 0.16, 0.006, 0.01
ACCEPTS, REJECTS, BOOKS = 0.55, 0.80, 0.35
PAGES = {"pricing-overview": "/pricing", "compare-options": "/pricing", "product-tour": "/product", "case-study": "/customers", "customer-story": "/customers"}
REASONS = ("no budget this year", "wrong person", "already a customer of a partner")


def reactions(session: Session, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """Yield what people did about mails and hand-offs of the time from `since` to `until` (aware, UTC), as rows of an events file."""
    yield from _of_readers(session, since, until)
    yield from _of_reps(session, since, until)


def _of_readers(session: Session, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(col(Message.key), col(Message.touch), col(Message.accepted_at), col(Lead.address))
        .join_from(Message, Lead, col(Lead.id) == col(Message.lead_id))
        .where(col(Message.kind) == MessageKind.TOUCH, col(Message.state) == MessageState.ACCEPTED)
        .where(col(Message.accepted_at) >= since, col(Message.accepted_at) < until)
        .order_by(col(Message.accepted_at), col(Message.key))
    )
    for key, touch, accepted_at, address in session.execute(query):
        yield from _answer(key, touch, accepted_at + timedelta(minutes=3 + 90 * _chance(key, "when")), address)


def _answer(key: str, touch: str, at: datetime, address: str) -> Iterator[dict[str, Any]]:
    if _chance(key, "unsubscribe") < UNSUBSCRIBES:
        yield _row(address, "unsubscribed", at, key, touch=touch)
    elif _chance(key, "reply") < REPLIES:
        yield _row(address, "mail_replied", at, key, touch=touch)
    elif _chance(key, "click") < CLICKS:
        path = PAGES.get(touch, "/product")
        yield _row(address, "mail_clicked", at, key, touch=touch, path=path)
        yield _row(address, "page_viewed", at + timedelta(seconds=4), key, path=path, seconds=20 + round(200 * _chance(key, "reading")))


def _of_reps(session: Session, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """Yield verdicts on hand-offs offered a day before: a rep sleeps over it."""
    yesterday = timedelta(days=1)
    query = (
        sa.select(col(Handoff.id), col(Handoff.offered_at), col(Lead.address))
        .join_from(Handoff, Lead, col(Lead.id) == col(Handoff.lead_id))
        .where(col(Handoff.state) == HandoffState.OFFERED, col(Handoff.offered_at) >= since - yesterday, col(Handoff.offered_at) < until - yesterday)
        .order_by(col(Handoff.id))
    )
    for number, offered_at, address in session.execute(query):
        yield from _verdict(str(number), offered_at + yesterday, address)


def _verdict(number: str, at: datetime, address: str) -> Iterator[dict[str, Any]]:
    said = _chance(number, "verdict")
    if said < ACCEPTS:
        yield _row(address, "handoff_accepted", at, number, form=number)
        if _chance(number, "booked") < BOOKS:
            yield _row(address, "meeting_booked", at + timedelta(minutes=20), number)
    elif said < REJECTS:
        yield _row(address, "handoff_rejected", at, number, form=number, reason=REASONS[int(_chance(number, "reason") * len(REASONS))])


def _row(address: str, kind: str, at: datetime, key: str, **properties: Any) -> dict[str, Any]:
    return {"lead": address, "kind": kind, "at": at.isoformat(timespec="seconds"), "id": f"{kind}:{key}", **properties}


def _chance(key: str, what: str) -> float:
    """Return a number from 0 up to but not including 1 that is always the same for the same key."""
    digest = hashlib.blake2b(f"{what}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
