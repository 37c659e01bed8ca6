"""From the rows of a file of leads to typed facts, by what a map and the fields say; a cell that is no good refuses its row, with the reason."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from ripeline.address import Address
from ripeline.connect.sources import LINE, BadRow, Chunk
from ripeline.decide.fields import Field, Fields, FieldType
from ripeline.frames import INSTANT
from ripeline.playbook.mapping import LeadsMap
from ripeline.sweep.ingest import worth
from ripeline.sweep.ingest.cells import REASON, cleaned, fault, field_name, first_of, meant, one_line, picked
from ripeline.sweep.ingest.columns import FileFacts, unasked
from ripeline.sweep.ingest.derived import Teller
from ripeline.sweep.ingest.merging import Value
from ripeline.sweep.ingest.reading import about, moments, reader_of, refused
from ripeline.zones import known_zone

ID, ADDRESS, KEY, AT = "#id", "#address", "#key", "#at"
IDENTITY = ("id", "address")
NEVER_ASKED = frozenset({"email_domain", "as_of"})

COLUMNS = ("first_name", "last_name", "company", "title", "seniority", "industry", "employees", "country", "region", "city", "phone", "locale", "zone")
"""The attributes of a lead that have a column of their own; `source` and `created_at` are written once, every other one goes to `more`."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """What one row, or several of one lead that were true at the same instant, say. `lines`: where they stand."""

    lines: tuple[int, ...]
    external_id: str | None
    address: Address | None
    at: datetime
    created_at: datetime | None
    source: str | None
    facts: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Shaped:
    """A chunk, made sense of. `leads` by line; `events`, `consents` and `suppressions` as `derived` has them; `bad`: refused rows.

    `undeclared`: how often each undeclared field came; `unknown_zones`: how many zones nobody knows, kept as given.
    """

    leads: dict[int, LeadRow]
    raw: pl.DataFrame
    events: pl.DataFrame
    consents: pl.DataFrame
    suppressions: pl.DataFrame
    bad: list[BadRow]
    undeclared: Counter[str]
    unknown_zones: int


@dataclass(frozen=True, slots=True)
class LeadShaper:
    """Makes sense of chunks of one file."""

    found: LeadsMap
    fields: Fields
    file: FileFacts
    now: datetime

    def shape(self, chunk: Chunk) -> Shaped:
        """Return what a chunk says."""
        raw = chunk.rows
        rows = cleaned(raw, self.found.missing)
        teller = Teller(self.found, self.fields, self.file, self.now)
        texts, kept = self._texts(rows)
        typed, reasons = self._typed(rows, texts)
        told = [teller.events(rows), teller.consents(rows), teller.suppressions(rows)]
        reason = first_of([fault(rows), *reasons, *(why for _, whys in told for why in whys)], rows.height)
        good = typed.filter(reason.is_null())
        events, consents, suppressions = (frame.filter(pl.col(LINE).is_in(good[LINE].implode())) for frame, _ in told)
        return Shaped(
            {row[LINE]: self._lead(row) for row in good.iter_rows(named=True)},
            raw.filter(reason.is_null()),
            events,
            consents,
            suppressions,
            [*chunk.bad, *refused(raw, reason)],
            Counter({name: count for name in kept if name not in self.fields.lead and (count := good[name].count())}),
            sum(known_zone(zone) is None for zone in good["zone"].drop_nulls()) if "zone" in good.columns else 0,
        )

    def identities(self, chunk: Chunk) -> pl.DataFrame:
        """Return LINE, ID and KEY (of the address) of each row, null where they are not there or no good."""
        rows = cleaned(chunk.rows, self.found.missing)
        texts, _ = self._texts(rows, only=IDENTITY)
        typed, _ = self._typed(rows, texts)
        keys = [None if written is None else written.casefold() for written in typed[ADDRESS]]
        return typed.select(LINE, ID, pl.Series(KEY, keys, pl.String))

    def _texts(self, rows: pl.DataFrame, only: Collection[str] = ()) -> tuple[dict[str, pl.Expr], list[str]]:
        """Return the text of each attribute, and the names of those that are kept though no map asks for them."""
        texts = {name: text for name, cell in self.found.lead.items() if (text := picked(cell, rows.columns)) is not None}
        loose = {field_name(column): pl.col(column) for column in unasked(rows.columns, self.found) if column != LINE}
        named = {name: text for name, text in loose.items() if name not in texts and name not in NEVER_ASKED}
        everything = {name: meant(text, self.found.values.get(name, {})) for name, text in (texts | named).items()}
        return {name: text for name, text in everything.items() if not only or name in only}, list(named)

    def _typed(self, rows: pl.DataFrame, texts: Mapping[str, pl.Expr]) -> tuple[pl.DataFrame, list[pl.Series]]:
        """Return LINE and the typed attributes, and for each why a cell was refused."""
        words = rows.select(LINE, *(text.alias(name) for name, text in texts.items()))
        columns, reasons = [rows[LINE]], []
        for name in texts:
            values, why = self._column(name, words[name])
            columns.append(values.alias(name))
            reasons.append(about(name, why))
        if self.found.as_of is not None:
            at, why = moments("as_of", self.found.as_of, rows, self.found, self.file, self.now)
            columns.append(at.alias(AT))
            reasons.append(about("as_of", why))
        frame = pl.DataFrame(columns).rename({"id": ID, "address": ADDRESS}, strict=False)
        missing = [pl.lit(None, dtype).alias(name) for name, dtype in ((ID, pl.String()), (ADDRESS, pl.String()), (AT, INSTANT)) if name not in frame.columns]
        return frame.with_columns(missing), reasons

    def _column(self, name: str, text: pl.Series) -> tuple[pl.Series, pl.Series]:
        formats = self.found.formats.get(name, ())
        if name == "created_at":
            return worth.instants(text, formats, self.found.zone, self.now)
        read, dtype = reader_of(self.fields.lead.get(name, Field(name, FieldType.TEXT)), formats, self.found.zone)
        line = text if name in IDENTITY else worth.by_distinct(text, one_line)
        return (line, pl.Series(REASON, [None] * len(line), pl.String)) if read is None else worth.converted(line, read, dtype)

    def _lead(self, row: Mapping[str, Any]) -> LeadRow:
        facts = {name: value for name, value in row.items() if value is not None and not name.startswith("#") and name not in ("created_at", "source")}
        address = None if row[ADDRESS] is None else Address(row[ADDRESS], row[ADDRESS].casefold())
        return LeadRow((row[LINE],), row[ID], address, row[AT] or self.now, row.get("created_at"), row.get("source"), facts)
