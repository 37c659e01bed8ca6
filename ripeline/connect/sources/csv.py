"""Comma-separated files, also with semicolons, tabs or bars; line by line, so that one broken row costs no other.

RFC 4180 with the latitude people take. Of a row with a quote that never closes, only the first line is given up.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import polars as pl

from ripeline.connect.sources import LINE, BadRow, Chunk, Source
from ripeline.connect.sources.text import checked_encoding
from ripeline.values import Refusal

BLOCK = 1 << 22
DELIMITERS = ",;\t|"


def opened(path: Path, *, encoding: str | None, delimiter: str | None) -> Source:
    """Return the file as rows; a header that is blank, doubled or not there raises Refusal."""
    known, size = checked_encoding(path, encoding)
    with path.open(encoding=known, newline="\n") as file:
        first = _outside_quotes(file.readline())
        if "\r" in first.removesuffix("\n").removesuffix("\r"):
            raise Refusal(f"{path} has a line end (CR) in the middle of its first line: save it with lines that end with LF or CRLF, not with CR alone")
        mark = delimiter or max(DELIMITERS, key=first.count)
        file.seek(0)
        header, lines = _header(path, file, mark)
    return Source(path, tuple(name for name in header if name), size, lambda: _chunks(path, known, mark, header, lines))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _header(path: Path, file: TextIO, delimiter: str) -> tuple[list[str], int]:
    """Return the names of the columns, and how many lines they take."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise Refusal(f"{path}: the header cannot be read ({error}): the first line must name the columns") from error
    if not any(header):
        raise Refusal(f"{path}: the first line is blank: it must name the columns")
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        places = " and ".join(str(number) for number, name in enumerate(header, start=1) if name == doubled[0])
        raise Refusal(f"{path}: the header has '{doubled[0]}' twice (columns {places}): rename one of them")
    return header, reader.line_num


def _chunks(path: Path, encoding: str, delimiter: str, header: list[str], skipped: int) -> Iterator[Chunk]:
    with path.open(encoding=encoding, newline="\n") as file:
        for _ in range(skipped):
            file.readline()
        line = skipped + 1
        while text := file.read(BLOCK):
            text += file.readline()
            is_plain = '"' not in text and text.count("\r") == text.count("\r\n")
            chunk, line = (_quick if is_plain else _careful)(text, file, delimiter, header, line)
            yield chunk


def _quick(text: str, _: TextIO, delimiter: str, header: list[str], line: int) -> tuple[Chunk, int]:
    """Return the chunk of a text without quotes, where a delimiter is always one, and the number of the line after it."""
    lines = pl.Series("text", text.removesuffix("\n").split("\n"), pl.String).str.strip_suffix("\r")
    rows = lines.to_frame().select(pl.int_range(line, line + len(lines)).alias(LINE), "text").filter(pl.col("text") != "")
    is_whole = pl.col("text").str.count_matches(delimiter, literal=True) == len(header) - 1
    cells = pl.col("text").str.split_exact(delimiter, len(header) - 1).struct.rename_fields([str(number) for number in range(len(header))])
    whole = rows.filter(is_whole).select(LINE, cells.alias("cells")).unnest("cells")
    bad = [_ragged(number, row.split(delimiter), header, row) for number, row in rows.filter(~is_whole).iter_rows()]
    return _named(whole, header, bad), line + len(lines)


def _careful(text: str, file: TextIO, delimiter: str, header: list[str], line: int) -> tuple[Chunk, int]:
    """Return the chunk of the rows that begin in `text`, and the number of the line after them. It may read on in `file` to the end of a row."""
    lines = _Lines(text, file)
    rows: list[list[str]] = []
    numbers: list[int] = []
    bad: list[BadRow] = []
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while lines.waiting:
        lines.taken.clear()
        try:
            row = next(reader)
            broken = _ragged(line, row, header, lines.first) if row and len(row) != len(header) else None
        except csv.Error as error:
            broken = BadRow(line, f"cannot be read: {_said(error)}", _cells(lines.first.split(delimiter), header), lines.first)
        if broken:
            lines.give_back_all_but_first()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            bad.append(broken)
        elif row:
            rows.append(row)
            numbers.append(line)
        line += len(lines.taken)
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    frame = pl.DataFrame([pl.Series(LINE, numbers, pl.Int64), *(pl.Series(str(number), cells, pl.String) for number, cells in enumerate(columns))])
    return _named(frame, header, bad), line


class _Lines:
    """Lines for a reader, that can be given back: those of a text first, then those of the file behind it."""

    def __init__(self, text: str, file: TextIO) -> None:
        lines = text.split("\n")
        self.waiting = deque([f"{line}\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1]))
        self.taken: list[str] = []
        self._file = file

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else self._file.readline()
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    @property
    def first(self) -> str:
        """Return the first of the lines that were taken, without its end."""
        return self.taken[0].strip("\r\n")

    def give_back_all_but_first(self) -> None:
        self.waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _said(error: csv.Error) -> str:
    words = str(error)
    if "field limit" in words:
        return f"a cell of more than {csv.field_size_limit():,} characters, or a quote that never closes"
    if "new-line" in words:
        return "a line end (CR) in a cell without quotes; put quotes around it"
    return "a quote that never closes" if "end of data" in words else f"a quote in the middle of a cell ({words}); double it"


def _ragged(line: int, row: list[str], header: list[str], text: str) -> BadRow:
    return BadRow(line, f"has {len(row)} cells, the header has {len(header)}: a delimiter too many, or a cell without quotes", _cells(row, header), text)


def _cells(row: list[str], header: list[str]) -> dict[str, str | None]:
    return {name: cell for name, cell in zip(header, row, strict=False) if name}


def _as_line(row: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue()


def _named(frame: pl.DataFrame, header: list[str], bad: list[BadRow]) -> Chunk:
    """Return the chunk under the header's names. A column without a name must be empty: it often is, behind a trailing comma."""
    nameless = [str(number) for number, name in enumerate(header) if not name]
    if nameless:
        is_filled = pl.any_horizontal(pl.col(nameless) != "")
        for row in frame.filter(is_filled).rows():
            reason = "has a value in a column without a name: name it in the header"
            bad.append(BadRow(row[0], reason, _cells(list(row[1:]), header), _as_line(row[1:])))
        frame = frame.filter(~is_filled)
    return Chunk(frame.select(LINE, *(pl.col(str(number)).alias(name) for number, name in enumerate(header) if name)), bad)
