"""`ripeline preview`: a letter as its reader will see it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.letter import Envelope, Letter, Sender
    from ripeline.playbook.playbook import Playbook
    from ripeline.settings import Settings


def preview(
    touch: Annotated[str, typer.Argument(help="A folder below templates/email/, such as case-study; or with its kind, such as handoff/card.")],
    locale: Annotated[str | None, typer.Option(help="CLDR id such as de or pt_BR. Default: the lead's, else English.")] = None,
    lead: Annotated[str | None, typer.Option(help="Write it to this lead (id or address) instead of a made-up one. Nothing is sent to the lead.")] = None,
    send: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Mail the letter to yourself through the configured channel.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where to write. Default: preview/ in the var folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print subject, locale and files as JSON.")] = False,
) -> None:
    """Write one letter from the working files: HTML, text, headers and the whole mail, by the engine that sends.

    Edit a template, run it again, look. No database is needed unless --lead is given, and nothing need be applied.
    Where the locale is not translated to the last word, the whole letter is in the fallback locale, and the command says so.
    """
    from ripeline.letter.preview import write_preview
    from ripeline.playbook.files import read_folder

    settings = screen.settings()
    files = read_folder(settings.home)
    template = touch if "/" in touch else f"email/{touch}"
    letter, because = _letter(settings, files, template, locale, lead)
    envelope = _envelope(settings, files, template, send)
    written, raw = write_preview(out or settings.var_folder / "preview", template.removeprefix("email/").replace("/", "-"), letter, envelope)
    if json:
        screen.show_json({"subject": letter.subject, "locale": letter.locale, "because": because, "files": written})
    else:
        screen.say(f"Subject: {letter.subject}\n\n{letter.text}")
        screen.say(f"in {letter.locale}: {because}")
        for what, path in written.items():
            screen.say(f"{what:<8}{path}")
    if send is not None:
        from ripeline.letter.signature import signed
        from ripeline.sweep.deliver.sender import signer_of

        _send(settings, envelope, signed(raw, signer_of(settings)))
        typer.echo(f"sent through {settings.channel}", err=True)


def _letter(settings: "Settings", files: dict[str, str], template: str, locale: str | None, named: str | None) -> "tuple[Letter, str]":
    from ripeline.letter import Links, choose_locale, complete_locales, letter_data, sample_data, write_letter
    from ripeline.links import confirm_url, unsubscribe_url

    fields = _declared(files)
    sample = sample_data(fields=fields)
    attributes = _attributes(named) if named is not None else {}
    about: dict[str, Any] = {key: sample[key] for key in ("rep", "meeting", "score", "handoff")}
    until = sample["link"]["confirm_by"]
    confirm = confirm_url(settings, 0, datetime(until.year, until.month, until.day, tzinfo=UTC))  # a request that nobody made
    links = Links(settings.links_to, unsubscribe_url(settings, attributes.get("id", 0)), confirm, until)
    wanted = locale or (attributes.get("locale") if named is not None else "en")
    chosen, because = choose_locale(wanted, attributes.get("country"), complete_locales(files, template), _fallback(files))
    asked = _asked(settings, files, template, chosen, named)
    data = letter_data(attributes or sample["lead"], _sender(settings, files, template), links, fields=fields, **asked) | about
    return write_letter(files, template, chosen, data), because


def _asked(settings: "Settings", files: dict[str, str], template: str, locale: str, named: str | None) -> dict[str, Any]:
    """Return what the letter asks about its reader: the lead named, as of now, else the made-up one. The playbook is read only where it is asked."""
    from ripeline.letter.writing import letter_asks
    from ripeline.playbook.playbook import parse_playbook
    from ripeline.playbook.telling import sample_parts

    asks = letter_asks(files, template, locale)
    if named is None and not asks.conditions and not asks.next_asset:
        return sample_parts(None, asks, locale, settings.links_to)
    playbook = parse_playbook(files)
    if named is None:
        return sample_parts(playbook, asks, locale, settings.links_to)
    return _of_lead(settings, playbook, template, locale, named)


def _of_lead(settings: "Settings", playbook: "Playbook", template: str, locale: str, named: str) -> dict[str, Any]:
    from sqlmodel import col, select

    from models import Role, Score
    from ripeline.database import database_now
    from ripeline.sweep.deliver.reader import Reader

    with screen.session(writes=False) as session:
        lead = screen.find_lead(session, named)
        market = session.exec(select(Score.market).where(col(Score.lead_id) == lead.id, col(Score.role) == Role.LIVE)).first()
        return Reader(session, playbook, lead, market, settings.links_to, database_now(session)).parts(template, locale)


def _declared(files: dict[str, str]) -> tuple[str, ...]:
    from ripeline.playbook.fields import FieldsFile
    from ripeline.playbook.finding import Finding, Unfit
    from ripeline.playbook.reading import read_toml

    findings: list[Finding] = []
    shape = read_toml("playbook/fields.toml", files.get("playbook/fields.toml", ""), FieldsFile, findings)
    if shape is None:
        raise Unfit(findings)
    return tuple(shape.lead)


def _fallback(files: dict[str, str]) -> str:
    from ripeline.decide.limits import Limits
    from ripeline.playbook.finding import Finding, Unfit
    from ripeline.playbook.reading import read_toml

    findings: list[Finding] = []
    limits = read_toml("playbook/limits.toml", files.get("playbook/limits.toml", ""), Limits, findings)
    if limits is None:
        raise Unfit(findings)
    return limits.fallback.locale


def _attributes(named: str) -> dict[str, Any]:
    with screen.session(writes=False) as session:
        found = screen.find_lead(session, named)
        return dict(found.more) | found.model_dump(exclude={"more"})


def _sender(settings: "Settings", files: dict[str, str], template: str) -> "Sender":
    """Return who writes; the sample's firm stands in for what is not set, so that a preview needs no settings."""
    from ripeline.letter import Sender, sample_data
    from ripeline.letter.writing import letter_meta

    sample, writer = sample_data()["sender"], letter_meta(files, template).sender
    return Sender(
        writer.name or settings.sender_name or sample["name"],
        writer.address or settings.sender_address or sample["address"],
        settings.company or sample["company"],
        settings.postal_address or sample["postal_address"],
    )


