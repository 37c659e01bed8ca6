"""`ripeline check`, `apply` and `fields`: the playbook before and as it goes live."""

from typing import Annotated

import typer

from ripeline.cli import screen

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


def check(json: Json = False) -> None:
    """Read the whole playbook, templates and catalogues included, and name every mistake by file and line.

    Exit code 0: sound (warnings may be shown). 2: there are mistakes, and `apply` would refuse them.
    """
    from dataclasses import asdict

    from ripeline.playbook.files import read_folder
    from ripeline.playbook.playbook import examine

    _, findings = examine(read_folder(screen.settings().home))
    mistakes = sum(not finding.is_warning for finding in findings)
    if json:
        screen.show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            screen.say(str(finding))
        screen.say(f"{mistakes} mistakes, {len(findings) - mistakes} warnings" if findings else "the playbook is sound")
    raise typer.Exit(2 if mistakes else 0)


def apply(
    version: Annotated[str | None, typer.Option(help="Go back to a stored version: its hash, or the start of it.")] = None,
    list_versions: Annotated[bool, typer.Option("--list", help="List the stored versions instead, newest application first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and compare, change nothing.")] = False,
) -> None:
    """Make the playbook live: check the folder, store it whole as an immutable version, tell what differs.

    Sweeps read the newest applied version, never the working files, so an edit does nothing until it is applied. `--version` goes back.
    """
    from getpass import getuser

    from ripeline.database import database_now
    from ripeline.playbook.applied import apply_files, go_back, live_hash
    from ripeline.playbook.files import read_folder

    with screen.session() as session:
        if list_versions:
            _show_versions(session)
            return
        now, before = database_now(session), live_hash(session)
        if version:
            screen.say(f"version {go_back(session, version, now=now, by=getuser()).hash[:12]} is live")
            return
        files = read_folder(screen.settings().home)
        _show_difference(session, before, files)
        if not dry_run:
            screen.say(f"version {apply_files(session, files, now=now, by=getuser()).hash[:12]} is live")


def _show_difference(session: "object", before: str | None, files: dict[str, str]) -> None:
    from sqlmodel import Session

    from models import PlaybookVersion
    from ripeline.playbook.playbook import sound_playbook

    assert isinstance(session, Session)
    sound_playbook(files)  # a mistake is told before any difference
    stored = session.get(PlaybookVersion, before) if before else None
    old = stored.files if stored else {}
    for path in sorted(old.keys() | files.keys()):
        if old.get(path) != files.get(path):
            word = "new" if path not in old else "gone" if path not in files else "changed"
            if stored:
                screen.say(f"  {word:<8}{path}")
    if not stored:
        screen.say(f"  first version: {len(files)} files")
    elif old == files:
        screen.say("  nothing differs from what is live")


def _show_versions(session: "object") -> None:
    from sqlmodel import Session, col, select

    from models import PlaybookApplication

    assert isinstance(session, Session)
    rows = session.exec(select(PlaybookApplication).order_by(col(PlaybookApplication.id).desc())).all()
    screen.table(["version", "applied", "by", ""], [[row.hash[:12], row.applied_at, row.applied_by, "live" if index == 0 else ""] for index, row in enumerate(rows)])


def fields(json: Json = False) -> None:
    """List every lead attribute and event property that conditions and mails may use, with meaning and example.

    More are declared in playbook/fields.toml; what comes in undeclared is kept, and usable once declared.
    """
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
    screen.table(["of", "name", "type", "meaning", "example", "personal"], rows, json=json)
