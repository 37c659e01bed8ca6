"""Bulk writing: a frame appended to a table, or laid down as a temporary one from which one statement inserts or updates many rows at once."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, SQLModel

from ripeline.sweep.bulk import is_sqlite, table_of

_INSTANT = pl.Datetime("us", "UTC")


class AlreadyThere(Exception):
    """A row that was to be appended is there already: another transaction put it there. On PostgreSQL, where two write at once."""


@contextmanager
def laid_down(session: Session, name: str, frame: pl.DataFrame, types: Mapping[str, Any]) -> Iterator[sa.Table]:
    """Give a temporary table of this name with the rows of `frame`, its columns of these SQLAlchemy types, for the length of the block.

    Instants are Datetime("us", "UTC"), UUIDs 32 hexadecimal digits, words of an enum their text.
    """
    table = sa.Table(name, sa.MetaData(), *(sa.Column(column, kind) for column, kind in types.items()), prefixes=["TEMPORARY"])
    session.execute(sa.schema.CreateTable(table))
    append(session, table, frame.select(list(types)))
    yield table
    session.execute(sa.schema.DropTable(table))


def append(session: Session, into: sa.Table, frame: pl.DataFrame, constants: Mapping[str, Any] | None = None) -> None:
    """Append the rows of `frame` to a table, with the same `constants` in each; a row that is there already raises, on PostgreSQL AlreadyThere.

    Values as for `laid_down`. Columns that neither names keep the database's own default: none but null and the number of the row.
    """
    driver: Any = session.connection().connection.driver_connection
    shared = pl.DataFrame({name: [value] for name, value in (constants or {}).items()})
    if is_sqlite(session):
        _insert(driver, into.name, frame, _in_microseconds(shared))
    else:
        _copy(driver, into.name, frame.with_columns(pl.lit(shared[name].first(), shared[name].dtype).alias(name) for name in shared.columns))


def _in_microseconds(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).dt.timestamp("us") for name, kind in frame.schema.items() if kind == _INSTANT)


def _insert(driver: Any, into: str, frame: pl.DataFrame, shared: pl.DataFrame, end: str = "") -> int:
    """Insert the rows one by one and return how many; what is the same in all of them stands in the statement, since binding is half of the work."""
    if frame.is_empty():
        return 0
    same = [name for name in frame.columns[1:] if frame[name].n_unique() == 1]
    fixed = pl.concat([shared, _in_microseconds(frame.select(same).head(1))], how="horizontal")
    rows = _in_microseconds(frame.drop(same))
    values = ", ".join(["?"] * rows.width + [_literal(driver, value) for value in chain.from_iterable(fixed.rows())])
    inserted: int = driver.executemany(f"INSERT INTO {into} ({_listed((*rows.columns, *fixed.columns))}) VALUES ({values}){end}", rows.rows()).rowcount
    return inserted


def _literal(driver: Any, value: Any) -> str:
    """Return a value as SQLite writes it in SQL."""
    literal: str = driver.execute("SELECT quote(?)", (value,)).fetchone()[0]
    return literal


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _copy(driver: Any, into: str, frame: pl.DataFrame) -> None:
    import psycopg

    text = io.BytesIO()
    instants = [name for name, kind in frame.schema.items() if kind == _INSTANT]
    frame.with_columns(pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ") for name in instants).write_csv(text, include_header=False)
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {into} ({_listed(frame.columns)}) FROM STDIN WITH (FORMAT csv)") as copy:
            copy.write(text.getbuffer())
    except psycopg.errors.UniqueViolation as error:
        raise AlreadyThere(f"a row of {into} is there already") from error


def insert_frame(session: Session, into: type[SQLModel], frame: pl.DataFrame, constants: Mapping[str, Any] | None = None) -> int:
    """Insert the rows of `frame`, with the same `constants` in each, leaving out those that are there by any unique key; return how many are new.

    Columns that neither names keep the database's own default: none but null and the number of the row.
    """
    if frame.is_empty():
        return 0
    if is_sqlite(session):
        driver = session.connection().connection.driver_connection
        return _insert(driver, table_of(into).name, frame, _bound(session, into, constants or {}), " ON CONFLICT DO NOTHING")
    columns = table_of(into).columns
    with laid_down(session, f"new_{into.__tablename__}", frame, {name: columns[name].type for name in frame.columns}) as table:
        values: dict[str, sa.ColumnElement[Any]] = {name: table.c[name] for name in frame.columns}
        values |= {name: sa.literal(value, columns[name].type) for name, value in (constants or {}).items()}
        insert = postgresql.insert(into).from_select(list(values), sa.select(*values.values()), include_defaults=False)
        statement: Any = insert.on_conflict_do_nothing()
        return session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _bound(session: Session, into: type[SQLModel], constants: Mapping[str, Any]) -> pl.DataFrame:
    """Return one row of the constants as the driver takes them."""
    dialect, columns = session.get_bind().dialect, table_of(into).columns
    kept = {name: columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in constants}
    return pl.DataFrame({name: [value if (keep := kept[name]) is None else keep(value)] for name, value in constants.items()})


def update_frame(session: Session, table: type[SQLModel], frame: pl.DataFrame, constants: Mapping[str, Any] | None = None) -> int:
    """Set the columns of `frame` but `id`, and the `constants`, on the rows of `table` with these ids; return how many there are."""
    if frame.is_empty():
        return 0
    columns = table_of(table).columns
    with laid_down(session, f"changed_{table.__tablename__}", frame, {name: columns[name].type for name in frame.columns}) as changed:
        new = {name: changed.c[name] for name in frame.columns if name != "id"} | dict(constants or {})
        statement = sa.update(table).where(columns["id"] == changed.c.id).values(new)
        return session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount
