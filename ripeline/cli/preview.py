"""`ripeline preview`: a letter as its reader will see it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.letter import Envelope, Letter, Sender
    from ripeline.letter.version import Asks
    from ripeline.letter.workshop import Workshop
    from ripeline.playbook.playbook import Playbook
    from ripeline.settings import Settings


def preview(
    touch: Annotated[str | None, typer.Argument(help="A folder below templates/email/, such as case-study; or with its kind, such as handoff/card.")] = None,
    locale: Annotated[str | None, typer.Option(help="CLDR id such as de or pt_BR. Default: the lead's, else English.")] = None,
    lead: Annotated[str | None, typer.Option(help="Write it to this lead (id or address) instead of a made-up one. Nothing is sent to the lead.")] = None,
    send: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Mail the letter to yourself through the configured channel.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where to write. Default: preview/ in the var folder.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Write every letter in every locale (or in --locale), and one contact sheet of them.")] = False,
    browser: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open what was written in the browser. Default: where somebody sits before a screen.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print subject, locale and files as JSON.")] = False,
) -> None:
    """Write one letter from the working files: HTML, text, headers and the whole mail, by the engine that sends.

    Edit a template, run it again, look. No database is needed unless --lead is given, and nothing need be applied.
    Where the locale is not translated to the last word, the whole letter is in the fallback locale, and the command says so.
    Example: `ripeline preview case-study --locale ja`, or `ripeline preview --all` for the whole at a glance.
    """
    from ripeline.letter.preview import write_preview
    from ripeline.playbook.files import read_folder
    from ripeline.values import Refusal

    settings = screen.settings()
    files = read_folder(settings.home)
    opens = browser if browser is not None else not json and _is_looked_at()
    if every:
        sheet = _all(settings, files, locale, out or settings.var_folder / "preview")
        screen.show_json({"sheet": sheet}) if json else screen.say(f"sheet   {sheet}")
        _open(sheet, opens)
        return
    if touch is None:
        raise Refusal("which letter? `ripeline preview case-study`, or `ripeline preview --all` for every one")
    if send is not None and not settings.lets_through(send):
        raise Refusal(f"RIPELINE_ONLY_TO lets mail go to {settings.only_to} alone: give --send an address there, or lift it")
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
    _open(written["html"], opens)
    if send is not None:
        from ripeline.letter.signature import signed
        from ripeline.sweep.deliver.sender import signer_of

        _send(settings, envelope, signed(raw, signer_of(settings)))
        typer.echo(f"sent through {settings.channel}", err=True)


def _open(file: Path, wanted: bool) -> None:
    import webbrowser

    if wanted and not webbrowser.open(file.resolve().as_uri()):
        typer.echo(f"no browser is there: open {file} yourself", err=True)


def _is_looked_at() -> bool:
    """Tell whether a person waits at a terminal beside a screen: on a server a browser of text would take the terminal over."""
    import os
    import sys

    has_screen = sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return sys.stdout.isatty() and has_screen


def _all(settings: "Settings", files: dict[str, str], locale: str | None, folder: Path) -> Path:
    """Write every letter and the sheet; return the sheet."""
    import os

    from ripeline.letter.catalogue import locales_in
    from ripeline.letter.folder import templates_in
    from ripeline.letter.preview import write_sheet
    from ripeline.letter.workshop import Workshop

    with Workshop(files, processes=len(os.sched_getaffinity(0))) as workshop, screen.progress("letters") as progress:
        complete = {template: workshop.locales(template) for template in templates_in(files) if not template.startswith("web/")}
        wanted = {template: [each for each in locales if locale in (None, each)] for template, locales in complete.items()}
        orders = [(template, each, _data(settings, files, workshop, template, each, None)) for template, locales in wanted.items() for each in locales]
        letters = {}
        for done, (stop, letter) in enumerate(workshop.letters(orders), start=1):
            letters[stop] = letter
            progress(done, len(orders))
    missing = {template: sorted(set(locales_in(files)) - set(locales)) for template, locales in complete.items()}
    return write_sheet(folder, letters, missing)


def _letter(settings: "Settings", files: dict[str, str], template: str, locale: str | None, named: str | None) -> "tuple[Letter, str]":
    from ripeline.letter import choose_locale
    from ripeline.letter.workshop import Workshop

    with Workshop(files) as workshop:
        attributes = _attributes(named) if named is not None else {}
        wanted = locale or (attributes.get("locale") if named is not None else "en")
        chosen, because = choose_locale(wanted, attributes.get("country"), workshop.locales(template), _fallback(files))
        because = "as asked" if chosen == locale else because
        return workshop.letter(template, chosen, _data(settings, files, workshop, template, chosen, named)), because


def _data(settings: "Settings", files: dict[str, str], workshop: "Workshop", template: str, locale: str, named: str | None) -> dict[str, Any]:
    from ripeline.letter import Links, letter_data, sample_data
    from ripeline.links import confirm_url, unsubscribe_url
    from ripeline.playbook.telling import declared_fields

    fields = declared_fields(files)
    sample = sample_data(fields=fields)
    attributes = _attributes(named) if named is not None else {}
    about: dict[str, Any] = {key: sample[key] for key in ("rep", "meeting", "score", "handoff")}
    until = sample["link"]["confirm_by"]
    confirm = confirm_url(settings, 0, datetime(until.year, until.month, until.day, tzinfo=UTC))  # a request that nobody made
    links = Links(settings.links_to, unsubscribe_url(settings, attributes.get("id", 0)), confirm, until)
    asked = _asked(settings, files, workshop.asks(template, locale), locale, named)
    return letter_data(attributes or sample["lead"], _sender(settings, files, template), links, fields=fields, **asked) | about


def _asked(settings: "Settings", files: dict[str, str], asks: "Asks", locale: str, named: str | None) -> dict[str, Any]:
    """Return what the letter asks about its reader: the lead named, as of now, else the made-up one. The playbook is read only where it is asked."""
    from ripeline.playbook.playbook import parse_playbook
    from ripeline.playbook.telling import sample_parts

    if named is None and not asks.conditions and not asks.next_asset:
        return sample_parts(None, asks, locale, settings.links_to)
    playbook = parse_playbook(files)
    if named is None:
        return sample_parts(playbook, asks, locale, settings.links_to)
    return _of_lead(settings, playbook, asks, locale, named)


def _of_lead(settings: "Settings", playbook: "Playbook", asks: "Asks", locale: str, named: str) -> dict[str, Any]:
    from sqlmodel import col, select

    from models import Role, Score
    from ripeline.database import database_now
    from ripeline.sweep.deliver.reader import Reader

    with screen.session(writes=False) as session:
        lead = screen.find_lead(session, named)
        market = session.exec(select(Score.market).where(col(Score.lead_id) == lead.id, col(Score.role) == Role.LIVE)).first()
        return Reader(session, playbook, lead, market, settings.links_to, database_now(session)).parts(asks, locale)


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
        outcome = channel.submit(Mail(ascii_domain(envelope.from_address), ascii_domain(envelope.to_address), envelope.mail_id, raw), lambda: True)
    except (Temporary, Permanent) as error:
        raise Refusal(str(error), 3) from error
    finally:
        channel.close()
    if not isinstance(outcome, Accepted):
        raise Refusal(f"the preview was not taken by {channel.place}: {getattr(outcome, 'text', 'withdrawn')}", 3)
