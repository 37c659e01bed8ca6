"""Reads SQLite in bulk, in a process of its own. Run by `bulk_read`, never imported.

The ADBC driver carries its own SQLite library. Two of them in one process break the file's locks: closing a connection of one drops the
locks of the other, and the write-ahead log is deleted while somebody still writes to it (sqlite.org/howtocorrupt.html, 2.2.1).
Each line of standard input asks {database, sql, out}; the rows go to the file `out` as Arrow IPC, and a line {error} answers, null if all went well.
"""

import json
import sys

import adbc_driver_sqlite.dbapi as adbc
import polars as pl

BATCH_ROWS = 1_000_000  # SQLite has no column types: the driver infers them from its first batch, so one batch must hold all rows


def read(database: str, sql: str, out: str) -> None:
    """Write what `sql` selects to `out`."""
    with adbc.connect(f"file:{database}") as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": BATCH_ROWS})
        cursor.execute(sql)
        pl.DataFrame(cursor.fetch_arrow()).write_ipc(out)


def answer() -> None:
    """Work off one line after the other until whoever asks is gone."""
    for line in sys.stdin:
        error = None
        try:
            read(**json.loads(line))
        except (adbc.Error, OSError, pl.exceptions.PolarsError) as failed:
            error = f"{type(failed).__name__}: {failed}"
        sys.stdout.write(json.dumps({"error": error}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    answer()
