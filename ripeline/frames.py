"""Bulk reading from PostgreSQL: SQL in, a Polars frame out, by ADBC, cast to the types the caller declares. SQLite: `sweep/bulk_read`."""

import atexit
import os
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

INSTANT = pl.Datetime("us", "UTC")

_MOST_IDLE = 2
_idle: dict[tuple[int, str], list[Any]] = defaultdict(list)
"""Connections that wait for the next read, by process (a fork must not share its parent's) and address: to open one takes 60 ms of work."""


def fetch(engine: sa.Engine, sql: str, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Return the rows of `sql`, read from PostgreSQL outside any transaction, as a frame with exactly the columns of `schema`."""
    import adbc_driver_postgresql.dbapi as adbc

    uri = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    idle = _idle[os.getpid(), uri]
    while True:
        is_fresh = not idle
        connection = adbc.connect(uri, autocommit=True) if is_fresh else idle.pop()
        try:
            frame = _rows(connection, sql)
        except adbc.Error:
            connection.close()
            if is_fresh:
                raise
            continue  # the server may have gone and come back since this connection was last used
        _keep(idle, connection)
        return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _rows(connection: Any, sql: str) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return pl.DataFrame(cursor.fetch_arrow())


def _keep(idle: list[Any], connection: Any) -> None:
    if len(idle) < _MOST_IDLE:
        idle.append(connection)
    else:
        connection.close()


@atexit.register
def _close_idle() -> None:
    for (process, _), idle in _idle.items():
        while idle and process == os.getpid():
            idle.pop().close()
