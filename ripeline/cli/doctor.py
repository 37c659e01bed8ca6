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
    settings.var_folder.joinpath(".doctor").write_text("")
    settings.var_folder.joinpath(".doctor").unlink()
    findings = [Finding("settings", True, f"home {settings.home}, var {settings.var_folder}, key {'given' if settings.secret_key else 'kept in var/secret.key'}")]
    bool(settings.key)
    missing = [name for name in ("sender_address", "company", "postal_address") if not getattr(settings, name)]
    named = ", ".join(f"RIPELINE_{name.upper()}" for name in missing)
    findings.append(Finding("sender", not missing or settings.channel != "smtp", f"not set: {named}; real mail needs them" if missing else settings.sender_address))
    return findings


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
    return [Finding("playbook", True, f"version {live[:12]} is live{'' if live == working else '; the working files differ: `ripeline apply --dry-run` shows how'}")]


def _channel(settings: "Settings") -> list[Finding]:
    said = f"{settings.channel}{f', diverted to {settings.only_to}' if settings.only_to else ''}"
    if settings.channel != "smtp":
        return [Finding("channel", True, f"{said}: no mail leaves this machine")]
    from ripeline.connect.channels import channel_named

    channel_named("smtp", settings).check()
    return [Finding("channel", True, f"{said}: the server answers")]


def _outbox(settings: "Settings") -> list[Finding]:
    import sqlalchemy as sa
    from sqlmodel import col

    from models import Message, MessageState
    from ripeline.database import database_now

    with screen.session(writes=False) as session:
        now = database_now(session)

        def count(*where: sa.ColumnElement[bool]) -> int:
            return session.execute(sa.select(sa.func.count()).select_from(Message).where(*where)).scalar_one()

        doubtful = count(col(Message.state) == MessageState.IN_DOUBT)
        overdue = count(col(Message.state).in_((MessageState.SCHEDULED, MessageState.DEFERRED)), col(Message.due_at) < now - OVERDUE)
    return [
        Finding("in doubt", doubtful == 0, f"{doubtful} messages{'' if not doubtful else ': `ripeline messages --state in_doubt` lists them'}"),
        Finding("overdue", overdue == 0, f"{overdue} messages due for over an hour{'' if not overdue else ': is deliver running?'}"),
    ]


_LOOKS: dict[str, Callable[["Settings"], list[Finding]]] = {
    "settings": _settings,
    "database": _database,
    "playbook": _playbook,
    "channel": _channel,
    "outbox": _outbox,
}
