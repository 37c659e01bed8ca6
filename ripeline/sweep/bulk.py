"""Many rows at once, on either database: inserts that leave out what is there, and conditions over long lists of keys."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def is_sqlite(session: Session) -> bool:
    """Tell which of the two databases this is."""
    return session.get_bind().dialect.name == "sqlite"


def table_of(model: type[SQLModel]) -> sa.Table:
    """Return a model's table. Bulk writes go to it: the ORM would split them by which of their values are missing."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return table


def insert_new(session: Session, table: type[SQLModel], rows: Iterable[dict[str, Any]], *, returning: Sequence[Any]) -> Sequence[sa.Row[Any]]:
    """Insert rows and return the `returning` columns of those that were not there; any unique key of the table counts as being there.

    Each row gives every column that has no default in the database.
    """
    many = list(rows)
    if not many:
        return []
    rows_of = table_of(table)
    insert = sqlite.insert(rows_of) if is_sqlite(session) else postgresql.insert(rows_of)
    return session.connection().execute(insert.on_conflict_do_nothing().returning(*returning), many).all()


def is_one_of(session: Session, column: Any, values: Collection[int] | Collection[str]) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is one of `values`, however many: they travel as one bound value, so no limit is met."""
    listed = list(values)
    if is_sqlite(session):
        each = sa.func.json_each(sa.literal(json.dumps(listed, ensure_ascii=False), sa.Text())).table_valued("value")
        chosen: sa.ColumnElement[bool] = column.in_(sa.select(each.c.value))
        return chosen
    if not listed:
        return sa.false()  # PostgreSQL would ask for the type of nothing
    kind: postgresql.ARRAY[Any] = postgresql.ARRAY(sa.BigInteger() if isinstance(listed[0], int) else sa.Text())
    return column == sa.any_(sa.literal(listed, kind))  # type: ignore[no-any-return]


def is_one_of_ids(engine: sa.Engine, column: Any, ids: pl.Series) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is one of these whole numbers, as one literal: for queries that travel as text, see `read_bulk`.

    A literal for each id would take longer to write than thousands of leads to read. PostgreSQL goes through an index by a list that it unnests;
    of an array it believes that it stands for much of a table, and reads all of that.
    """
    listed = ",".join(map(str, ids.cast(pl.Int64)))
    each: Any = sa.func.unnest(sa.literal_column(f"'{{{listed}}}'::bigint[]"))
    if engine.dialect.name == "sqlite":
        each = sa.func.json_each(sa.literal(f"[{listed}]", sa.Text())).table_valued("value").c.value
    chosen: sa.ColumnElement[bool] = column.in_(sa.select(each))
    return chosen


SPARSE = 5
"""Of so many rows in a range one is asked for at least: then one read of the range is quicker than many small ones."""


def is_most(count: int, among: int) -> bool:
    """Tell whether `count` rows are so many of those `among` which they lie that reading all of them is quicker."""
    return count * SPARSE >= among
