"""Bulk writing: a frame laid down as a temporary table, from which one statement inserts or updates many rows at once."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from ripeline.sweep.bulk import is_sqlite

_INSTANT = pl.Datetime("us", "UTC")


@contextmanager
def laid_down(session: Session, name: str, frame: pl.DataFrame, types: Mapping[str, Any]) -> Iterator[sa.Table]:
    """Give a temporary table of this name with the rows of `frame`, its columns of these SQLAlchemy types, for the length of the block.

    Instants are Datetime("us", "UTC"), UUIDs 32 hexadecimal digits, words of an enum their text.
    """
    table = sa.Table(name, sa.MetaData(), *(sa.Column(column, kind) for column, kind in types.items()), prefixes=["TEMPORARY"])
    session.execute(sa.schema.CreateTable(table))
    _fill(session, table, frame.select(list(types)))
    yield table
    session.execute(sa.schema.DropTable(table))


def _fill(session: Session, table: sa.Table, frame: pl.DataFrame) -> None:
    driver: Any = session.connection().connection.driver_connection
    instants = [column for column, kind in frame.schema.items() if kind == _INSTANT]
    if is_sqlite(session):
        rows = frame.with_columns(pl.col(column).dt.timestamp("us") for column in instants).rows()
        driver.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * frame.width)})", rows)
        return
    text = io.BytesIO()
    frame.with_columns(pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ") for column in instants).write_csv(text, include_header=False)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN WITH (FORMAT csv)") as copy:
        copy.write(text.getbuffer())


def insert_frame(session: Session, into: type[SQLModel], frame: pl.DataFrame, constants: Mapping[str, Any] | None = None) -> int:
    """Insert the rows of `frame`, with the same `constants` in each, leaving out those that are there by any unique key; return how many are new.

    Columns that neither names keep the database's own default: none but null and the number of the row.
    """
    if frame.is_empty():
        return 0
    columns = sa.inspect(into).columns
    with laid_down(session, f"new_{into.__tablename__}", frame, {name: columns[name].type for name in frame.columns}) as table:
        values: dict[str, sa.ColumnElement[Any]] = {name: table.c[name] for name in frame.columns}
        values |= {name: sa.literal(value, columns[name].type) for name, value in (constants or {}).items()}
        query = sa.select(*values.values()).where(sa.true())  # without a WHERE, SQLite reads ON CONFLICT as a join
        insert = (sqlite.insert if is_sqlite(session) else postgresql.insert)(into).from_select(list(values), query, include_defaults=False)
        statement: Any = insert.on_conflict_do_nothing()
        return session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def update_frame(session: Session, table: type[SQLModel], frame: pl.DataFrame, constants: Mapping[str, Any] | None = None) -> int:
    """Set the columns of `frame` but `id`, and the `constants`, on the rows of `table` with these ids; return how many there are."""
    if frame.is_empty():
        return 0
    columns = sa.inspect(table).columns
    with laid_down(session, f"changed_{table.__tablename__}", frame, {name: columns[name].type for name in frame.columns}) as changed:
        new = {name: changed.c[name] for name in frame.columns if name != "id"} | dict(constants or {})
        statement = sa.update(table).where(columns["id"] == changed.c.id).values(new)
        return session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount
