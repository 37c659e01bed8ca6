"""Importing a file of events, by the hundred thousand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from ripeline.connect.sources import Source
from ripeline.playbook.mapping import EventsMap
from ripeline.sweep.board import raise_facts
from ripeline.sweep.ingest.ahead import read_ahead
from ripeline.sweep.ingest.columns import FileFacts
from ripeline.sweep.ingest.correcting import correct_doers
from ripeline.sweep.ingest.event_rows import EventRows, EventShaper
from ripeline.sweep.ingest.identity import Occurrences, identified
from ripeline.sweep.ingest.intake import Counting, Intake, counting
from ripeline.sweep.ingest.naming import known_leads
from ripeline.sweep.ingest.outcome import Outcome
from ripeline.sweep.ingest.parking import park
from ripeline.sweep.ingest.storing import store_events, without_foreign_keys
from ripeline.sweep.ingest.unsubscribed import UNSUBSCRIBED, suppress_all, suppress_unsubscribed

ROWS_A_TRANSACTION = 400_000
MOST_REFUSED = 50_000
"""So many refused rows are held at most before they are written down."""

MOST_REMEMBERED = 1_000_000


def import_events(intake: Intake, path: Path, found: EventsMap, encoding: str | None = None) -> Outcome:
    """Take in a file of events, some hundred thousand a transaction, and return what became of every row.

    Doing it again changes nothing. Events of unknown leads are parked until these come. While some are stored, those behind them are read.
    """
    source = intake.opened(path, found, encoding)
    shaper = EventShaper(found, intake.fields, FileFacts.of(path), intake.now)
    intake.end_chunk()
    with without_foreign_keys(intake.session), counting(intake, source) as counts:
        events = _Events(intake, counts)
        for batch in read_ahead(_batches(source, shaper, found.source)):
            counts.refuse(batch.bad)
            counts.outcome.undeclared.update(batch.undeclared)
            events.write(batch.events)
    return counts.outcome


def _batches(source: Source, shaper: EventShaper, name: str) -> Iterator[EventRows]:
    """Yield the rows of a file made sense of, as many together as go into a transaction, each event with `source`, `source_id` and `id`."""
    occurrences = Occurrences()
    waiting: list[EventRows] = []
    for chunk in source.chunks():
        waiting.append(shaper.shape(chunk))
        if sum(rows.events.height for rows in waiting) >= ROWS_A_TRANSACTION or sum(len(rows.bad) for rows in waiting) >= MOST_REFUSED:
            yield _as_one(waiting, name, occurrences)
            waiting = []
    if waiting:
        yield _as_one(waiting, name, occurrences)


def _as_one(shaped: Sequence[EventRows], name: str, occurrences: Occurrences) -> EventRows:
    events = identified(pl.concat([rows.events for rows in shaped]), name, occurrences)
    return EventRows(events, [row for rows in shaped for row in rows.bad], sum((rows.undeclared for rows in shaped), Counter()))


class _Events:
    """Writes events, a batch in a transaction."""

    def __init__(self, intake: Intake, counts: Counting) -> None:
        self._intake, self._counts = intake, counts
        self._lead_ids: dict[str, int] = {}

    def write(self, events: pl.DataFrame) -> None:
        """Write events in one transaction, and count them."""
        intake, rows = self._intake, self._counts.outcome.rows
        known, unknown = self._told_apart(events)
        fresh = store_events(intake.session, known, intake.now)
        corrected = correct_doers(intake.session, known, fresh, intake.now)
        raise_facts(intake.session, {*fresh["lead_id"].unique(), *corrected})
        suppress_unsubscribed(intake.session, fresh, intake.now, intake.pepper)
        parked = park(intake.session, unknown.iter_rows(named=True), intake.now)
        self._suppress_unknown(unknown)
        unchanged = events.height - fresh.height - len(parked) - len(corrected)
        rows.update({"imported": fresh.height, "corrected": len(corrected), "parked": len(parked), "unchanged": unchanged})
        self._counts.end_chunk()

    def _told_apart(self, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the events of leads we know, with `lead_id`, and the others; no copy is made of what is whole."""
        ids = self._ids(events["lead_ref"].unique().to_list())
        named = events.join(ids, on="lead_ref", how="left", maintain_order="left").with_columns(pl.lit(None, pl.String).alias("message_id"))
        is_known = named["lead_id"].is_not_null()
        return (named, named.clear()) if is_known.all() else (named.filter(is_known), named.filter(~is_known))

    def _ids(self, references: list[str]) -> pl.DataFrame:
        """Return `lead_ref` and `lead_id`, null where we know none; those found once are remembered, within bounds."""
        if len(self._lead_ids) > MOST_REMEMBERED:
            self._lead_ids.clear()
        self._lead_ids |= known_leads(self._intake.session, [name for name in references if name not in self._lead_ids])
        ids = [self._lead_ids.get(name) for name in references]
        return pl.DataFrame({"lead_ref": references, "lead_id": ids}, {"lead_ref": pl.String, "lead_id": pl.Int64})

    def _suppress_unknown(self, events: pl.DataFrame) -> None:
        """Suppress addresses that unsubscribed, though no lead has them yet."""
        told = events.filter((pl.col("kind") == UNSUBSCRIBED) & pl.col("lead_ref").str.contains("@", literal=True))
        rows = ((row["lead_ref"], row["at"], row["source"]) for row in told.iter_rows(named=True))
        suppress_all(self._intake.session, rows, self._intake.now, self._intake.pepper)
