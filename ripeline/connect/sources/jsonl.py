"""JSON Lines: an object a line. Objects inside become dotted columns, lists stay JSON text, numbers keep their digits."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ripeline.connect.sources import CHUNK_ROWS, LINE, BadRow, Chunk, Source
from ripeline.connect.sources.text import checked_encoding

DEEPEST = 5

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
"""`json.loads` would make one for every line, which costs more than to read it."""


def opened(path: Path, *, encoding: str | None, delimiter: str | None) -> Source:
    """Return the file as rows; each names its own columns."""
    known, size = checked_encoding(path, encoding)
    return Source(path, None, size, lambda: _chunks(path, known))


def _chunks(path: Path, encoding: str) -> Iterator[Chunk]:
    rows: list[dict[str, Any]] = []
    bad: list[BadRow] = []
    with path.open(encoding=encoding, newline="\n") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            row = _row(number, text)
            (bad if isinstance(row, BadRow) else rows).append(row)  # type: ignore[arg-type]
            if len(rows) + len(bad) == CHUNK_ROWS:
                yield _chunk(rows, bad)
                rows, bad = [], []
    yield _chunk(rows, bad)


def _chunk(rows: list[dict[str, Any]], bad: list[BadRow]) -> Chunk:
    names = dict.fromkeys(name for row in rows for name in row if name != LINE)
    columns = [pl.Series(name, [row.get(name) for row in rows], pl.String) for name in names]
    return Chunk(pl.DataFrame([pl.Series(LINE, [row[LINE] for row in rows], pl.Int64), *columns]), bad)


def _row(line: int, text: str) -> dict[str, Any] | BadRow:
    try:
        value = _DECODER.decode(text)
        if not isinstance(value, dict):
            return BadRow(line, "is no JSON object: write {...} on each line", _shown(text))
        row: dict[str, Any] = {}
        _flatten(value, "", DEEPEST, row)
        if "\\u" in text:  # the one way for half a letter to come in
            "".join(part for cell in row.items() for part in cell if part is not None).encode()
    except json.JSONDecodeError as error:
        return BadRow(line, f"is not JSON: {error.msg} at column {error.colno}", _shown(text))
    except RecursionError:
        return BadRow(line, "is nested too deeply", _shown(text))
    except UnicodeEncodeError:
        return BadRow(line, "holds half a letter (a lone surrogate)", _shown(text))
    row[LINE] = line
    return row


def _shown(text: str) -> dict[str, str | None]:
    return {"text": text.strip()[:1000]}


def _flatten(value: Mapping[str, Any], before: str, depth: int, row: dict[str, Any]) -> None:
    """Put what an object holds into `row`, as texts and null."""
    for key, inner in value.items():
        name = f"{before}{key}".strip() if before else key.strip()
        if inner is None or isinstance(inner, str):
            row[name] = inner
        elif isinstance(inner, dict) and depth:
            _flatten(inner, f"{name}.", depth - 1, row)
        else:
            row[name] = json.dumps(inner, ensure_ascii=False)
