"""JSON Lines: an object a line. Objects inside become dotted columns, lists stay JSON text, numbers keep their digits."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ripeline.connect.sources import CHUNK_ROWS, LINE, BadRow, Chunk, Source
from ripeline.connect.sources.text import checked_encoding

DEEPEST = 5


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
    shown: dict[str, str | None] = {"text": text.strip()[:1000]}
    try:
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
        row: dict[str, Any] = dict(_flat(value, "", DEEPEST)) | {LINE: line} if isinstance(value, dict) else {}
        "".join(part for cell in row.items() for part in cell if isinstance(part, str)).encode()
    except json.JSONDecodeError as error:
        return BadRow(line, f"is not JSON: {error.msg} at column {error.colno}", shown)
    except RecursionError:
        return BadRow(line, "is nested too deeply", shown)
    except UnicodeEncodeError:
        return BadRow(line, "holds half a letter (a lone surrogate)", shown)
    return row or BadRow(line, "is no JSON object: write {...} on each line", shown)


def _flat(value: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, str | None]]:
    for key, inner in value.items():
        name = f"{before}{key}".strip()
        if isinstance(inner, dict) and depth:
            yield from _flat(inner, f"{name}.", depth - 1)
        else:
            yield name, _text(inner)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
