"""What leads bring along from their rows: events, consents, suppressions; and events of theirs that were parked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ripeline.connect.sources import LINE
from ripeline.playbook.mapping import LeadsMap
from ripeline.sweep.ingest.consent import add_consents, consent_row
from ripeline.sweep.ingest.identity import Occurrences, identified
from ripeline.sweep.ingest.intake import Intake
from ripeline.sweep.ingest.lead_rows import Shaped
from ripeline.sweep.ingest.merging import Known
from ripeline.sweep.ingest.parking import attach, has_parked
from ripeline.sweep.ingest.storing import store_events
from ripeline.sweep.ingest.unsubscribed import suppress_unsubscribed
from ripeline.sweep.suppressing import hashes_of, suppression_row, write_suppressions


@dataclass(slots=True)
class Brought:
    """What came along: which lines told something new, which leads are news for it, and how much of what."""

    lines: set[int] = field(default_factory=set)
    lead_ids: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)


class Beside:
    """Brings along what the rows of one file tell beside attributes."""

    def __init__(self, intake: Intake, found: LeadsMap) -> None:
        self._intake, self._found = intake, found
        self._occurrences = Occurrences()

    def bring(self, shaped: Shaped, leads: Mapping[int, Known], news: Sequence[Known]) -> Brought:
        """Write what a chunk's lines tell of their leads, and attach what was parked for leads that are `news`; nothing is committed."""
        brought = Brought()
        self._suppressions(shaped, leads, brought)
        self._consents(shaped, leads, brought)
        self._events(shaped, leads, brought)
        session = self._intake.session
        if news and has_parked(session):
            names = {name for known in news for name in (known.external_id, known.address.key) if name}
            attached = attach(session, self._intake.now, names, pepper=self._intake.pepper)
            brought.lead_ids |= set(attached)
            brought.counts["attached"] = len(attached)
        return brought

    def _suppressions(self, shaped: Shaped, leads: Mapping[int, Known], brought: Brought) -> None:
        intake = self._intake
        lines: dict[str, set[int]] = {}
        rows = []
        for told in shaped.suppressions.iter_rows(named=True):
            if (known := leads.get(told[LINE])) is not None:
                block, key = self._found.suppression[told["block"]], known.address.key
                at = told["at"] or intake.now
                rows.append(suppression_row(key, block.reason, self._found.source, at=at, now=intake.now, pepper=intake.pepper, scope=block.scope))
                lines.setdefault(hashes_of(key, intake.pepper)[0], set()).add(told[LINE])
        written = write_suppressions(intake.session, rows)
        brought.lines |= {line for hashed in written for line in lines[hashed]}
        brought.counts["suppressions"] = len(written)

    def _consents(self, shaped: Shaped, leads: Mapping[int, Known], brought: Brought) -> None:
        intake = self._intake
        lines, rows = [], []
        for told in shaped.consents.iter_rows(named=True):
            known = leads.get(told[LINE])
            if known is None or known.id is None:
                continue
            block = self._found.consent[told["block"]]
            lines.append(told[LINE])
            rows.append(consent_row(
                known.id, known.address.key, block.purpose, block.state, basis=block.basis, at=told["at"], now=intake.now, source=self._found.source,
                pepper=intake.pepper, text=told["text"] or "", locale=told["locale"], proof=told["proof"] or "",
            ))  # fmt: skip
        fresh = add_consents(intake.session, rows)
        brought.lines |= {lines[place] for place in fresh}
        brought.lead_ids |= {rows[place]["lead_id"] for place in fresh}
        brought.counts["consents"] = len(fresh)

    def _events(self, shaped: Shaped, leads: Mapping[int, Known], brought: Brought) -> None:
        names = pl.DataFrame(
            [(line, known.id, known.external_id or known.address.key) for line, known in leads.items()],
            {LINE: pl.Int64, "lead_id": pl.Int64, "lead_ref": pl.String},
            orient="row",
        )
        told = shaped.events.join(names, on=LINE, how="inner", maintain_order="left")
        if told.is_empty():
            return
        events = identified(told, self._found.source, self._occurrences).with_columns(
            pl.lit("human").alias("actor"), pl.lit(None, pl.String).alias("message_id")
        )
        fresh = store_events(self._intake.session, events, self._intake.now)
        suppress_unsubscribed(self._intake.session, fresh, self._intake.now, self._intake.pepper)
        brought.lines |= set(events.join(fresh.select("source_id"), on="source_id", how="semi")[LINE])
        brought.lead_ids |= set(fresh["lead_id"])
        brought.counts["events"] = fresh.height
