"""Asking those who asked for our mail to confirm it: one letter a request, at once, whatever the hour; they are waiting for it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Consent, ConsentState, Lead, Message, MessageKind, Purpose
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.bulk import insert_new
from ripeline.sweep.living import whereabouts_of, zone_for
from ripeline.sweep.mail_id import mail_id
from ripeline.sweep.opt_in import confirm_key
from ripeline.values import Tally, message_id
from ripeline.zones import database_version, to_local, to_utc

TEMPLATE = "email/welcome-confirm"


def unasked(playbook: Playbook, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition on Consent: the lead's newest to marketing waits for its confirmation, still may get it, and no letter asks for it yet."""
    newer = aliased(Consent)
    later = sa.or_(col(newer.at) > col(Consent.at), sa.and_(col(newer.at) == col(Consent.at), col(newer.id) > col(Consent.id)))
    is_overtaken = sa.exists().where(col(newer.lead_id) == col(Consent.lead_id), col(newer.purpose) == Purpose.MARKETING, later, col(newer.at) <= now)
    key = sa.literal(confirm_key(0)[:-1]) + sa.cast(col(Consent.id), sa.String())
    is_asked = sa.exists().where(col(Message.key) == key)
    in_time = (col(Consent.at) <= now, col(Consent.at) > now - playbook.limits.opt_in.within.span)
    return sa.and_(col(Consent.purpose) == Purpose.MARKETING, col(Consent.state) == ConsentState.PENDING, *in_time, sa.not_(is_overtaken), sa.not_(is_asked))


def ask_to_confirm(session: Session, ids: range, playbook: Playbook, settings: Settings, now: datetime) -> Tally:
    """Plan the letters that ask leads among `ids` to confirm, in the caller's transaction; return how many."""
    query = sa.select(Consent, Lead).join(Lead, col(Lead.id) == col(Consent.lead_id)).where(unasked(playbook, now), col(Lead.erased_at).is_(None))
    found = session.execute(query.where(col(Consent.lead_id) >= ids.start, col(Consent.lead_id) < ids.stop).order_by(col(Consent.id))).all()
    letters = [_letter(consent, lead, playbook, settings, now).model_dump() for consent, lead in found]
    return Tally.of(to_confirm=len(insert_new(session, Message, letters, returning=[col(Message.id)])))


def _letter(consent: Consent, lead: Lead, playbook: Playbook, settings: Settings, now: datetime) -> Message:
    assert consent.id is not None, "a stored row"
    key, zone = confirm_key(consent.id), zone_for(whereabouts_of(lead), playbook)
    identity, local_at = message_id(key), to_local(now, zone)
    return Message(
        id=identity, key=key, kind=MessageKind.CONFIRM, lead_id=consent.lead_id, recipient_key=lead.address_key, template=TEMPLATE, version=playbook.hash,
        rule="at once: the lead asked for it", local_at=local_at.isoformat(timespec="seconds"), zone=zone.name, zone_source=zone.source,
        resolution=to_utc(local_at, zone).resolution, zone_database=database_version(), due_at=now, consent_id=consent.id,
        expires_at=consent.at + playbook.limits.opt_in.within.span, mail_id=mail_id(settings, identity), planned_at=now,
    )  # fmt: skip
