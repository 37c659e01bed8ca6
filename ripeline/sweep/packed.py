"""Packed text: columns of which a row mostly fills one at most travel as one, since the driver takes as long over a null as over a word."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

FILLED, TEXT = "place of what is filled", "text of it"
SEVERAL = -1

PACKED: Mapping[str, pl.DataType] = {FILLED: pl.Int32(), TEXT: pl.String()}
"""What travels: the place of the column that is filled, SEVERAL, or null, where none is; and its text, or the texts of all as one JSON array."""


def packed(columns: Mapping[str, sa.ColumnElement[Any]]) -> dict[str, sa.ColumnElement[Any]]:
    """Return text columns, by name, as those of PACKED, for PostgreSQL; of none, none."""
    if not columns:
        return {}
    every = list(columns.values())
    # num_nonnulls() would say it in a word, and take longer than all that is saved.
    others = [sa.and_(column.is_not(None), sa.or_(*(later.is_not(None) for later in every[place:]))) for place, column in enumerate(every[:-1], start=1)]
    is_several = sa.or_(*others)
    filled = sa.case((is_several, SEVERAL), *((column.is_not(None), place) for place, column in enumerate(every)))
    text = sa.case((is_several, sa.cast(sa.func.json_build_array(*every), sa.Text)), else_=sa.func.coalesce(*every))
    return {FILLED: filled.label(FILLED), TEXT: text.label(TEXT)}


def unpacked(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the frame with the columns of these names, in the order in which `packed` took them, in the place of those of PACKED."""
    if not names:
        return frame
    filled, text = pl.col(FILLED), pl.col(TEXT)
    columns = [pl.when(filled == place).then(text).alias(name) for place, name in enumerate(names)]
    if (frame[FILLED] == SEVERAL).any():
        several = pl.when(filled == SEVERAL).then(text).str.json_decode(pl.List(pl.String()))
        columns = [pl.coalesce(column, several.list.get(place)).alias(name) for place, (column, name) in enumerate(zip(columns, names, strict=True))]
    return frame.with_columns(columns).drop(PACKED)
