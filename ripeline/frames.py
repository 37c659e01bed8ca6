"""Bulk reading from PostgreSQL: SQL in, a Polars frame out, by ADBC, cast to the types the caller declares. SQLite: `sweep/bulk_read`."""

from collections.abc import Mapping

import polars as pl
import sqlalchemy as sa

INSTANT = pl.Datetime("us", "UTC")


def fetch(engine: sa.Engine, sql: str, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Return the rows of `sql`, read from PostgreSQL outside any transaction, as a frame with exactly the columns of `schema`."""
    import adbc_driver_postgresql.dbapi as adbc

    uri = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with adbc.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        frame = pl.DataFrame(cursor.fetch_arrow())
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
