"""From the rows of a file of events to typed events, by what a map and the fields say."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from models import Actor
from ripeline.connect.sources import LINE, BadRow, Chunk
from ripeline.decide.fields import Fields
from ripeline.playbook.mapping import Cell, EventsMap
from ripeline.sweep.ingest import worth
from ripeline.sweep.ingest.cells import cleaned, column_of, fault, field_name, first_of, meant, picked
from ripeline.sweep.ingest.columns import FileFacts, unasked
from ripeline.sweep.ingest.naming import reference
from ripeline.sweep.ingest.reading import about, moments, refused
from ripeline.sweep.ingest.typed import properties_of

NEVER_PROPERTIES = frozenset({"lead", "kind", "at", "id", "lead_ref", "source", "source_id", "received_at"})


@dataclass(frozen=True, slots=True)
class EventRows:
    """A chunk, made sense of: events with `lead_ref`, `kind`, `at`, `actor`, properties and `source_id`, null where none came; and what was refused.

    `undeclared`: how often each undeclared property and kind came.
    """

    events: pl.DataFrame
    bad: list[BadRow]
    undeclared: Counter[str]


@dataclass(frozen=True, slots=True)
class EventShaper:
    """Makes sense of chunks of one file."""

    found: EventsMap
    fields: Fields
    file: FileFacts
    now: datetime

    def shape(self, chunk: Chunk) -> EventRows:
        """Return the events of a chunk."""
        raw = chunk.rows
        rows = cleaned(raw, self.found.missing)
        texts = self._texts(rows)
        properties, reasons = properties_of(rows, {name: text for name, text in texts.items() if name != "actor"}, self.fields, self.found)
        lead, no_lead = _references(self._text(rows, "lead", self.found.lead))
        kind = self._text(rows, "kind", self.found.kind)
        at, untimely = moments("at", self.found.at, rows, self.found, self.file, self.now)
        actor, nobody = self._actor(rows, texts)
        source_id = self._text(rows, "id", self.found.id or ())
        blanks = [_blank("lead", lead, no_lead), _blank("kind", kind, None), _blank("at", at, untimely)]
        reason = first_of([fault(rows), about("lead", no_lead), about("at", untimely), about("actor", nobody), *blanks, *reasons], rows.height)
        named = [lead.alias("lead_ref"), kind.alias("kind"), at.alias("at"), actor.alias("actor"), source_id.alias("source_id")]
        events = pl.DataFrame(named).hstack(properties).filter(reason.is_null())
        return EventRows(events, [*chunk.bad, *refused(raw, reason)], self._undeclared(rows.filter(reason.is_null()), texts, events))

    def _text(self, rows: pl.DataFrame, name: str, cell: Cell | tuple[str, ...]) -> pl.Series:
        text = picked(cell, rows.columns)
        return column_of(rows, None if text is None else meant(text, self.found.values.get(name, {})), name)

    def _texts(self, rows: pl.DataFrame) -> dict[str, pl.Expr]:
        """Return the text of each property: those the map names, and every other column under its own name."""
        mapped = {name: text for name, cell in self.found.properties.items() if (text := picked(cell, rows.columns)) is not None}
        loose = {_property_name(column): pl.col(column) for column in unasked(rows.columns, self.found) if column != LINE}
        texts = {name: text for name, text in loose.items() if name not in NEVER_PROPERTIES} | mapped
        return {name: meant(text, self.found.values.get(name, {})) for name, text in texts.items()}

    def _actor(self, rows: pl.DataFrame, texts: "dict[str, pl.Expr]") -> tuple[pl.Series, pl.Series]:
        actor, why = worth.converted(column_of(rows, texts.get("actor"), "actor"), worth.one_of([each.value for each in Actor]), pl.String())
        return actor.fill_null(Actor.HUMAN.value), why

    def _undeclared(self, rows: pl.DataFrame, texts: "dict[str, pl.Expr]", events: pl.DataFrame) -> Counter[str]:
        kinds = Counter({f"kind {row[0]}": row[1] for row in events["kind"].value_counts().iter_rows() if row[0] not in self.fields.event})
        declared = {name for kind in self.fields.event.values() for name in kind} | {"actor", "amount", "seconds"}
        filled = rows.select(LINE, *(text.alias(name) for name, text in texts.items() if name not in declared)).drop(LINE).count()
        return kinds + Counter(filled.row(0, named=True) if filled.width else {})


def _references(named: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the names under which leads are looked up, and why one cannot be; only addresses need a closer look."""
    is_address = named.str.contains("@", literal=True)
    keys, why = worth.converted(named.set(~is_address, None), reference, pl.String())
    return named.to_frame("named").select(pl.when(is_address).then(keys).otherwise("named").alias("lead")).to_series(), why


def _property_name(column: str) -> str:
    return field_name(column.removeprefix("properties."))


def _blank(name: str, column: pl.Series, why: pl.Series | None) -> pl.Series:
    is_blank = column.is_null() if why is None else column.is_null() & why.is_null()
    return pl.DataFrame({"blank": is_blank}).select(pl.when("blank").then(pl.lit(f"{name}: is blank"))).to_series()
