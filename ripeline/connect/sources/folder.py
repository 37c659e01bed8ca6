"""The inbox: a folder into which other systems put files, and out of which they go when they are taken in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ripeline.values import Refusal

KINDS = ("leads", "events", "suppressions")

_NAMED = re.compile(rf"({'|'.join(KINDS)})(?:-([^.-]+))?.*\.(csv|tsv|jsonl|ndjson|parquet)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file in the inbox, such as leads-webshop-2026-03-02.csv: its kind, and the word behind it, which may name a map."""

    path: Path
    kind: str
    word: str | None


def waiting(inbox: Path) -> list[Waiting]:
    """Return the files that wait, leads before events, each kind by name; what is called otherwise is left alone.

    Put a file there under another name and rename it when it is whole.
    """
    found = [Waiting(path, named[1].lower(), named[2]) for path in _files(inbox) if (named := _NAMED.fullmatch(path.name))]
    return sorted(found, key=lambda each: (KINDS.index(each.kind), each.path.name))


def _files(inbox: Path) -> Sequence[Path]:
    try:
        return [path for path in inbox.iterdir() if path.is_file()] if inbox.is_dir() else []
    except OSError as error:
        raise Refusal(f"the inbox {inbox} cannot be read ({error.strerror}): check its permissions", 3) from error


def put_away(path: Path, folder: Path) -> Path | None:
    """Move a file into a folder beside, under a number where its name is taken, and return its new path; None where it is gone already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = {each.name for each in folder.iterdir()}
        names = (path.name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, 10_000)))
        target = folder / next(name for name in names if name not in taken)
        return path.rename(target)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refusal(
            f"{path.name} was taken in but cannot be moved to {folder} ({error.strerror}): make it writable; taking it in again does no harm", 3
        ) from error
