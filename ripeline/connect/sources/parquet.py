"""Parquet files. A row's line is its number. Instants come as ISO 8601 in UTC, those without a zone as they are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from ripeline.connect.sources import CHUNK_ROWS, LINE, Chunk, Source
from ripeline.values import Refusal

_WALL = "%Y-%m-%dT%H:%M:%S%.6f"


def opened(path: Path, *, encoding: str | None, delimiter: str | None) -> Source:
    """Return the file as rows; what is no Parquet file, or holds a column we cannot read as text, raises Refusal."""
    try:
        schema = pl.read_parquet_schema(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Refusal(f"{path} is no Parquet file, or a broken one: export it again") from error
    size = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    dotted = pl.DataFrame(schema=schema).select(_columns(path, schema)).columns
    return Source(path, tuple(dotted), size, lambda: _chunks(path, _columns(path, schema)))


def _chunks(path: Path, columns: list[pl.Expr]) -> Iterator[Chunk]:
    start = 0
    while (rows := pl.scan_parquet(path).slice(start, CHUNK_ROWS).collect()).height:
        yield Chunk(rows.select(pl.int_range(start + 1, start + rows.height + 1).alias(LINE), *columns))
        start += rows.height


def _columns(path: Path, schema: Any) -> list[pl.Expr]:
    return [each for name, dtype in schema.items() for each in _flat(path, pl.col(name), name.strip(), dtype)]


def _flat(path: Path, column: pl.Expr, name: str, dtype: Any) -> list[pl.Expr]:
    if isinstance(dtype, pl.Struct):
        return [each for inner in dtype.fields for each in _flat(path, column.struct.field(inner.name), f"{name}.{inner.name}", inner.dtype)]
    return [_text(path, column, name, dtype).alias(name)]


def _text(path: Path, column: pl.Expr, name: str, dtype: Any) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        wall = column.dt.cast_time_unit("us").to_physical().cast(pl.Datetime("us")).dt.strftime(_WALL)
        return wall + pl.lit("Z") if dtype.time_zone else wall
    if isinstance(dtype, pl.List | pl.Array):
        return column.map_elements(lambda cell: json.dumps(list(cell), ensure_ascii=False, default=str), return_dtype=pl.String)
    if isinstance(dtype, pl.Binary | pl.Object | pl.Duration):
        raise Refusal(f"{path}: column '{name}' holds {dtype}, which has no plain text: write it as text")
    return column.cast(pl.String)
