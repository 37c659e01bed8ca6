"""`ripeline doctor`: is everything in order, and if not, what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.settings import Settings

OVERDUE = timedelta(hours=1)
LITTLE_ROOM = 2**28  # bytes
MOST_DIFFERENCES = 20


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or is to be done."""

    subject: str
    is_well: bool
    said: str


def doctor(
    about: Annotated[str | None, typer.Argument(metavar="[mail]", help="`mail`: SPF, DKIM, DMARC, bulk mail, from the answers in --dns.")] = None,
    dns: Annotated[Path | None, typer.Option(metavar="FILE", help="With `mail`: answers as `dig +noall +answer` writes them.")] = None,
    oracle: Annotated[bool, typer.Option("--oracle", help="Look at nothing but the scores: compute them again from the facts.")] = False,
    sample: Annotated[int, typer.Option(min=1, help="With --oracle: so many scores, others each time.")] = 1_000,
    every: Annotated[bool, typer.Option("--all", help="With --oracle: every score.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Look at settings, disk, database, playbook, channel and the outbox; exit code 1 where something needs a person.

    `--oracle` computes stored scores again: at the instant each is as of, it must be the same to the last digit; now, it must lead to the same
    grade, stage, track and hand-off. Example: `ripeline doctor --oracle --all`

    `ripeline doctor mail` prints what to ask DNS; `ripeline doctor mail --dns answers.txt` judges the answers, and says what it cannot see.
    """
    from dataclasses import asdict

    from ripeline.values import Refusal

    settings = screen.settings()
    if about is not None or dns is not None:
        _mail(settings, about, dns, json=json)
    findings: list[Finding] = []
    looks = {"oracle": partial(_oracle, sample=None if every else sample)} if oracle else _LOOKS
    for subject, look in looks.items():
        try:
            findings += look(settings)
        except Refusal as refusal:
            findings.append(Finding(subject, False, str(refusal)))
    if json:
        screen.show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            screen.say(f"{'ok  ' if finding.is_well else 'LOOK'}  {finding.subject:<10} {finding.said}")
    raise typer.Exit(0 if all(finding.is_well for finding in findings) else 1)


def _mail(settings: "Settings", about: str | None, dns: Path | None, *, json: bool) -> NoReturn:
    from dataclasses import asdict

    from ripeline.letter.standing import Sending, questions, read_answers, standing
    from ripeline.sweep.deliver.sender import signer_of
    from ripeline.values import Refusal

    if about != "mail":
        raise Refusal(f"the doctor knows nothing of '{about}': say `ripeline doctor mail`, or nothing" if about else "--dns goes with `ripeline doctor mail`")
    if not settings.sender_address:
        raise Refusal("RIPELINE_SENDER_ADDRESS is not set: without it nobody sends")
    domain, envelope = (address.rpartition("@")[2].lower() for address in (settings.sender_address, settings.bounce_address or settings.sender_address))
    sending = Sending(domain, envelope, signer_of(settings), settings.base_url, _touch_domains(settings))
    if dns is None:
        for question in questions(sending):
            screen.say(f"dig +noall +answer {question} >> answers.txt")
        raise typer.Exit(0)
    try:
        text = dns.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{dns} cannot be read ({error}): give the file that dig wrote") from error
    seen = list(standing(sending, read_answers(text, dns.name)))
    if json:
        screen.show_json([asdict(each) for each in seen])
    else:
        for each in seen:
            screen.say(f"{_MARKS[each.is_well]}  {each.subject:<10} {each.said}")
    raise typer.Exit(1 if any(each.is_well is False for each in seen) else 0)


def _touch_domains(settings: "Settings") -> tuple[str, ...]:
    """Return the domains that touches write from, where their meta.toml says so."""
    from ripeline.letter.folder import templates_in
    from ripeline.letter.writing import letter_meta
    from ripeline.playbook.files import read_folder

    files = read_folder(settings.home)
    addresses = {letter_meta(files, template).sender.address for template in templates_in(files)}
    return tuple(sorted({address.rpartition("@")[2].lower() for address in addresses if address}))


_MARKS = {True: "ok  ", False: "LOOK", None: "?   "}


def _settings(settings: "Settings") -> list[Finding]:
    from ripeline.settings import given_names

    place = "given" if settings.key and settings.secret_key else "kept in var/secret.key"
    known = _known_names()
    strangers = [name for name in given_names() if name not in known and not name.startswith("RIPELINE_TEST_")]
    return [
        Finding("settings", True, f"home {settings.home}, var {settings.var_folder}, key {place}"),
        *(Finding("settings", False, f"{name} is no setting: see .env.example") for name in strangers),
        _sender(settings),
    ]


def _known_names() -> set[str]:
    """Return the name of every setting: each part of the program declares its own."""
    from importlib import import_module

    from pydantic_settings import BaseSettings

    from ripeline.connect.channels import channel_names
    from ripeline.sweep.deliver import pace  # noqa: F401  (declares its settings)

    for name in channel_names():
        import_module(f"ripeline.connect.channels.{name}")
    return {f"{shape.model_config.get('env_prefix')}{field}".upper() for shape in BaseSettings.__subclasses__() for field in shape.model_fields}


def _sender(settings: "Settings") -> Finding:
    missing = [f"RIPELINE_{name.upper()}" for name in ("sender_address", "company", "postal_address") if not getattr(settings, name)]
    if not missing:
        return Finding("sender", True, settings.sender_address)
    return Finding("sender", settings.channel != "smtp", f"not set: {', '.join(missing)}; real mail needs them")


def _disk(settings: "Settings") -> list[Finding]:
    import shutil

    from ripeline.values import Refusal

    probe = settings.var_folder / ".doctor"
    try:
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise Refusal(f"cannot write to {settings.var_folder} ({error.strerror}): make it writable or set RIPELINE_VAR to a folder that is", 3) from error
    free = shutil.disk_usage(settings.var_folder).free
    return [Finding("disk", free >= LITTLE_ROOM, f"{free / 2**30:,.1f} GiB free{'' if free >= LITTLE_ROOM else ': make room'}")]


def _database(settings: "Settings") -> list[Finding]:
    from ripeline.database import engine_for, reached
    from ripeline.migrations import current, newest

    with reached(settings.url):
        have, want = current(engine_for(settings.url)), newest()
    said = f"at revision {have}" if have == want else f"at revision {have or 'none'}, this program wants {want}: run `ripeline db upgrade`"
    return [Finding("database", have == want, said)]


def _playbook(settings: "Settings") -> list[Finding]:
    from ripeline.playbook.applied import applied_playbook, instead_told, live_hash
    from ripeline.playbook.files import content_hash, read_folder

    with screen.session(writes=False) as session:
        used, live = applied_playbook(session).hash, live_hash(session) or ""
    if used != live:
        return [Finding("playbook", False, instead_told(live, used))]
    working = content_hash(read_folder(settings.home))
    differs = "" if live == working else "; the working files differ: `ripeline apply --dry-run` shows how"
    return [Finding("playbook", True, f"version {live[:12]} is live{differs}")]


def _channel(settings: "Settings") -> list[Finding]:
    from ripeline.connect.channels import channel_named

    channel_named(settings.channel, settings).check()
    stays = ": the server answers" if settings.channel == "smtp" else ": no mail leaves this machine"
    return [Finding("channel", True, f"{settings.channel}{f', diverted to {settings.only_to}' if settings.only_to else ''}{stays}")]


def _outbox(settings: "Settings") -> list[Finding]:
    import sqlalchemy as sa
    from sqlmodel import col

    from models import Message, MessageState
    from ripeline.database import database_now

    with screen.session(writes=False) as session:
        now = database_now(session)

        def count(*where: sa.ColumnElement[bool]) -> int:
            return session.scalar(sa.select(sa.func.count()).select_from(Message).where(*where)) or 0

        doubtful = count(col(Message.state) == MessageState.IN_DOUBT)
        overdue = count(col(Message.state).in_((MessageState.SCHEDULED, MessageState.DEFERRED)), col(Message.due_at) < now - OVERDUE)
    return [
        Finding("in doubt", doubtful == 0, f"{doubtful} messages{'' if not doubtful else ': `ripeline messages --state in_doubt` lists them'}"),
        Finding("overdue", overdue == 0, f"{overdue} messages due for over an hour{'' if not overdue else ': is deliver running?'}"),
    ]


def _oracle(settings: "Settings", sample: int | None) -> list[Finding]:
    from ripeline.database import database_now
    from ripeline.playbook.applied import applied_playbook
    from ripeline.sweep.oracle import audit

    with screen.session(writes=False) as session, screen.progress("oracle") as tick:
        seen = audit(session, applied_playbook(session), now=database_now(session), sample=sample, progress=tick)
    shown = [Finding("oracle", False, str(each)) for each in seen.differences[:MOST_DIFFERENCES]]
    if len(seen.differences) > MOST_DIFFERENCES:
        shown.append(Finding("oracle", False, f"… and {len(seen.differences) - MOST_DIFFERENCES:,} more differences"))
    if seen.differences:
        shown.append(Finding("oracle", False, "`ripeline run rescore --full` puts the scores right; please report how they came to differ"))
    if seen.untold:
        said = f"leads that are due and that rescore was not told of: {seen.untold:,}; `ripeline run rescore --full` finds them, please report it"
        shown.append(Finding("oracle", False, said))
    strangers = f", {seen.strangers:,} of them by a card this program does not know" if seen.strangers else ""
    said = f"{seen.scores:,} scores at their own instant and {seen.verdicts:,} verdicts of now computed again, {len(seen.differences):,} differences"
    return [Finding("oracle", not shown, f"{said}; {seen.waiting:,} wait for `ripeline run rescore`{strangers}"), *shown]


_LOOKS: dict[str, Callable[["Settings"], list[Finding]]] = {
    "settings": _settings,
    "disk": _disk,
    "database": _database,
    "playbook": _playbook,
    "channel": _channel,
    "outbox": _outbox,
}
