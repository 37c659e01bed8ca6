"""Packed text: whatever the columns hold comes back as it was, also where a row fills several of them, or none."""

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from ripeline.database import engine_for
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.packed import PACKED, packed, unpacked

TEXT = (
    st.none()
    | st.sampled_from(["", "/pricing", '["a", null]', "\\", "'%s'", "ü\n\t"])
    | st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1), max_size=5)
)
ROWS = st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=20)
NAMES = ("first", "second", "third")


@pytest.fixture(scope="module")
def engine(postgresql_url: str) -> sa.Engine:
    """Give a PostgreSQL engine: to SQLite nothing is packed."""
    return engine_for(postgresql_url)


def _through(engine: sa.Engine, rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    """Return rows that went through the database and back."""
    columns = [sa.column(name, sa.String) for name in NAMES]
    numbered = [(number, *row) for number, row in enumerate(rows)]
    held = sa.values(sa.column("number", sa.Integer), *columns, name="held").data(numbered)
    query = sa.select(held.c.number, *packed({name: held.c[name] for name in NAMES}).values())
    return unpacked(read_bulk(engine, query, {"number": pl.Int64(), **PACKED}), NAMES).sort("number")


@settings(max_examples=20)
@given(ROWS)
def test_every_text_comes_back_in_its_own_column(engine: sa.Engine, rows: list[tuple[str | None, ...]]) -> None:
    assert _through(engine, rows).select(NAMES).rows() == rows


def test_a_row_that_fills_one_column_travels_without_a_list(engine: sa.Engine) -> None:
    frame = pl.DataFrame({"place of what is filled": [1, None], "text of it": ["[x", None]}, schema=PACKED)
    assert unpacked(frame, NAMES).rows() == [(None, "[x", None), (None, None, None)]


def test_where_nothing_is_packed_nothing_changes() -> None:
    frame = pl.DataFrame({"first": ["x"]})
    assert packed({}) == {}
    assert unpacked(frame, ()) is frame
