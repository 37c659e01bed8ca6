"""Bulk reading: SQL in, a Polars frame out, by ADBC, cast to the types the caller declares."""

from collections.abc import Mapping

import polars as pl
import sqlalchemy as sa

BATCH_ROWS = 1_000_000  # SQLite has no column types: the driver infers them from its first batch, so one batch must hold all rows

INSTANT = pl.Datetime("us", "UTC")


def fetch(engine: sa.Engine, sql: str, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Return the rows of `sql` as a frame with exactly the columns of `schema`, in its order and types."""
    frame = _from_sqlite(engine, sql) if engine.dialect.name == "sqlite" else _from_postgresql(engine, sql)
    return frame.select(_as(name, frame.schema[name], dtype) for name, dtype in schema.items())


def _as(name: str, have: pl.DataType, want: pl.DataType | type[pl.DataType]) -> pl.Expr:
    column = pl.col(name)
    if have == want:
        return column
    if want == pl.Boolean and have.is_integer():
        return column != 0
    if want == INSTANT and have == pl.String:  # a column that holds only NULLs may come as text
        return column.cast(pl.Int64).cast(INSTANT)
    return column.cast(want)


def _from_sqlite(engine: sa.Engine, sql: str) -> pl.DataFrame:
    import adbc_driver_sqlite.dbapi as adbc

    with adbc.connect(f"file:{engine.url.database}") as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": BATCH_ROWS})
        cursor.execute(sql)
        return pl.DataFrame(cursor.fetch_arrow())


def _from_postgresql(engine: sa.Engine, sql: str) -> pl.DataFrame:
    import adbc_driver_postgresql.dbapi as adbc

    uri = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with adbc.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return pl.DataFrame(cursor.fetch_arrow())
