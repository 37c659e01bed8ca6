"""Importing a file of addresses not to write to. Only their keyed hashes are kept."""

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from models import SuppressionReason
from ripeline.address import read_address
from ripeline.connect.sources import LINE, BadRow, Chunk
from ripeline.frames import INSTANT
from ripeline.playbook.mapping import SuppressionsMap, checked_scope
from ripeline.sweep.ingest import worth
from ripeline.sweep.ingest.cells import cleaned, fault, first_of, meant, picked
from ripeline.sweep.ingest.columns import FileFacts
from ripeline.sweep.ingest.intake import Intake, counting
from ripeline.sweep.ingest.naming import addresses_today
from ripeline.sweep.ingest.outcome import Outcome
from ripeline.sweep.ingest.reading import about, moments, refused
from ripeline.sweep.suppressing import EVERYTHING, suppression_row, write_suppressions
from ripeline.values import Refusal


def import_suppressions(intake: Intake, path: Path, found: SuppressionsMap, encoding: str | None = None) -> Outcome:
    """Take in a file of suppressions, one transaction a chunk; a row is imported, unchanged (it stands already) or refused."""
    source = intake.opened(path, found, encoding)
    file = FileFacts.of(path)
    with counting(intake, source) as counts:
        for chunk in source.chunks():
            rows, bad = _shaped(chunk, found, file, intake.now)
            written = write_suppressions(intake.session, [_row(row, found, intake) for row in rows])
            write_suppressions(intake.session, [_row(row, found, intake) for row in _of_the_same_people(intake, rows)])
            counts.refuse(bad)
            counts.outcome.rows.update({"imported": len(written), "unchanged": len(rows) - len(written)})
            counts.end_chunk()
    return counts.outcome


def _shaped(chunk: Chunk, found: SuppressionsMap, file: FileFacts, now: datetime) -> tuple[list[dict[str, Any]], list[BadRow]]:
    raw = chunk.rows
    rows = cleaned(raw, found.missing)
    texts = rows.select(LINE, *(_text(rows, found, name).alias(name) for name in ("address", "reason", "scope")))
    address, no_address = worth.converted(texts["address"], lambda text: read_address(text).key, pl.String())
    reason, no_reason = worth.converted(texts["reason"], worth.one_of([each.value for each in SuppressionReason]), pl.String())
    scope, no_scope = worth.converted(texts["scope"], _scope, pl.String())
    nothing = (pl.Series("at", [None] * rows.height, INSTANT), pl.Series("why", [None] * rows.height, pl.String))
    at, untimely = moments("at", found.at, rows, found, file, now) if found.at is not None else nothing
    blank = texts.select(pl.when(pl.col("address").is_null()).then(pl.lit("address: is blank"))).to_series()
    why = first_of([fault(rows), about("address", no_address), blank, about("reason", no_reason), about("scope", no_scope), about("at", untimely)], rows.height)
    typed = pl.DataFrame([address.alias("key"), reason.alias("reason"), scope.alias("scope"), at.alias("at")]).filter(why.is_null())
    return typed.rows(named=True), [*chunk.bad, *refused(raw, why)]


def _text(rows: pl.DataFrame, found: SuppressionsMap, name: str) -> pl.Expr:
    text = picked(getattr(found, name), rows.columns)
    return pl.lit(None, pl.String) if text is None else meant(text, found.values.get(name, {}))


def _scope(text: str) -> str:
    try:
        return checked_scope(text)
    except ValueError as error:
        raise Refusal(str(error)) from error


def _of_the_same_people(intake: Intake, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows again for the address of today where theirs was one of a lead who went into another. A mailbox that bounces is no person."""
    today = addresses_today(intake.session, (row["key"] for row in rows))
    return [row | {"key": today[row["key"]]} for row in rows if row["key"] in today and row["reason"] != SuppressionReason.BOUNCED.value]


def _row(row: dict[str, Any], found: SuppressionsMap, intake: Intake) -> dict[str, object]:
    reason = SuppressionReason(row["reason"] or SuppressionReason.IMPORTED)
    return suppression_row(row["key"], reason, found.source, at=row["at"] or intake.now, now=intake.now, pepper=intake.pepper, scope=row["scope"] or EVERYTHING)
