"""Event properties as typed columns: those that have a column of their own, and `more` for the others."""

from collections.abc import Mapping

import polars as pl

from ripeline.connect.sources import LINE
from ripeline.decide.fields import Field, Fields, FieldType
from ripeline.playbook.mapping import FileMap
from ripeline.sweep.ingest import worth
from ripeline.sweep.ingest.cells import one_line
from ripeline.sweep.ingest.properties import json_text
from ripeline.sweep.ingest.reading import about, reader_of
from ripeline.sweep.ingest.storing import PROPERTY_TYPES

OWN_READERS: Mapping[str, worth.Read] = {"seconds": worth.seconds, "amount": worth.number}


def properties_of(rows: pl.DataFrame, texts: Mapping[str, pl.Expr], fields: Fields, found: FileMap) -> tuple[pl.DataFrame, list[pl.Series]]:
    """Return PROPERTY_TYPES and `more` for each row, made of the text of each property; and for each property why a cell was refused.

    Texts become what playbook/fields.toml says, dates by the formats and the zone of the map; undeclared ones stay as they are.
    """
    declared = {field.name: field for kind in fields.event.values() for field in kind.values()}
    words = rows.select(LINE, *(text.alias(name) for name, text in texts.items()))
    columns: dict[str, pl.Series] = {}
    reasons = []
    for name in texts:
        read, dtype = _reader(declared.get(name, Field(name, FieldType.TEXT)), found)
        columns[name] = worth.by_distinct(words[name], one_line)
        if read is None:
            continue
        columns[name], why = worth.converted(columns[name], read, dtype)
        reasons.append(about(name, why))
    own = [columns[name] if name in columns else pl.Series(name, [None] * rows.height, dtype) for name, dtype in PROPERTY_TYPES.items()]
    return pl.DataFrame([*own, _more({name: column for name, column in columns.items() if name not in PROPERTY_TYPES}, rows.height)]), reasons


def _reader(field: Field, found: FileMap) -> tuple[worth.Read | None, pl.DataType]:
    if field.name in OWN_READERS:
        return OWN_READERS[field.name], PROPERTY_TYPES[field.name]
    if field.name in PROPERTY_TYPES:
        return None, pl.String()
    return reader_of(field, found.formats.get(field.name, ()), found.zone)


def _more(others: Mapping[str, pl.Series], height: int) -> pl.Series:
    if not others:
        return pl.Series("more", [None] * height, pl.String)
    frame = pl.DataFrame([column.alias(name) for name, column in others.items()])
    return pl.Series("more", [json_text(row) for row in frame.iter_rows(named=True)], pl.String)
