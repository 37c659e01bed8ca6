"""The questions put to the database about one message, or many at once. Each statement is built once: building costs more than answering."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, load_only
from sqlmodel import col

from models import (
    Consent,
    ConsentState,
    Enrolment,
    Handoff,
    Lead,
    Meeting,
    Message,
    MessageKind,
    MessageState,
    Purpose,
    Role,
    Score,
    Suppression,
    SuppressionReason,
)
from models.message import TRIED
from ripeline.sweep.suppressing import EVERYTHING, scope_of
from ripeline.zones import Whereabouts


@cache
def addresses(is_held: bool) -> sa.Select[Any]:
    """Return the lead's address key, the recipient and its key, of :message_id.

    `is_held`: only while the lease :token holds it in :state; then the lead's row is locked until the transaction ends.
    """
    columns: list[Any] = [col(Lead.address_key), col(Message.recipient), col(Message.recipient_key)]
    query: sa.Select[Any] = sa.select(*columns)
    query = query.join_from(Message, Lead, col(Message.lead_id) == col(Lead.id)).where(_named())
    if not is_held:
        return query
    held = (col(Message.lease_token) == sa.bindparam("token"), col(Message.state) == sa.bindparam("state"))
    return query.where(*held).with_for_update(of=Lead, key_share=True)


@cache
def standing() -> sa.Select[Any]:
    """Return what forbids writing about :message_id, as columns of `Standing`, given :hashes of the addresses, :now, and :renamed.

    :renamed are pairs of a scope that stops a track and another name of that track.
    """
    newest = aliased(Consent)
    is_erased = col(Lead.erased_at).is_not(None)
    query: sa.Select[Any] = sa.select(is_erased, _suppression(), col(newest.id), col(newest.state))
    return _about(query).where(_named()).outerjoin(newest, col(newest.id) == _newest_consent())


@cache
def everything() -> sa.Select[Any]:
    """Return all rows that bear on :message_id, and whether its lead has an open handoff, and the lead's market."""
    return _everything().where(_named())


@cache
def addresses_of_all() -> sa.Select[Any]:
    """Return the id, the lead's address key and the recipient's of those of :message_ids that the lease :token holds, and lock them and their leads."""
    columns: list[Any] = [col(Message.id), col(Lead.address_key), col(Message.recipient_key)]
    query: sa.Select[Any] = sa.select(*columns)
    query = query.join_from(Message, Lead, col(Message.lead_id) == col(Lead.id)).order_by(col(Lead.id), col(Message.id))
    held = (col(Message.lease_token) == sa.bindparam("token"), col(Message.state) == MessageState.CLAIMED)
    return query.where(_among(), *held).with_for_update(of=(Message, Lead), key_share=True)


@cache
def everything_of_all() -> sa.Select[Any]:
    """Return what `everything` does for each of :message_ids, and the id and state of the consent to marketing that counts as of :now.

    Of messages, leads and enrolments only what a judgement asks about: to make them costs more than to read them.
    """
    newest = aliased(Consent)
    query = _everything(col(newest.id), col(newest.state)).outerjoin(newest, col(newest.id) == _newest_consent())
    return query.where(_among()).options(*(load_only(*(getattr(table, name) for name in names)) for table, names in _JUDGED.items()))


_JUDGED: dict[Any, tuple[str, ...]] = {
    Message: (
        "id", "key", "kind", "lead_id", "recipient", "recipient_key", "enrolment_id", "handoff_id", "meeting_id", "touch", "template", "variant", "version",
        "zone", "expires_at", "attempt", "mail_id", "mail_at", "raw",
    ),
    Lead: ("id", "address", "address_key", "erased_at", "is_on_hold", *Whereabouts._fields),
    Enrolment: ("id", "version", "track", "ended_at", "ended_because"),
}  # fmt: skip


@cache
def touches_sent() -> sa.Select[Any]:
    """Return when other touches than :message_id went to :recipient_key since :since, or may have; both null for one that is just going."""
    columns: list[Any] = [col(Message.accepted_at), col(Message.in_doubt_at)]
    others = (col(Message.recipient_key) == sa.bindparam("recipient_key"), col(Message.id) != sa.bindparam("message_id"))
    return _sent(sa.select(*columns)).where(*others)