def _envelope(settings: "Settings", files: dict[str, str], template: str, send: str | None) -> "Envelope":
    import time
    from datetime import UTC, datetime
    from uuid import uuid4

    from ripeline.letter import Envelope
    from ripeline.letter.writing import letter_meta
    from ripeline.links import unsubscribe_url

    sender, meta = _sender(settings, files, template), letter_meta(files, template)
    domain = sender.address.rpartition("@")[2]
    return Envelope(
        from_name=sender.name,
        from_address=sender.address,
        to_address=send or "you@example.com",
        # A preview stands for no planned message: it gets an id and an hour of its own, so that no mail program hides a second one.
        mail_id=f"<preview.{uuid4().hex}@{domain}>",
        at=datetime.fromtimestamp(int(time.time()), UTC),
        reply_to=meta.reply_to or settings.reply_to,
        unsubscribe_url=unsubscribe_url(settings, 0) if meta.is_bulk else None,
        list_id=f"nurture.{domain}" if meta.is_bulk else None,
    )


def _send(settings: "Settings", envelope: "Envelope", raw: bytes) -> None:
    from ripeline.connect.channels import Accepted, Mail, channel_named
    from ripeline.connect.errors import Permanent, Temporary
    from ripeline.letter.headers import ascii_domain
    from ripeline.values import Refusal

    channel = channel_named(settings.channel, settings)
    try:
        channel.open()
        outcome = channel.submit(Mail(envelope.from_address, ascii_domain(envelope.to_address), envelope.mail_id, raw), lambda: True)
    except (Temporary, Permanent) as error:
        raise Refusal(str(error), 3) from error
    finally:
        channel.close()
    if not isinstance(outcome, Accepted):
        raise Refusal(f"the preview was not taken by {channel.place}: {getattr(outcome, 'text', 'withdrawn')}", 3)
