"""Writing a message late: its language, its letter, its bytes. The same bytes for ever, once they were submitted (RELIABILITY I4)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from models import MessageKind
from ripeline.decide.handoff import Rep
from ripeline.letter.data import Links, Sender, letter_data
from ripeline.letter.locales import choose_locale
from ripeline.letter.meta import Meta
from ripeline.letter.mime import Envelope, to_bytes
from ripeline.letter.signature import signed
from ripeline.letter.writing import Letter, complete_locales, letter_asks, letter_meta, write_letter
from ripeline.links import confirm_url, unsubscribe_url
from ripeline.sweep.deliver.case import Case
from ripeline.sweep.deliver.reader import Reader
from ripeline.sweep.deliver.sender import sender_of, signer_of
from ripeline.sweep.deliver.tour import Tour
from ripeline.sweep.handoff.letters import calendar_for, handoff_data, rep_of
from ripeline.sweep.mail_id import mail_domain
from ripeline.zones import Zone, to_local


@dataclass(frozen=True)
class Written:
    """A message as it goes. Subject, locale and its reason are None where the bytes are an earlier submission's."""

    recipient: str
    raw: bytes
    subject: str | None = None
    locale: str | None = None
    locale_because: str | None = None


def write(tour: Tour, case: Case) -> Written:
    """Return the message written by the newest applied playbook, or the bytes of its earlier submission.

    Where this one message cannot be written, raise Refusal, which names template, line and variable, and nobody. For a channel that wants no
    letters it is empty.
    """
    rep = None if case.message.handoff_id is None else rep_of(tour.session, case.message)
    recipient = case.lead.address if case.is_to_lead or rep is None else rep.email
    if case.message.raw is not None:
        return Written(recipient, case.message.raw)
    if not tour.channel.wants_letters:
        return Written(recipient, b"")
    letter, because = _letter(tour, case, rep)
    raw = signed(to_bytes(letter, _envelope(tour, case, rep, letter)), signer_of(tour.settings))
    return Written(recipient, raw, letter.subject, letter.locale, because)


def _letter(tour: Tour, case: Case, rep: Rep | None) -> tuple[Letter, str]:
    files, message, lead = tour.playbook.files, case.message, case.lead
    have, fallback = _locales_of(tour, message.template), tour.playbook.limits.fallback.locale
    if case.is_to_lead or rep is None:
        locale, because = choose_locale(lead.locale, lead.country, have, fallback)
    else:
        locale, because = choose_locale(rep.languages[0], None, have, fallback)
    return write_letter(files, message.template, locale, _data(tour, case, locale)), because


def _locales_of(tour: Tour, template: str) -> tuple[str, ...]:
    if template not in tour.locales:
        tour.locales[template] = complete_locales(tour.playbook.files, template)
    return tour.locales[template]


def _data(tour: Tour, case: Case, locale: str) -> dict[str, Any]:
    lead, fields = case.lead, tour.playbook.fields.lead
    known = lead.model_dump(exclude={"more"}) | {name: value for name, value in lead.more.items() if name not in type(lead).model_fields}
    links = _links(tour, case)
    asks = letter_asks(tour.playbook.files, case.message.template, locale)
    reader = Reader(tour.session, tour.playbook, lead, case.market, links.site, tour.now).parts(asks, locale)
    if case.message.handoff_id is None:
        return letter_data(known, _sender(tour, case), links, fields=fields, **reader)
    return letter_data(known, _sender(tour, case), links, fields=fields, **reader, **handoff_data(tour.session, case.message, tour.playbook))


def _sender(tour: Tour, case: Case) -> Sender:
    """Return who writes: the settings' identity, under the name and address that the touch's meta.toml gives, if it does."""
    sender, writer = sender_of(tour.settings, is_sink=tour.channel.is_sink), _meta(tour, case).sender
    return replace(sender, name=writer.name or sender.name, address=writer.address or sender.address)


def _meta(tour: Tour, case: Case) -> Meta:
    return letter_meta(tour.playbook.files, case.message.template)


def _way_out(tour: Tour, case: Case) -> str | None:
    return unsubscribe_url(tour.settings, case.message.id) if case.is_to_lead else None


def _links(tour: Tour, case: Case) -> Links:
    message, plain = case.message, Links(tour.settings.links_to, _way_out(tour, case))
    if message.kind is not MessageKind.CONFIRM or message.consent_id is None or message.expires_at is None:
        return plain
    last_day = to_local(message.expires_at, Zone(message.zone)).date() - timedelta(days=1)
    return replace(plain, confirm=confirm_url(tour.settings, message.consent_id, message.expires_at), confirm_by=last_day)


def _envelope(tour: Tour, case: Case, rep: Rep | None, letter: Letter) -> Envelope:
    settings, message = tour.settings, case.message
    sender = _sender(tour, case)
    plain = Envelope(
        from_name=sender.name,
        from_address=sender.address,
        to_address=case.lead.address,
        to_name=" ".join(part for part in (case.lead.first_name, case.lead.last_name) if part),
        mail_id=message.mail_id,
        at=tour.now,
        reply_to=_meta(tour, case).reply_to or settings.reply_to,
        unsubscribe_url=_way_out(tour, case),
    )
    if message.kind is MessageKind.CONFIRM:
        return replace(plain, is_automatic=True)
    if rep is None:
        return replace(plain, list_id=f"nurture.{mail_domain(settings)}")
    if not case.is_to_lead:
        return _with_calendar(tour, case, letter, replace(plain, to_address=rep.email, to_name=rep.name, is_automatic=True))
    # The invite speaks for the rep: answers, and other times that suit better, must reach the rep.
    return _with_calendar(tour, case, letter, replace(plain, from_name=rep.name, reply_to=rep.email))


def _with_calendar(tour: Tour, case: Case, letter: Letter, envelope: Envelope) -> Envelope:
    if case.message.kind is not MessageKind.INVITE:
        return envelope
    calendar, method = calendar_for(tour.session, case.message, letter, envelope.from_address)
    return replace(envelope, calendar=calendar, calendar_method=method)
