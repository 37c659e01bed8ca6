"""JSON Lines: an object a line. Objects inside become dotted columns, lists stay JSON text, numbers keep their digits."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from ripeline.connect.sources import CHUNK_ROWS, LINE, BadRow, Chunk, Source
from ripeline.connect.sources.text import checked_encoding

DEEPEST = 5

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
"""`json.loads` would make one for every line, which costs more than to read it."""

_NOTHING = type(None)
_TEXTS, _WHOLE = frozenset({str, _NOTHING}), frozenset({int, _NOTHING})
_PLAIN = _TEXTS | {int, bool}

_MINUS_NOUGHT = re.compile(r"[:\s]-0(?!\d)")


def opened(path: Path, *, encoding: str | None, delimiter: str | None) -> Source:
    """Return the file as rows; each names its own columns."""
    known, size = checked_encoding(path, encoding)
    return Source(path, None, size, lambda: _chunks(path, known))


def _chunks(path: Path, encoding: str) -> Iterator[Chunk]:
    first = 1
    with path.open(encoding=encoding, newline="\n") as file:
        while lines := list(islice(file, CHUNK_ROWS)):
            yield _chunk(first, lines)
            first += len(lines)


def _chunk(first: int, lines: Sequence[str]) -> Chunk:
    together = _together(lines)
    if together is not None:
        return Chunk(pl.DataFrame([pl.int_range(first, first + len(lines), eager=True).alias(LINE), *_columns(together)]), [])
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    bad: list[BadRow] = []
    for number, text in enumerate(lines, first):
        row = _plain(text) or (object_in(number, text) if text.strip() else None)
        if isinstance(row, BadRow):
            bad.append(row)
        elif row is not None:
            rows.append(row)
            numbers.append(number)
    return Chunk(pl.DataFrame([pl.Series(LINE, numbers, pl.Int64), *_columns(rows)]), bad)


def _columns(rows: list[dict[str, Any]]) -> Iterator[pl.Series]:
    names = dict.fromkeys(chain.from_iterable(rows))
    if any(name != name.strip() for name in names):
        rows = [{name.strip(): cell for name, cell in row.items()} for row in rows]
        names = dict.fromkeys(name.strip() for name in names)
    return (_column(name, _cells(name, rows)) for name in names if name != LINE)


def _cells(name: str, rows: list[dict[str, Any]]) -> list[Any]:
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:
        return [row.get(name) for row in rows]


def _together(lines: Sequence[str]) -> list[dict[str, Any]] | None:
    """Return the objects of all lines, read at once, where each line holds one that is plain, see `_plain`; None: each wants a look of its own.

    The end of each line stands before the comma, and none may stand in a text; each line begins and ends with a brace. So no two lines
    that are broken are one object together, but for one with a list, which is not plain.
    """
    if not all(line.startswith("{") and line.rstrip().endswith("}") for line in lines):
        return None
    try:
        rows: list[Any] = orjson.loads(f"[{','.join(lines)}]")
    except orjson.JSONDecodeError:
        return None
    if len(rows) != len(lines) or set(map(type, rows)) != {dict} or not _PLAIN.issuperset(map(type, chain.from_iterable(map(dict.values, rows)))):
        return None
    return None if any(0 in row.values() and _MINUS_NOUGHT.search(line) for row, line in zip(rows, lines, strict=True)) else rows


def _plain(text: str) -> dict[str, Any] | None:
    """Return the object in a line, quickly, where it holds nothing but texts, whole numbers, flags and null; None: a closer look is due.

    A whole number has the digits it came with, but for -0.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if type(value) is not dict or not _PLAIN.issuperset(map(type, value.values())) or (0 in value.values() and _MINUS_NOUGHT.search(text)):
        return None
    return value


def _column(name: str, cells: list[Any]) -> pl.Series:
    kinds = set(map(type, cells))
    if kinds <= _TEXTS:
        return pl.Series(name, cells, pl.String)
    if kinds <= _WHOLE:
        return pl.Series(name, cells, pl.Int128).cast(pl.String)
    return pl.Series(name, [cell if cell is None or type(cell) is str else _written(cell) for cell in cells], pl.String)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def object_in(line: int, text: str) -> dict[str, Any] | BadRow:
    """Return the object in a line as a row, each cell text or null; or why it holds none, the line kept whole."""
    try:
        value = _DECODER.decode(text)
        if not isinstance(value, dict):
            return BadRow(line, "is no JSON object: write {...} on each line", {}, text.strip())
        row: dict[str, Any] = {}
        _flatten(value, "", DEEPEST, row)
        if "\\u" in text:  # the one way for half a letter to come in
            "".join(part for cell in row.items() for part in cell if part is not None).encode()
    except json.JSONDecodeError as error:
        return BadRow(line, f"is not JSON: {error.msg} at column {error.colno}", {}, text.strip())
    except RecursionError:
        return BadRow(line, "is nested too deeply", {}, text.strip())
    except UnicodeEncodeError:
        return BadRow(line, "holds half a letter (a lone surrogate)", {}, text.strip())
    return row


def _flatten(value: Mapping[str, Any], before: str, depth: int, row: dict[str, Any]) -> None:
    """Put what an object holds into `row`, as texts and null."""
    for key, inner in value.items():
        name = f"{before}{key}".strip() if before else key.strip()
        if inner is None or isinstance(inner, str):
            row[name] = inner
        elif isinstance(inner, dict) and depth:
            _flatten(inner, f"{name}.", depth - 1, row)
        else:
            row[name] = _written(inner)