@cache
def touches_sent_to_all() -> sa.Select[Any]:
    """Return id and recipient key, and what `touches_sent` does, of all touches to one of :recipient_keys."""
    columns: list[Any] = [col(Message.id), col(Message.recipient_key), col(Message.accepted_at), col(Message.in_doubt_at)]
    keys: sa.BindParameter[Any] = sa.bindparam("recipient_keys", expanding=True)
    return _sent(sa.select(*columns)).where(col(Message.recipient_key).in_(keys))


def _sent(query: sa.Select[Any]) -> sa.Select[Any]:
    sent = sa.or_(
        sa.and_(col(Message.state) == MessageState.ACCEPTED, col(Message.accepted_at) > sa.bindparam("since")),
        sa.and_(col(Message.state) == MessageState.IN_DOUBT, col(Message.in_doubt_at) > sa.bindparam("since")),
        col(Message.state) == MessageState.SUBMITTING,
    )
    return query.where(col(Message.kind) == MessageKind.TOUCH, TRIED, sent)


def _everything(*more: Any) -> sa.Select[Any]:
    rows: list[Any] = [Message, Lead, Enrolment, Handoff, Meeting]
    query: sa.Select[Any] = sa.select(*rows, _is_handed_off(), col(Score.market), *more)
    return (
        _about(query)
        .outerjoin(Handoff, col(Handoff.id) == col(Message.handoff_id))
        .outerjoin(Meeting, col(Meeting.id) == col(Message.meeting_id))
        .outerjoin(Score, sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE))
        .execution_options(populate_existing=True)
    )


def _about(query: sa.Select[Any]) -> sa.Select[Any]:
    joined = query.select_from(Message).join(Lead, col(Lead.id) == col(Message.lead_id))
    return joined.outerjoin(Enrolment, col(Enrolment.id) == col(Message.enrolment_id))


def _named() -> sa.ColumnElement[bool]:
    return col(Message.id) == sa.bindparam("message_id")


def _among() -> sa.ColumnElement[bool]:
    ids: sa.BindParameter[Any] = sa.bindparam("message_ids", expanding=True)
    return col(Message.id).in_(ids)


def _suppression() -> sa.ScalarSelect[Any]:
    """Return why these addresses must not be written to. A rep is stopped by a bounce alone: a rep is not our lead."""
    hashes: sa.BindParameter[Any] = sa.bindparam("hashes", expanding=True)
    return (
        sa.select(col(Suppression.reason))
        .where(
            sa.or_(col(Suppression.address_hash).in_(hashes), col(Suppression.address_hash_lower).in_(hashes)),
            sa.or_(
                col(Suppression.scope) == EVERYTHING,
                col(Suppression.scope) == sa.literal(scope_of("")) + col(Enrolment.track),
                sa.tuple_(col(Suppression.scope), col(Enrolment.track)).in_(sa.bindparam("renamed", expanding=True)),
            ),
            sa.or_(col(Message.recipient) == "lead", col(Suppression.reason) == SuppressionReason.BOUNCED),
        )
        .order_by(col(Suppression.at), col(Suppression.id))
        .limit(1)
        .correlate(Enrolment, Message)
        .scalar_subquery()
    )


def _newest_consent() -> sa.ScalarSelect[Any]:
    """Return the consent to marketing that counts: the newest as of :now, or a withdrawal even where our clock is behind it."""
    counts = sa.or_(col(Consent.at) <= sa.bindparam("now"), col(Consent.state) == ConsentState.WITHDRAWN)
    return (
        sa.select(col(Consent.id))
        .where(col(Consent.lead_id) == col(Lead.id), col(Consent.purpose) == Purpose.MARKETING, counts)
        .order_by(col(Consent.at).desc(), col(Consent.id).desc())
        .limit(1)
        .correlate(Lead)
        .scalar_subquery()
    )


def _is_handed_off() -> sa.Exists:
    other = aliased(Handoff)
    return sa.exists().where(col(other.lead_id) == col(Lead.id), col(other.closed_at).is_(None)).correlate(Lead)
