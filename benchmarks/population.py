"""Made-up leads and events for benchmarks, the same at every run, put into a database as fast as it takes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import AutoString, Session, SQLModel

import models  # noqa: F401  (registers the tables)
from ripeline.database import engine_for
from ripeline.sweep.bulk_write import append

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
_BORN = NOW - timedelta(days=365)
_INSTANT = pl.Datetime("us", "UTC")
_SLICE = 50_000

_KINDS = ["page_viewed"] * 60 + ["mail_opened"] * 20 + ["asset_downloaded"] * 5 + ["link_clicked"] * 5 + ["webinar_attended"] * 3
_KINDS += ["support_ticket"] * 2 + ["unsubscribed"] + ["form_sent"] * 2 + ["product_used"] * 2
_PATHS = ["/", "/pricing", "/product/flows", "/product/forms", "/careers/berlin", "/about", "/blog/a", "/blog/b", "/docs", "/contact"]
_SENIORITY = ["c_level", "vp", "director", "manager", "specialist", "student", None]
_INDUSTRY = ["Technology", "Retail", "Finance", "Manufacturing", None]
_COUNTRY = ["US", "GB", "CA", "DE", "NL", "JP", "BR", "IN"]
_EMPLOYEES = [None, 3, 20, 50, 120, 500, 501, 9000]


def people(count: int) -> pl.DataFrame:
    """Return rows of the table `lead`."""
    number = pl.int_range(1, count + 1, eager=True).alias("id")
    firm = pl.when(_dice(12, 12) == 0).then(pl.lit("gmail.com")).when(_dice(13, 50) == 0).then(pl.lit("rival.example"))
    address = pl.format("lead{}@{}", "id", firm.otherwise(pl.format("firm{}.example", pl.col("id") % 997)))
    born = (pl.lit(NOW, _INSTANT) - pl.duration(seconds=_dice(14, 400 * 86400))).alias("created_at")
    return pl.DataFrame(number).select(
        "id", address.alias("address"), address.alias("address_key"), pl.lit("benchmark").alias("source"),
        _one_of(_SENIORITY, 1).alias("seniority"), _one_of(_INDUSTRY, 2).alias("industry"), _one_of(_EMPLOYEES, 3).alias("employees"),
        _one_of(_COUNTRY, 4).alias("country"), pl.lit("{}").alias("more"),
        born, *(pl.lit(_BORN, _INSTANT).alias(name) for name in ("updated_at", "stage_at")),
        *(pl.lit(value).alias(name) for name, value in {"facts_seq": 1, "stage": "lead", "is_on_hold": False, "segmented_revision": 0}.items()),
        *(pl.lit("").alias(name) for name in _other_texts("lead", {"address", "address_key", "source", "stage", "more"})),
    )  # fmt: skip


def happenings(leads: range, each: int) -> pl.DataFrame:
    """Return rows of the table `event`, so many a lead, over the last year."""
    frame = pl.DataFrame({"id": pl.int_range((leads.start - 1) * each, (leads.stop - 1) * each, eager=True)})
    at = (pl.lit(NOW, _INSTANT) - pl.duration(seconds=_dice(5, 365 * 86400 - 1))).alias("at")
    is_page = pl.col("kind") == "page_viewed"
    drawn = frame.with_columns((pl.col("id") // each + 1).alias("lead_id"), at, _one_of(_KINDS, 6).alias("kind"))
    return drawn.select(
        "lead_id", "at", "id", pl.col("at").alias("received_at"), "kind", pl.lit("human").alias("actor"),
        pl.when(is_page).then(_one_of(_PATHS, 7)).alias("path"), pl.when(is_page).then(_dice(8, 300)).cast(pl.Int64).alias("seconds"),
        pl.when(pl.col("kind") == "asset_downloaded").then(_one_of(["case-study", "guide", "checklist"], 9)).alias("asset"),
        pl.when(pl.col("kind") == "link_clicked").then(_one_of(["product-demo", "newsletter"], 9)).alias("link"),
        pl.when(pl.col("kind") == "mail_opened").then(_one_of(["welcome-guide", "checklist", "case-study"], 10)).alias("touch"),
        pl.when(pl.col("kind") == "support_ticket").then(_one_of(["purchase", "login", None], 11))
        .when(pl.col("kind") == "form_sent").then(_one_of(["contact", "newsletter"], 11)).alias("form"),
        pl.lit("benchmark").alias("source"), pl.col("id").cast(pl.String).alias("source_id"),
    ).with_columns(pl.coalesce("asset", "link").alias("asset")).drop("link").sort("lead_id", "at", "id")  # fmt: skip


def corrections(leads: int) -> pl.DataFrame:
    """Return rows of the table `attribute_change`: every tenth lead has another title than once, every twentieth another employer."""
    rows = pl.concat([_changes(leads, "title", 10), _changes(leads, "company", 20)])
    return rows.with_columns(id=pl.int_range(1, rows.height + 1))


def _changes(leads: int, attribute: str, every: int) -> pl.DataFrame:
    ids = pl.DataFrame({"id": pl.int_range(1, leads + 1, eager=True)}).filter(_dice(15, every) == 0)
    at = (pl.lit(NOW, _INSTANT) - pl.duration(seconds=_dice(16, 365 * 86400))).alias("at")
    told = ids.with_columns(at, pl.lit(attribute).alias("attribute"), old=pl.lit("one"), new=pl.lit("other"))
    return told.select(pl.col("id").alias("lead_id"), "attribute", "old", "new", "at", pl.col("at").alias("received_at"))


def consents(leads: int) -> pl.DataFrame:
    """Return rows of the table `consent`: four leads in five agreed to marketing."""
    ids = pl.DataFrame({"lead_id": pl.int_range(1, leads + 1, eager=True)}).filter(pl.col("lead_id") % 5 != 0)
    words = {"subject_hash": "-", "purpose": "marketing", "state": "given", "basis": "consent", "source": "benchmark", "proof": "-"}
    words |= dict.fromkeys(("text", "text_sha256"), "")
    at = pl.lit(NOW - timedelta(days=100), _INSTANT)
    return ids.with_columns(at=at, received_at=at, **{name: pl.lit(word) for name, word in words.items()})


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
    with engine.connect() as connection, Session(bind=connection) as session:
        append(session, SQLModel.metadata.tables[table], rows)
        session.commit()


def populate(url: str, leads: int, each: int) -> None:
    """Fill the tables `lead`, `event` and `attribute_change`, and let the database look at them."""
    engine = engine_for(url)
    fill(engine, "lead", people(leads))
    fill(engine, "attribute_change", corrections(leads))
    for first in range(1, leads + 1 if each else 0, _SLICE):  # a slice at a time, so that the measuring process stays small
        fill(engine, "event", happenings(range(first, min(first + _SLICE, leads + 1)), each))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")


def empty_scores(url: str) -> None:
    """Take all scores away."""
    with engine_for(url).begin() as connection:
        connection.exec_driver_sql("DELETE FROM score" if url.startswith("sqlite") else "TRUNCATE score")
