"""Importing a file of events, by the hundred thousand."""

from pathlib import Path

import polars as pl

from ripeline.playbook.mapping import EventsMap
from ripeline.sweep.board import raise_facts
from ripeline.sweep.ingest.columns import FileFacts
from ripeline.sweep.ingest.correcting import correct_doers
from ripeline.sweep.ingest.event_rows import EventShaper
from ripeline.sweep.ingest.identity import Occurrences, identified
from ripeline.sweep.ingest.intake import Counting, Intake, counting
from ripeline.sweep.ingest.naming import known_leads
from ripeline.sweep.ingest.outcome import Outcome
from ripeline.sweep.ingest.parking import park
from ripeline.sweep.ingest.storing import store_events
from ripeline.sweep.ingest.unsubscribed import UNSUBSCRIBED, suppress_all, suppress_unsubscribed

ROWS_A_TRANSACTION = 400_000
MOST_REMEMBERED = 1_000_000


def import_events(intake: Intake, path: Path, found: EventsMap, encoding: str | None = None) -> Outcome:
    """Take in a file of events, some hundred thousand a transaction, and return what became of every row.

    Doing it again changes nothing. Events of unknown leads are parked until these come.
    """
    source = intake.opened(path, found, encoding)
    shaper = EventShaper(found, intake.fields, FileFacts.of(path), intake.now)
    with counting(intake, source) as counts:
        events = _Events(intake, found, counts)
        for chunk in source.chunks():
            shaped = shaper.shape(chunk)
            counts.refuse(shaped.bad)
            counts.outcome.undeclared.update(shaped.undeclared)
            events.add(shaped.events)
        events.write()
    return counts.outcome


class _Events:
    """Gathers events until there are enough for a transaction."""

    def __init__(self, intake: Intake, found: EventsMap, counts: Counting) -> None:
        self._intake, self._found, self._counts = intake, found, counts
        self._occurrences = Occurrences()
        self._waiting: list[pl.DataFrame] = []
        self._lead_ids: dict[str, int] = {}

    def add(self, events: pl.DataFrame) -> None:
        """Take events along; written when there are enough."""
        self._waiting.append(events)
        if sum(frame.height for frame in self._waiting) >= ROWS_A_TRANSACTION:
            self.write()

    def write(self) -> None:
        """Write what waits, in one transaction, and count it."""
        if not self._waiting:
            return
        intake, rows = self._intake, self._counts.outcome.rows
        events = identified(pl.concat(self._waiting), self._found.source, self._occurrences)
        self._waiting = []
        ids = self._ids(events["lead_ref"].unique().to_list())
        named = events.join(ids, on="lead_ref", how="left", maintain_order="left").with_columns(pl.lit(None, pl.String).alias("message_id"))
        known, unknown = named.filter(pl.col("lead_id").is_not_null()), named.filter(pl.col("lead_id").is_null())
        fresh = store_events(intake.session, known, intake.now)
        corrected = correct_doers(intake.session, known, fresh, intake.now)
        raise_facts(intake.session, {*fresh["lead_id"].unique(), *corrected})
        suppress_unsubscribed(intake.session, fresh, intake.now, intake.pepper)
        parked = park(intake.session, unknown.iter_rows(named=True), intake.now)
        self._suppress_unknown(unknown)
        unchanged = events.height - fresh.height - len(parked) - len(corrected)
        rows.update({"imported": fresh.height, "corrected": len(corrected), "parked": len(parked), "unchanged": unchanged})
        self._counts.end_chunk()

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
