"""Importing a file of leads: attributes, and the events, consents and suppressions that its rows tell of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ripeline.connect.sources import LINE
from ripeline.decide.seniority import BadLine, ladder, rank_of
from ripeline.playbook.mapping import LeadsMap
from ripeline.sweep.board import raise_facts
from ripeline.sweep.ingest.beside import Beside
from ripeline.sweep.ingest.columns import FileFacts
from ripeline.sweep.ingest.intake import Counting, Intake, counting
from ripeline.sweep.ingest.lead_rows import LeadRow, LeadShaper, Shaped
from ripeline.sweep.ingest.merging import Rank, Value
from ripeline.sweep.ingest.outcome import Outcome
from ripeline.sweep.ingest.reading import refused
from ripeline.sweep.ingest.repeats import Repeats, find_repeats
from ripeline.sweep.ingest.taking import Taken, take_leads
from ripeline.sweep.suppressing import erased
from ripeline.values import Refusal

ERASED = "asked to be erased, and stays so"


def import_leads(intake: Intake, path: Path, found: LeadsMap, encoding: str | None = None) -> Outcome:
    """Take in a file of leads, one transaction a chunk, and return what became of every row.

    Doing it again changes nothing. A row that is refused stops no other; it goes to the rejects file.
    """
    source = intake.opened(path, found, encoding)
    shaper = LeadShaper(found, intake.fields, FileFacts.of(path), intake.now)
    repeats = find_repeats(source, shaper)
    with counting(intake, source) as counts:
        leads = _Leads(intake, found, repeats, counts)
        for chunk in source.chunks():
            leads.take(shaper.shape(chunk))
            counts.end_chunk()
    return counts.outcome


class _Leads:
    """Takes one chunk of a file after another. Rows that belong together are all taken with the first of them."""

    def __init__(self, intake: Intake, found: LeadsMap, repeats: Repeats, counts: Counting) -> None:
        self._intake, self._found, self._repeats, self._counts = intake, found, repeats, counts
        self._beside = Beside(intake, found)
        self._rank = _rank(intake)
        self._early = Taken()

    def take(self, shaped: Shaped) -> None:
        """Take a chunk: leads, what they bring along, and the counts of its rows."""
        taken = self._taken(shaped)
        news = list({known: None for line, known in taken.leads.items() if taken.words[line] in ("imported", "merged")})
        new_ids = {known.id for line, known in taken.leads.items() if taken.words[line] == "imported"}
        taken = self._of_chunk(taken, shaped)
        brought = self._beside.bring(shaped, taken.leads, news)
        changed = {known.id for known in news} | brought.lead_ids
        raise_facts(self._intake.session, {lead_id for lead_id in changed - new_ids if lead_id is not None})
        self._count(shaped, taken, brought.lines, brought.counts)

    def _taken(self, shaped: Shaped) -> Taken:
        """Take the entries that begin in a chunk, but for people who were erased: none of their rows says anything."""
        entries = [self._repeats.entries.get(line) or [row] for line, row in shaped.leads.items() if self._begins(line)]
        gone = erased(self._intake.session, {row.address.key for rows in entries for row in rows if row.address}, self._intake.pepper)
        living: list[Sequence[LeadRow]] = []
        dead: list[Sequence[LeadRow]] = []
        for rows in entries:
            (dead if any(row.address and row.address.key in gone for row in rows) else living).append(rows)
        taken = take_leads(self._intake.session, living, self._rank, default_source=self._found.source, now=self._intake.now)
        taken.reasons |= dict.fromkeys((line for rows in dead for row in rows for line in row.lines), ERASED)
        return taken

    def _begins(self, line: int) -> bool:
        return line in self._repeats.entries or line not in self._repeats.lines

    def _of_chunk(self, taken: Taken, shaped: Shaped) -> Taken:
        """Return what became of the lines of this chunk; what was taken early of later chunks is kept for them."""
        early = self._early
        early.leads |= taken.leads
        early.words |= taken.words
        early.reasons |= taken.reasons
        mine = Taken()
        for line in shaped.leads:
            if line in early.reasons:
                mine.reasons[line] = early.reasons.pop(line)
            else:
                mine.leads[line], mine.words[line] = early.leads.pop(line), early.words.pop(line)
        return mine

    def _count(self, shaped: Shaped, taken: Taken, told: set[int], counts: Mapping[str, int]) -> None:
        outcome = self._counts.outcome
        why = shaped.raw.select(pl.col(LINE).replace_strict(taken.reasons, default=None, return_dtype=pl.String)).to_series() if taken.reasons else None
        self._counts.refuse([*shaped.bad, *(refused(shaped.raw, why) if why is not None else [])])
        outcome.rows.update("merged" if word == "unchanged" and line in told else word for line, word in taken.words.items() if line not in taken.reasons)
        outcome.brought.update(counts)
        outcome.brought["unknown_zones"] += shaped.unknown_zones
        outcome.undeclared.update(shaped.undeclared - Counter(name for line in taken.reasons for name in shaped.leads[line].facts))


def _rank(intake: Intake) -> Rank:
    """Return what tells a seniority from a title, by the lists of the playbook; each title is looked at once."""
    declared = intake.fields.lead.get("seniority")
    ranks = declared.choices if declared else ()
    try:
        phrases = ladder(intake.files, ranks)
    except BadLine as bad:
        raise Refusal(f"{bad.path}:{bad.line}: {bad.what} {bad.remedy}") from bad
    known: dict[Value, str | None] = {}

    def rank(title: Value) -> str | None:
        if title not in known:
            known[title] = rank_of(None if title is None else str(title), phrases, ranks)
        return known[title]

    return rank
