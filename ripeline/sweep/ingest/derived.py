"""What a row of leads tells beside attributes: events, consents and suppressions, by the blocks of its map."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from models import ConsentState
from ripeline.connect.sources import LINE
from ripeline.decide.fields import Fields
from ripeline.frames import INSTANT
from ripeline.playbook.mapping import MOST_TIMES, ConsentOf, DerivedEvent, LeadsMap, SuppressionOf
from ripeline.sweep.ingest import worth
from ripeline.sweep.ingest.cells import chosen, column_of, meant, picked
from ripeline.sweep.ingest.columns import FileFacts
from ripeline.sweep.ingest.reading import about, moments
from ripeline.sweep.ingest.storing import PROPERTY_TYPES
from ripeline.sweep.ingest.typed import properties_of
from ripeline.values import Refusal

UNTIMED = "at: is blank, so nobody knows when it happened"
WORDLESS = "text: is blank, and nobody can agree to nothing"

EVENTS = {LINE: pl.Int64(), "kind": pl.String(), "at": INSTANT, **PROPERTY_TYPES, "more": pl.String()}
CONSENTS = {LINE: pl.Int64(), "block": pl.Int64(), "at": INSTANT, "text": pl.String(), "locale": pl.String(), "proof": pl.String()}
SUPPRESSIONS = {LINE: pl.Int64(), "block": pl.Int64(), "at": INSTANT}

Told = tuple[pl.DataFrame, list[pl.Series]]
"""What rows tell, by LINE; and for each row why a cell was refused."""


class Teller:
    """Reads the blocks of one map from the cleaned rows of one file."""

    def __init__(self, found: LeadsMap, fields: Fields, file: FileFacts, now: datetime) -> None:
        self.found, self.fields, self.file, self.now = found, fields, file, now

    def events(self, rows: pl.DataFrame) -> Told:
        """Return events as EVENTS; a row may tell of several."""
        return _together([self._events(rows, block) for block in self.found.event], EVENTS)

    def consents(self, rows: pl.DataFrame) -> Told:
        """Return consents as CONSENTS; `block` is the place of its block in the map."""
        return _together([self._consents(rows, number, block) for number, block in enumerate(self.found.consent)], CONSENTS)

    def suppressions(self, rows: pl.DataFrame) -> Told:
        """Return suppressions as SUPPRESSIONS; `at` null: not told."""
        return _together([self._suppressions(rows, number, block) for number, block in enumerate(self.found.suppression)], SUPPRESSIONS)

    def _events(self, rows: pl.DataFrame, block: DerivedEvent) -> Told:
        kind = pl.lit(block.kind) if isinstance(block.kind, str) else _kind(block)
        assert block.at is not None, "the map refuses an event that does not say when"
        at, why = self._moments(block.at, "at", rows)
        texts = {name: text for name, cell in block.properties.items() if (text := picked(cell, rows.columns)) is not None}
        typed, reasons = properties_of(rows, texts, self.fields, self.found)
        times, many = _times(block.times, rows)
        is_told = column_of(rows, chosen(block) & kind.is_not_null(), "told") & (times > 0)
        events = rows.select(LINE, kind.alias("kind")).with_columns(at.alias("at"), times.alias("times")).hstack(typed).filter(is_told)
        as_often = events.select(pl.int_range(pl.len()).repeat_by("times").alias("row")).explode("row")["row"]
        return events.drop("times")[as_often], [_where(reason, is_told) for reason in (*reasons, many, why, _blank(at, UNTIMED))]

    def _consents(self, rows: pl.DataFrame, number: int, block: ConsentOf) -> Told:
        at, why = self._moments(block.at, "at", rows)
        is_told = column_of(rows, chosen(block), "told")
        named = rows.with_columns(pl.lit(self.file.name).alias("file"), pl.col(LINE).cast(pl.String).alias("line"))
        texts = {name: picked(cell, named.columns) for name, cell in (("text", block.text), ("locale", block.locale or ()), ("proof", block.proof))}
        columns = [(pl.lit(None, pl.String) if text is None else text).alias(name) for name, text in texts.items()]
        is_wordless = column_of(named, texts["text"], "text").is_null() & (block.state is not ConsentState.WITHDRAWN)
        consents = named.select(LINE, pl.lit(number, pl.Int64).alias("block"), at.alias("at"), *columns).filter(is_told)
        return consents, [_where(reason, is_told) for reason in (why, _blank(at, UNTIMED), _said(is_wordless, WORDLESS))]

    def _suppressions(self, rows: pl.DataFrame, number: int, block: SuppressionOf) -> Told:
        at, why = self._moments(block.at, "at", rows) if block.at is not None else (_nulls("at", rows, INSTANT), _nulls("why", rows, pl.String()))
        is_told = column_of(rows, chosen(block), "told")
        return rows.select(LINE, pl.lit(number, pl.Int64).alias("block"), at.alias("at")).filter(is_told), [_where(why, is_told)]

    def _moments(self, at: "str | tuple[str, ...] | datetime", name: str, rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        found, why = moments(name, at, rows, self.found, self.file, self.now)
        return found, about(name, why)


def _kind(block: DerivedEvent) -> pl.Expr:
    assert block.column is not None, "the map refuses a table of kinds without a column"
    assert isinstance(block.kind, dict), "only a table is looked up"
    found = meant(pl.col(block.column), block.kind)
    return pl.when(found.is_in(sorted(set(block.kind.values())))).then(found)


def _times(times: str | int, rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    if isinstance(times, int):
        return pl.Series("times", [times] * rows.height, pl.Int64), _nulls("many", rows, pl.String())

    def read(text: str) -> int:
        count = worth.whole_number(text)
        if count > MOST_TIMES:
            raise Refusal(f"{count:,} events of one row are more than {MOST_TIMES:,}: import them from a file of events")
        return count

    found, why = worth.converted(rows[times], read, pl.Int64())
    return pl.select(pl.when(why.is_null()).then(found.fill_null(0)).otherwise(1)).to_series(), about(times, why)


def _blank(column: pl.Series, sentence: str) -> pl.Series:
    return _said(column.is_null(), sentence)


def _said(is_so: pl.Series, sentence: str) -> pl.Series:
    return is_so.to_frame("so").select(pl.when("so").then(pl.lit(sentence))).to_series()


def _where(reason: pl.Series, is_told: pl.Series) -> pl.Series:
    return pl.DataFrame({"reason": reason, "told": is_told}).select(pl.when("told").then("reason")).to_series()


def _nulls(name: str, rows: pl.DataFrame, dtype: pl.DataType) -> pl.Series:
    return pl.Series(name, [None] * rows.height, dtype)


def _together(told: Sequence[Told], schema: "dict[str, pl.DataType]") -> Told:
    frames = [frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items()) for frame, _ in told]
    return pl.concat([pl.DataFrame(schema=schema), *frames]), [reason for _, reasons in told for reason in reasons]
