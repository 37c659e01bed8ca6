"""`ripeline check`, `apply` and `fields`: the playbook before and as it goes live."""

from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlmodel import Session

    from ripeline.playbook.finding import Finding
    from ripeline.playbook.playbook import Playbook

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


def check(
    letter: Annotated[str | None, typer.Option(metavar="TOUCH", help="Write only this letter, such as case-study; the rest is read as ever.")] = None,
    letters: Annotated[bool, typer.Option("--letters/--no-letters", help="Leave out writing letters, which takes most of the time.")] = True,
    base: Annotated[bool, typer.Option("--base/--no-base", help="Hold it against the leads in the database too, where there is one.")] = True,
    json: Json = False,
) -> None:
    """Read the whole playbook, templates and catalogues included, and name every mistake by file and line.

    Every letter is written in every locale it can go out in, on every branch, for leads that break letters. `ripeline check --letter case-study`
    is quick while you write; `apply` checks everything.

    Where a database is reached, it is also held against the real base: leads in no market or in two, rules that too few leads have anything for,
    a card that gives everybody the same score.

    Exit code 0: sound (warnings may be shown). 2: there are mistakes, and `apply` would refuse them.
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from ripeline.letter.folder import template_named
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.playbook import examine
    from ripeline.sweep.calendar_check import check_calendars

    with screen.progress("letters") as progress:
        files = read_folder(screen.settings().home)
        playbook, findings = examine(files, letters=template_named(files, letter) if letter else letters, progress=progress, today=datetime.now(UTC).date())
    if playbook is not None:
        findings = sorted([*findings, *check_calendars(playbook)])
    if base and playbook is not None and all(finding.is_warning for finding in findings):
        findings = sorted([*findings, *_on_the_base(playbook)])
    mistakes = sum(not finding.is_warning for finding in findings)
    if json:
        screen.show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            screen.say(str(finding))
        warnings = len(findings) - mistakes
        counted = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((mistakes, "mistake"), (warnings, "warning")) if count]
        screen.say(", ".join(counted) or "the playbook is sound")
    raise typer.Exit(2 if mistakes else 0)


def _on_the_base(playbook: "Playbook") -> "list[Finding]":
    """Return what the leads in the database have to say; nothing, in a sentence, where there is no database to ask."""
    from pathlib import Path

    import sqlalchemy as sa

    from ripeline.database import database_now
    from ripeline.sweep.base_check import check_base
    from ripeline.values import Refusal

    place = sa.engine.make_url(screen.settings().url)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").is_file():
        return []
    try:
        with screen.session(writes=False) as session, screen.progress("base") as tick:
            return check_base(session.get_bind().engine, playbook, database_now(session), tick)
    except Refusal as refusal:
        typer.echo(f"the base was not looked at: {refusal}", err=True)
        return []


def apply(
    version: Annotated[str | None, typer.Option(help="Go back to a stored version: its hash, or the start of it.")] = None,
    list_versions: Annotated[bool, typer.Option("--list", help="List the stored versions instead, newest application first.")] = False,
    stay: Annotated[bool, typer.Option("--stay", help="Leave people in flight on the version of the track they entered.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, compare and foresee, change nothing.")] = False,
) -> None:
    """Make the playbook live: check the folder, store it whole as an immutable version, move people in flight to it by `ripeline plan`.

    Sweeps read the newest applied version, never the working files, so an edit does nothing until it is applied. `--version` goes back.

    Moving, nobody gets a touch twice and nobody loses their place: what was had stays had, what waits is planned anew only where the plan differs.
    With `--stay` everybody goes on by the version they entered; a later `ripeline apply` without it moves them.

    `ripeline apply --dry-run` tells what would happen; killed on its way and run again, it goes on where it stopped.
    """
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.playbook import sound_playbook

    if list_versions:
        with screen.session(writes=False) as session:
            _show_versions(session)
        return
    if version is not None:
        _go_back(version, stay=stay, dry_run=dry_run)
        return
    files = read_folder(screen.settings().home)
    with screen.session(writes=False) as session:
        old = _live_files(session)
    if old != files:
        _refuse_on_the_base(sound_playbook(files))  # a mistake is told before any difference; it takes seconds, so no transaction waits for it
    _show_difference(old, files)
    if dry_run:
        _foresee(old, sound_playbook(files, letters=False), stay=stay)
    else:
        _make_live(files, stay=stay)


def _make_live(files: "Mapping[str, str]", *, stay: bool) -> None:
    from ripeline.cli.in_flight import move_everybody
    from ripeline.database import database_now
    from ripeline.playbook.applied import apply_files

    with screen.session() as session:
        now = database_now(session)
        screen.say(f"version {apply_files(session, files, now=now, by=who_applies()).hash[:12]} is live")
    if not stay:
        move_everybody(now)


def _foresee(old: "Mapping[str, str] | None", edited: "Playbook", *, stay: bool) -> None:
    """Tell what would become of people in flight; where nothing was live before, there are none."""
    from ripeline.cli.in_flight import counted, foresee
    from ripeline.database import database_now

    if old is not None and not stay:
        with screen.session(writes=False) as session:
            screen.say(f"in flight: {counted(foresee(session, edited, database_now(session)))}")


def _refuse_on_the_base(playbook: "Playbook") -> None:
    """Raise Unfit where the base has too little for what the card insists on; of what else it has to say, tell people."""
    from ripeline.playbook.finding import Unfit

    findings = _on_the_base(playbook)
    if any(not finding.is_warning for finding in findings):
        raise Unfit(findings)
    for finding in findings:
        typer.echo(str(finding), err=True)


def who_applies() -> str:
    """Return who applies, by the name the system knows; in a container the user may have none."""
    import os
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _go_back(version: str, *, stay: bool, dry_run: bool) -> None:
    from ripeline.cli.in_flight import move_everybody
    from ripeline.database import database_now
    from ripeline.playbook.applied import go_back, version_named

    with screen.session(writes=not dry_run) as session:
        old, stored = _live_files(session), version_named(session, version)
        _show_difference(old, stored.files)
        now = database_now(session)
        if not dry_run:
            screen.say(f"version {go_back(session, version, now=now, by=who_applies()).hash[:12]} is live")
    if dry_run:
        _foresee(old, stored, stay=stay)
    elif not stay:
        move_everybody(now)


def _live_files(session: "Session") -> "Mapping[str, str] | None":
    """Return the files of the live version; None where nothing was ever applied."""
    from models import PlaybookVersion
    from ripeline.playbook.applied import live_hash

    live = live_hash(session)
    stored = session.get(PlaybookVersion, live) if live else None
    return stored.files if stored else None


def _show_difference(old: "Mapping[str, str] | None", new: "Mapping[str, str]") -> None:
    if old is None:
        screen.say(f"  first version: {len(new)} files")
        return
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            word = "new" if path not in old else "gone" if path not in new else "changed"
            screen.say(f"  {word:<8}{path}")
    if old == new:
        screen.say("  nothing differs from what is live")


def _show_versions(session: "Session") -> None:
    from sqlmodel import col, select

    from models import PlaybookApplication

    rows = session.exec(select(PlaybookApplication).order_by(col(PlaybookApplication.id).desc())).all()
    columns = ["version", "applied", "by", ""]
    screen.table(columns, [[row.hash[:12], row.applied_at, row.applied_by, "live" if index == 0 else ""] for index, row in enumerate(rows)])


def fields(json: Json = False) -> None:
    """List every lead attribute and event property that conditions and mails may use, and what else a letter may say, with meaning and example.

    More are declared in playbook/fields.toml; what comes in undeclared is kept, and usable once declared.
    """
    from ripeline.letter.data import LETTER_FIELDS
    from ripeline.playbook.fields import FieldsFile
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.finding import Finding, Unfit
    from ripeline.playbook.reading import read_toml

    findings: list[Finding] = []
    path = "playbook/fields.toml"
    shape = read_toml(path, read_folder(screen.settings().home).get(path, ""), FieldsFile, findings)
    if shape is None:
        raise Unfit(findings)
    declared = shape.as_fields()
    rows = [["lead", name, field.type.value, field.meaning, field.example, field.is_personal] for name, field in declared.lead.items()]
    for kind, meaning in shape.meanings().items():
        rows.append([kind, "", "event", meaning, None, False])
        rows += [[kind, name, field.type.value, field.meaning, field.example, field.is_personal] for name, field in declared.event[kind].items()]
    rows += [["letter", name, "", meaning, example, False] for name, (meaning, example) in LETTER_FIELDS.items()]
    screen.table(["of", "name", "type", "meaning", "example", "personal"], rows, json=json)
