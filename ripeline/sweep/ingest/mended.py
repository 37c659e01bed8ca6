"""A rejects file of ours, read again: its rows as they were before we refused them, mended; those that nobody mended are refused again."""

import re
from dataclasses import replace
from typing import Any

import polars as pl

from ripeline.connect.sources import LINE, BadRow, Chunk, Source
from ripeline.connect.sources.jsonl import object_in
from ripeline.sweep.ingest.rejects import OURS, REST

UNMENDED = f"{REST} still holds the row as it came: put it into the columns and empty {REST}, or write it there as a JSON object"

_INJECTED = r"(?s)^'([=+\-@\t\r\x00＝＋－＠].*)$"
"""What a rejects file made safe for spreadsheets."""


def as_exported(source: Source) -> Source:
    """Return a rejects file of ours, with line and reason at the end, as the file that its rows came from; any other file as it is.

    With REST each row names its own columns.
    """
    if source.columns is None or source.columns[-2:] != OURS:
        return source
    columns = None if REST in source.columns else tuple(map(_unquoted, source.columns[:-2]))
    return replace(source, columns=columns, chunks=lambda: map(_as_exported, source.chunks()))


def _as_exported(chunk: Chunk) -> Chunk:
    rows = chunk.rows.with_columns(pl.all().exclude(LINE).str.replace(_INJECTED, "${1}")).drop(OURS).rename(_unquoted)
    if REST not in rows.columns:
        return Chunk(rows, chunk.bad)
    is_whole = rows[REST].fill_null("").str.strip_chars() == ""
    told = [_told(row) for row in rows.filter(~is_whole).iter_rows(named=True)]
    objects = _frame([row for row in told if not isinstance(row, BadRow)])
    together = pl.concat([rows.filter(is_whole).drop(REST), objects], how="diagonal").sort(LINE)
    return Chunk(together, [*chunk.bad, *(row for row in told if isinstance(row, BadRow))])


def _unquoted(name: str) -> str:
    return re.sub(_INJECTED, r"\1", name)


def _told(row: dict[str, Any]) -> dict[str, Any] | BadRow:
    """Return a row with the cells that an object under REST adds, or why it cannot be taken."""
    line, rest = row.pop(LINE), row.pop(REST)
    found = object_in(line, rest) if rest.lstrip().startswith("{") else BadRow(line, UNMENDED, {})
    if isinstance(found, BadRow):
        return replace(found, cells=row, rest=rest)
    return {LINE: line} | row | {name: cell for name, cell in found.items() if not row.get(name) and name != LINE}


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row if name != LINE)
    return pl.DataFrame(rows, {LINE: pl.Int64} | dict.fromkeys(names, pl.String))
