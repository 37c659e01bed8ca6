"""`ripeline import`: leads, events and suppressions from files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from sqlmodel import Session

    from ripeline.playbook.playbook import Playbook
    from ripeline.sweep.ingest.outcome import Outcome

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Bring in leads, events or suppressions from CSV, JSON Lines or Parquet. Every row is accounted for; importing a file twice changes nothing.",
)

File = Annotated[Path, typer.Argument(help="The file: .csv, .tsv, .jsonl or .parquet.", show_default=False)]
Map = Annotated[Path | None, typer.Option("--map", help="How its columns are meant, in TOML. Default: the one in playbook/imports/ called like the command.")]
Encoding = Annotated[str | None, typer.Option(help="What a text file is written in, such as cp1252. Default: UTF-8.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything but keep nothing; tell what would happen.")]
Now = Annotated[str | None, typer.Option(help="Judge by this instant (ISO 8601 with zone): an event more than five minutes later is refused.")]
Json = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]


@app.command("leads")
def leads(file: File, map: Map = None, encoding: Encoding = None, dry_run: DryRun = False, now: Now = None, json: Json = False) -> None:
    """Import leads: new ones are added, known ones (by id or address) learn what is new about them.

    The newest value wins and a blank never erases. Refused rows go to FILE.rejects.csv with line and reason (FILE-2.rejects.csv where that
    is there already): mend them there and import that file.
    A row that could not be told apart stands there in `#rest`, whole: put it into the columns and empty `#rest`, or it is refused again.
    A map can also tell events, consents and suppressions from columns; `playbook/imports/xeducation.toml` shows how.
    Ends with 4 where some rows were refused, with 2 where nothing could be taken.
    """
    _import("leads", file, map, encoding, dry_run, now, json)


@app.command("events")
def events(file: File, map: Map = None, encoding: Encoding = None, dry_run: DryRun = False, now: Now = None, json: Json = False) -> None:
    """Import events: what leads did, each with the lead (id or address), its kind and its time.

    Without an id column an event is known by its lead, kind, time and properties. Events of leads nobody knows yet are parked, and attached when
    the lead comes. Unsubscribes suppress the address at once. `ripeline fields` lists the kinds and properties that scoring may ask for.
    Ends with 4 where some rows were refused, with 2 where nothing could be taken.
    """
    _import("events", file, map, encoding, dry_run, now, json)


@app.command("suppressions")
def suppressions(file: File, map: Map = None, encoding: Encoding = None, dry_run: DryRun = False, now: Now = None, json: Json = False) -> None:
    """Import addresses that must not be written to, whether or not a lead has them. Only keyed hashes of them are kept.

    Ends with 4 where some rows were refused, with 2 where nothing could be taken.
    """
    _import("suppressions", file, map, encoding, dry_run, now, json)


def _import(kind: str, file: Path, map_file: Path | None, encoding: str | None, dry_run: bool, now: str | None, json: bool) -> None:
    from ripeline.database import database_now
    from ripeline.playbook.mapping import EventsMap, LeadsMap, SuppressionsMap
    from ripeline.sweep.ingest import Intake, import_events, import_leads, import_suppressions

    settings = screen.settings()
    with screen.session() as session, screen.progress(f"import {kind}") as tick:
        playbook = _playbook(session)
        moment = screen.instant(now) or database_now(session)
        folders = (file.absolute().parent, settings.var_folder / "rejects")
        intake = Intake(session, playbook.files, playbook.fields, moment, settings.key, folders, dry_run, tick)
        if kind == "leads":
            outcome = import_leads(intake, file, intake.read_map(LeadsMap, map_file), encoding)
        elif kind == "events":
            outcome = import_events(intake, file, intake.read_map(EventsMap, map_file), encoding)
        else:
            outcome = import_suppressions(intake, file, intake.read_map(SuppressionsMap, map_file), encoding)
    _tell(file, outcome, dry_run, json)
    if outcome.rows["refused"]:
        raise typer.Exit(2 if outcome.rows["refused"] == outcome.total else 4)


def _playbook(session: "Session") -> "Playbook":
    """Return the live playbook; where none was applied yet, the one in the folder."""
    from ripeline.playbook.applied import applied_playbook, live_hash
    from ripeline.playbook.files import read_folder
    from ripeline.playbook.playbook import parse_playbook

    return applied_playbook(session) if live_hash(session) else parse_playbook(read_folder(screen.settings().home))


def _tell(file: Path, outcome: "Outcome", dry_run: bool, json: bool) -> None:
    if json:
        screen.show_json(outcome.as_record())
        return
    from ripeline.sweep.ingest.outcome import ROW_WORDS

    words = ", ".join(f"{outcome.rows[word]:,} {word}" for word in ROW_WORDS if outcome.rows[word])
    screen.say(f"{file.name}{' (dry run, nothing kept)' if dry_run else ''}: {outcome.total:,} row{'s' if outcome.total > 1 else ''}: {words}")
    brought = ", ".join(f"{count:,} {word.replace('_', ' ')}" for word, count in outcome.brought.items() if count)
    if brought:
        screen.say(f"  with {brought}")
    if outcome.undeclared:
        names = ", ".join(name for name, _ in outcome.undeclared.most_common(8)) + (" …" if len(outcome.undeclared) > 8 else "")
        number = len(outcome.undeclared)
        fields, verb, them = ("fields", "are", "them") if number > 1 else ("field", "is", "it")
        kept = f"{'would be' if dry_run else verb} kept"
        screen.say(f"  {number} undeclared {fields} {kept} ({names}): declare {them} in playbook/fields.toml to use {them}")
    for line, reason in outcome.refusals:
        screen.say(f"  line {line}: {reason}")
    if outcome.rejects:
        screen.say(f"  refused rows, with line and reason: {outcome.rejects}")
