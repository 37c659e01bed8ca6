"""Files that leads and events come in. A module here is a kind of file; its endings choose it.

Whatever the kind, rows come in chunks as text, as in the file: what a cell means is for `ingest` to say.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import polars as pl

from ripeline.values import Refusal

LINE = "#line"
"""The column of a chunk that holds each row's line in the file, counted from 1."""

CHUNK_ROWS = 50_000

_KINDS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot even be read, with what could be made of its cells. `rest`: the row as it came, where the cells do not say it all."""

    line: int
    reason: str
    cells: dict[str, str | None]
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a file: LINE as Int64 and every column as String, null where there is no cell; and the rows that could not be read."""

    rows: pl.DataFrame
    bad: Sequence[BadRow] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file. `columns` None: each row names its own. `size`: how many rows it has, about. `chunks` reads it from the start each time."""

    path: Path
    columns: tuple[str, ...] | None
    size: int
    chunks: Callable[[], Iterator[Chunk]] = field(repr=False)


def open_source(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Source:
    """Return a file as rows. One that is missing, empty, a folder, a pipe, of no known kind or in another encoding raises Refusal.

    `encoding` None: UTF-8, with or without a byte order mark. `delimiter` None: what the header is written with.
    """
    _check_readable(path)
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise Refusal(f"{path}: no source for files ending in '{path.suffix}': give one of {', '.join(sorted(_KINDS))}")
    opened: Source = import_module(f"ripeline.connect.sources.{kind}").opened(path, encoding=encoding, delimiter=delimiter)
    return opened


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise Refusal(f"{path} is a folder: name the file inside it")
    if not path.exists():
        raise Refusal(f"{path} does not exist: check its name, and that you are in the right folder")
    if not path.is_file():
        raise Refusal(f"{path} is a pipe or a device, and a file is read more than once: save what comes out of it, and name that file")
    if not os.access(path, os.R_OK):
        raise Refusal(f"{path} may not be read: check its permissions")
    if path.stat().st_size == 0:
        raise Refusal(f"{path} is empty: export it again")
