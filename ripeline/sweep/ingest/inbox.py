"""The sweep itself: files from the inbox, and parked events whose lead has come."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from ripeline.connect.sources.folder import Waiting, put_away, waiting
from ripeline.playbook.mapping import EventsMap, LeadsMap, SuppressionsMap
from ripeline.playbook.maps import FOLDER, read_map
from ripeline.playbook.playbook import Playbook
from ripeline.settings import load_settings
from ripeline.sweep.board import raise_facts
from ripeline.sweep.ingest.events import import_events
from ripeline.sweep.ingest.intake import Intake, M
from ripeline.sweep.ingest.leads import import_leads
from ripeline.sweep.ingest.outcome import Outcome
from ripeline.sweep.ingest.parking import attach, has_attachable
from ripeline.sweep.ingest.suppressions import import_suppressions
from ripeline.values import Refusal, Tally


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int, inbox: Path | None = None) -> list[range]:
    """Return one range where a file or an attachable event waits, else none; it names no leads, since files do not know their ids."""
    return [range(1)] if waiting(_folder(inbox)) or has_attachable(session) else []


def ingest(
    session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False, inbox: Path | None = None, pepper: bytes | None = None
) -> Tally:
    """Take in every file of the inbox, then attach parked events, and return the counts.

    A file goes to done/ only when its rows are committed; killed before, it is taken in again, which changes nothing. A file that cannot
    be read goes to rejects/ with the reason beside it, and stops no other. `inbox` and `pepper` None: those of the settings.
    """
    folder = _folder(inbox)
    intake = Intake(session, playbook.files, playbook.fields, now, pepper or load_settings().key, (folder / "rejects",), dry_run)
    tally = sum((_take(intake, each, folder) for each in waiting(folder)), Tally())
    attached = attach(session, now, pepper=intake.pepper)
    raise_facts(session, set(attached))
    session.rollback() if dry_run else session.commit()
    return tally + (Tally.of(attached=len(attached)) if attached else Tally())


def _folder(inbox: Path | None) -> Path:
    return inbox if inbox is not None else load_settings().var_folder / "inbox"


def _take(intake: Intake, each: Waiting, folder: Path) -> Tally:
    try:
        outcome = _IMPORTS[each.kind](intake, each)
    except Refusal as refusal:
        intake.session.rollback()
        if not each.path.exists():  # another run took it
            return Tally()
        if refusal.exit_code == 3:  # no fault of the file's
            raise
        return Tally.of(refused_files=1) if intake.dry_run else _reject(each, folder, str(refusal))
    if not intake.dry_run:
        put_away(each.path, folder / "done")
    return outcome.tally() + Tally.of(files=1)


def _reject(each: Waiting, folder: Path, reason: str) -> Tally:
    moved = put_away(each.path, folder / "rejects")
    if moved is not None:
        moved.with_name(f"{moved.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
    return Tally.of(refused_files=1)


def _map(intake: Intake, each: Waiting, shape: type[M]) -> M:
    """Return the map that the file's name names, else the playbook's own for this kind of file."""
    path = f"{FOLDER}{each.word}.toml"
    return read_map(path, intake.files[path], shape, intake.fields) if path in intake.files else intake.read_map(shape, None)


_IMPORTS: dict[str, Callable[[Intake, Waiting], Outcome]] = {
    "leads": lambda intake, each: import_leads(intake, each.path, _map(intake, each, LeadsMap)),
    "events": lambda intake, each: import_events(intake, each.path, _map(intake, each, EventsMap)),
    "suppressions": lambda intake, each: import_suppressions(intake, each.path, _map(intake, each, SuppressionsMap)),
}
