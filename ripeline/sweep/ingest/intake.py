"""How a file is taken in: into which session, by which playbook, as of when; and what all three kinds of import share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session

from ripeline.connect.sources import BadRow, Source, open_source
from ripeline.decide.fields import Fields
from ripeline.playbook.mapping import FileMap
from ripeline.playbook.maps import default_map, read_map
from ripeline.sweep.ingest.columns import check_columns, with_needed
from ripeline.sweep.ingest.mended import as_exported
from ripeline.sweep.ingest.outcome import SHOWN, Outcome
from ripeline.sweep.ingest.rejects import Rejects
from ripeline.sweep.ingest.storing import room_for_many
from ripeline.values import Refusal

M = TypeVar("M", bound=FileMap)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything a file meets. A dry run keeps nothing and writes no rejects file.

    `files` and `fields` are the playbook's; `pepper` keys suppressions; rejects go to the first of `rejects` that can be written to.
    """

    session: Session
    files: Mapping[str, str]
    fields: Fields
    now: datetime
    pepper: bytes
    rejects: Sequence[Path]
    dry_run: bool = False
    progress: Progress | None = None

    def read_map(self, shape: type[M], path: Path | None) -> M:
        """Return the map in a file, or the playbook's own for this shape; a mistake in it raises Refusal."""
        if path is None:
            return default_map(self.files, shape, self.fields)
        try:
            return read_map(str(path), path.read_text(encoding="utf-8"), shape, self.fields)
        except OSError as error:
            raise Refusal(f"the map {path} cannot be read ({error.strerror}): check its name and permissions") from error
        except UnicodeDecodeError as error:
            raise Refusal(f"the map {path} is not UTF-8: save it as UTF-8") from error

    def opened(self, path: Path, found: FileMap, encoding: str | None) -> Source:
        """Return the file as rows; what is wrong with it as a whole raises Refusal before anything is written."""
        source = as_exported(open_source(path, encoding=encoding or found.encoding, delimiter=found.delimiter))
        check_columns(path, source.columns, found)
        return source if source.columns else replace(source, chunks=lambda: (with_needed(chunk, found) for chunk in source.chunks()))

    def end_chunk(self) -> None:
        """Commit what was done since the last time, unless the run is dry."""
        if not self.dry_run:
            self.session.commit()


class Counting:
    """The outcome of a file while it is taken in."""

    def __init__(self, intake: Intake, source: Source, rejects: Rejects | None) -> None:
        self.outcome = Outcome()
        self._intake, self._source, self._rejects = intake, source, rejects

    def refuse(self, bad: list[BadRow]) -> None:
        """Count refused rows and write them down."""
        ordered = sorted(bad, key=lambda row: row.line)
        if self._rejects:
            self._rejects.write(ordered)
        self.outcome.rows["refused"] += len(ordered)
        self.outcome.refusals += [(row.line, row.reason) for row in ordered[: SHOWN - len(self.outcome.refusals)]]

    def end_chunk(self) -> None:
        """Commit, and tell how far it is."""
        self._intake.end_chunk()
        if self._intake.progress:
            self._intake.progress(self.outcome.total, max(self._source.size, self.outcome.total))


@contextmanager
def counting(intake: Intake, source: Source) -> Iterator[Counting]:
    """Give the outcome to count into; at the end a dry run is rolled back. A file without any row raises Refusal."""
    with _rejects(intake, source) as rejects, room_for_many(intake.session):
        counts = Counting(intake, source, rejects)
        yield counts
        if counts.outcome.total == 0:
            raise Refusal(f"{source.path} has a header and no rows: export it again")
        counts.outcome.rows, counts.outcome.brought = +counts.outcome.rows, +counts.outcome.brought
        counts.outcome.rejects = rejects.path if rejects and rejects.is_used else None
        counts.end_chunk()
    intake.session.rollback() if intake.dry_run else intake.session.commit()


def _rejects(intake: Intake, source: Source) -> AbstractContextManager[Rejects | None]:
    return nullcontext() if intake.dry_run else Rejects(source.path, intake.rejects, source.columns)
