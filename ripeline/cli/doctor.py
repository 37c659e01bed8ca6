"""`ripeline doctor`: is everything in order, and if not, what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.settings import Settings

OVERDUE = timedelta(hours=1)
LITTLE_ROOM = 2**28  # bytes


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or is to be done."""

    subject: str
    is_well: bool
    said: str


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False) -> None:
    """Look at settings, disk, database, playbook, channel and the outbox; exit code 1 where something needs a person."""
    from dataclasses import asdict

    from ripeline.values import Refusal

    settings = screen.settings()
    findings: list[Finding] = []
    for subject, look in _LOOKS.items():
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
    from ripeline.playbook.applied import applied_playbook
    from ripeline.playbook.files import content_hash, read_folder

    with screen.session(writes=False) as session:
        live = applied_playbook(session).hash
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


_LOOKS: dict[str, Callable[["Settings"], list[Finding]]] = {
    "settings": _settings,
    "disk": _disk,
    "database": _database,
    "playbook": _playbook,
    "channel": _channel,
    "outbox": _outbox,
}
