"""The rejects file: rows that were refused, as they came, with line and reason; mend it there and import it again."""

import csv
import json
import os
import re
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO

from ripeline.connect.sources import BadRow
from ripeline.values import Refusal

REST = "#rest"
"""The column of a rejects file that holds what its other columns do not: a row as it came, or further cells as a JSON object."""

OURS = ("line", "reason")
"""The two columns that a rejects file has behind the file's own, and behind REST."""

_DANGEROUS = re.compile(r"[=+\-@\t\r\x00＝＋－＠]")


def safe(cell: str | None) -> str:
    """Return a cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front."""
    text = cell or ""
    return f"'{text}" if _DANGEROUS.match(text) else text


class Rejects:
    """Writes refused rows to `<name>.rejects.csv`, in the first of `folders` that can be written to, and never over another file.

    `path`: where they are, once there are any. Without a refusal no file appears.
    """

    def __init__(self, source: Path, folders: Sequence[Path], columns: Sequence[str] | None) -> None:
        self.path = _place(source, folders)
        self.is_used = False
        self._file: IO[str] | None = None
        self._columns = None if columns is None else _with_rest(columns)

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def write(self, rows: Iterable[BadRow]) -> None:
        """Add rows. Where the file itself has no columns, the first ones settle them. What fits under none of them stands under REST."""
        listed = list(rows)
        if not listed:
            return
        try:
            self._write(listed)
        except OSError as error:
            raise Refusal(
                f"cannot write the refused rows to {self.path} ({error.strerror}): make room or give a writable folder, then import again", 3
            ) from error

    def _write(self, rows: list[BadRow]) -> None:
        if self._columns is None:
            self._columns = _with_rest(name for row in rows for name in row.cells)
        if self._file is None:
            self._file = _new(self.path)
            self.path, self.is_used = Path(self._file.name), True
            csv.writer(self._file).writerow([safe(name) for name in self._columns] + list(OURS))
        writer = csv.writer(self._file)
        for row in rows:
            rest = {name: cell for name, cell in row.cells.items() if name not in self._columns and cell is not None}
            cells = row.cells | {REST: row.rest or (json.dumps(rest, ensure_ascii=False) if rest else None)}
            writer.writerow([safe(cells.get(name)) for name in self._columns] + [row.line, safe(row.reason)])
        self._file.flush()


def _new(path: Path) -> IO[str]:
    """Return a new file, opened, under a number where its name is taken: somebody may be mending what is there."""
    stem, _, ending = path.name.rpartition(".rejects")
    for number in count(2):
        try:
            return path.open("x", encoding="utf-8", newline="")
        except FileExistsError:
            path = path.with_name(f"{stem}-{number}.rejects{ending}")
    raise AssertionError("numbers do not end")


def _with_rest(columns: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(name for name in columns if name not in (*OURS, REST)), REST]


def _place(source: Path, folders: Sequence[Path]) -> Path:
    name = f"{source.stem.removesuffix('.rejects')}.rejects{'.again' if source.stem.endswith('.rejects') else ''}.csv"
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue  # the next one may do; if none does, that is told below
        if os.access(folder, os.W_OK):
            return folder / name
    told = " nor to ".join(str(folder) for folder in folders)
    raise Refusal(f"refused rows could be written neither to {told}: make one of them writable; nothing was imported", 3)
