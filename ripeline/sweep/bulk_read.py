"""Bulk reading that is safe on SQLite: small results by Python's own library, large ones by a process beside us. See `sqlite_reader`."""

import atexit
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import polars as pl
import sqlalchemy as sa

from ripeline.database import BUSY_SECONDS
from ripeline.frames import fetch
from ripeline.values import Refusal

SMALL, FEW = 20_000, 4_000
"""Up to so many rows, fetching them one by one is quicker than starting another process; and once that runs, than asking it."""

CACHE_KIB = 65_536
"""How much of the file a small read may hold: one that looks through the base comes by the same pages again and again."""

INSTANT = pl.Datetime("us", "UTC")


def read_bulk(engine: sa.Engine, query: sa.Select[Any], schema: Mapping[str, pl.DataType], *, expected: int = 0) -> pl.DataFrame:
    """Return what `query` selects as a frame with the columns and types of `schema`, read outside any transaction.

    `expected` rows spare a trial where they are surely many. Where nobody knows, it goes on to SMALL: a question that is asked again costs more.
    """
    sql = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    if engine.dialect.name != "sqlite":
        return fetch(engine, sql.replace("%%", "%"), schema)  # psycopg would read %% as %; the ADBC driver reads what stands there
    database = str(Path(str(engine.url.database)).absolute())
    most = FEW if _reader.cache_info().currsize else SMALL
    frame = _small(database, sql, schema) if expected <= most // 2 else None
    return _reader(os.getpid()).read(database, sql, schema) if frame is None else frame


def _small(database: str, sql: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame | None:
    """Return the rows, or None if they are many."""
    with closing(sqlite3.connect(f"{Path(database).as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        rows = connection.execute(sql).fetchmany(SMALL + 1)
    if len(rows) > SMALL:
        return None
    frame = pl.DataFrame(rows, schema={name: _kept_as(dtype) for name, dtype in schema.items()}, orient="row", strict=False)
    return _cast(frame, schema)


def _kept_as(dtype: pl.DataType) -> pl.DataType:
    """Return the type in which SQLite keeps ours: instants are whole microseconds, flags are 0 and 1."""
    return pl.Int64() if dtype in (INSTANT, pl.Boolean()) else dtype


def _cast(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Columns that hold only NULLs come with a type of their own: through the kept type they find to ours."""
    return frame.select(pl.col(name).cast(_kept_as(dtype)).cast(dtype) for name, dtype in schema.items())


class _Reader:
    """The process beside us: started when first needed, gone when we are."""

    def __init__(self) -> None:
        program = [sys.executable, "-I", str(Path(__file__).with_name("sqlite_reader.py"))]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self._turn = threading.Lock()
        atexit.register(self.close)

    def read(self, database: str, sql: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        with tempfile.TemporaryDirectory(prefix="ripeline-") as folder:
            out = Path(folder, "rows.arrow")
            with self._turn:
                said = self._ask({"database": database, "sql": sql, "out": str(out)})
            if said["error"]:
                raise Refusal(f"the database {database} cannot be read ({said['error']}): check that the disk is sound and has room in {folder}", 3)
            return _cast(pl.read_ipc(out), schema)

    def _ask(self, question: dict[str, str]) -> dict[str, str | None]:
        answer = ""
        with suppress(BrokenPipeError):  # it ended: told below, as an empty answer is
            self._pipe(self._process.stdin).write(json.dumps(question) + "\n")
            self._pipe(self._process.stdin).flush()
            answer = self._pipe(self._process.stdout).readline()
        if not answer:
            _reader.cache_clear()
            raise Refusal("the process that reads the database in bulk ended: out of memory? Run it again with a smaller --batch-size", 3)
        said: dict[str, str | None] = json.loads(answer)
        return said

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None, "both ends were asked for"
        return pipe

    def close(self) -> None:
        """End the process and wait for it."""
        atexit.unregister(self.close)
        with suppress(BrokenPipeError):  # it ended before us, with a question unread
            self._pipe(self._process.stdin).close()
        self._pipe(self._process.stdout).close()
        self._process.wait()


@lru_cache(maxsize=1)
def _reader(process_id: int) -> _Reader:
    """Return this process's reader; a fork is another process and needs its own."""
    return _Reader()
