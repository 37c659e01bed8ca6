"""Columns of text read as what a field is: its value, and beside it why a cell was refused."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from ripeline.address import read_address
from ripeline.connect.sources import LINE, BadRow
from ripeline.countries import country_of
from ripeline.decide.fields import Field, FieldType
from ripeline.frames import INSTANT
from ripeline.playbook.mapping import FILE_DATE, FileMap, When
from ripeline.sweep.ingest import worth
from ripeline.sweep.ingest.cells import REASON, column_of, picked
from ripeline.sweep.ingest.columns import FileFacts


def reader_of(field: Field, formats: Sequence[str], zone: str) -> tuple[worth.Read | None, Any]:
    """Return what makes a value of a text for this field, None where the text is the value; and the type of its column."""
    own: dict[str, tuple[worth.Read, Any]] = {
        "address": (lambda text: read_address(text).written, pl.String()), "country": (country_of, pl.String()), "locale": (worth.locale_id, pl.String()),
        "employees": (worth.whole_number, pl.Int64()),
    }  # fmt: skip
    by_type: dict[FieldType, Callable[[str], str]] = {
        FieldType.NUMBER: worth.number_text,
        FieldType.FLAG: worth.flag_text,
        FieldType.CHOICE: worth.one_of(field.choices),
        FieldType.DATE: worth.day(formats, field.name),
        FieldType.INSTANT: lambda text: worth.instant(text, formats, zone, field.name).isoformat(),
    }
    return own.get(field.name) or (by_type.get(field.type), pl.String())


def moments(name: str, at: When, rows: pl.DataFrame, found: FileMap, file: FileFacts, now: datetime) -> tuple[pl.Series, pl.Series]:
    """Return the instants that a map's `at` makes of rows, and why one was refused; null where the column is blank.

    `name`: which of the map's it is, `at` or `as_of`; the formats go by it. An instant that the map itself gives is held to what holds for a cell.
    """
    if isinstance(at, datetime) or at == FILE_DATE:
        moment, said = (at, "{}") if isinstance(at, datetime) else (file.changed_at, f"{FILE_DATE}, {{}}")
        texts = pl.Series(name, [said.format(f"{moment:%Y-%m-%dT%H:%M:%SZ}")] * rows.height, pl.String)
        instants = pl.Series(name, [moment] * rows.height, INSTANT)
        return instants, worth.untimely(texts, instants, now)
    return worth.instants(column_of(rows, picked(at, rows.columns), name), found.formats.get(name, ()), found.zone, now)


def refused(rows: pl.DataFrame, reason: pl.Series) -> list[BadRow]:
    """Return the rows that have a reason, as they came."""
    bad = rows.with_columns(reason.alias(REASON)).filter(pl.col(REASON).is_not_null())
    return [BadRow(row.pop(LINE), row.pop(REASON), row) for row in bad.iter_rows(named=True)]


def about(name: str, why: pl.Series) -> pl.Series:
    """Return reasons that say which attribute or property they are about."""
    return why.to_frame("why").select(pl.lit(f"{name}: ") + pl.col("why")).to_series()
