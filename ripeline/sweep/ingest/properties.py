"""The properties of an event: some have a column of their own, the others share the JSON column `more`."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from ripeline.sweep.ingest.storing import EVENT_SCHEMA, PROPERTY_TYPES

_READ: Mapping[pl.DataType, type] = {pl.String(): str, pl.Int64(): int, pl.Float64(): float}


def as_columns(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties as columns of EVENT_SCHEMA: those of PROPERTY_TYPES, and `more` as JSON text with sorted names, or None."""
    own = {name: _READ[PROPERTY_TYPES[name]](value) for name, value in properties.items() if name in PROPERTY_TYPES and value is not None}
    return own | {"more": json_text({name: value for name, value in properties.items() if name not in PROPERTY_TYPES})}


def as_properties(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of one row of a frame that has the columns of `as_columns`."""
    own = {name: row[name] for name in PROPERTY_TYPES if row[name] is not None}
    return own | (json.loads(row["more"]) if row["more"] else {})


def as_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return event rows as a frame of EVENT_SCHEMA; a column that a row lacks is null."""
    listed = list(rows)
    return pl.DataFrame({name: [row.get(name) for row in listed] for name in EVENT_SCHEMA}, EVENT_SCHEMA)


def json_text(more: Mapping[str, Any]) -> str | None:
    """Return a JSON object with sorted names and without missing values; None where nothing is left."""
    given = {name: value for name, value in more.items() if value is not None}
    return json.dumps(given, ensure_ascii=False, sort_keys=True, default=str) if given else None
