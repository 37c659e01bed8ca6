"""Taking leads in: each row finds its lead or makes one, and says what it has to say; then all is written at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from ripeline.address import Address
from ripeline.sweep.bulk import is_sqlite
from ripeline.sweep.ingest.lead_rows import LeadRow
from ripeline.sweep.ingest.merging import Known, Rank, first_facts
from ripeline.sweep.ingest.repeats import both, is_one_lead
from ripeline.sweep.ingest.standing import standing, write

LOCK = 0x1EAD
"""The advisory lock under which leads are written on PostgreSQL: one file at a time, so that two cannot make the same lead."""


_Told = list[tuple[str, LeadRow]]
"""Rows of one lead, and what each did: imported, merged, unchanged."""


@dataclass(slots=True)
class Taken:
    """What became of lines: their lead, and imported, merged or unchanged; or why they were refused."""

    leads: dict[int, Known] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)


def lock_leads(session: Session) -> None:
    """Wait until nobody else writes leads; the transaction's end lets go. SQLite has one writer at a time anyway."""
    if not is_sqlite(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))


def take_leads(session: Session, entries: Iterable[Sequence[LeadRow]], rank: Rank, *, default_source: str, now: datetime) -> Taken:
    """Merge entries, in their order, into the leads that are known, make the others, and write all of it; nothing is committed.

    An entry is a row, or rows that belong together, oldest first (see `repeats`). Raising facts is left to the caller.
    """
    lock_leads(session)
    entries = list(entries)
    book = _Book(session, [row for rows in entries for row in rows])
    taken = Taken()

    def made(row: LeadRow) -> Known:
        return book.open(row, first_facts(row.facts, rank), row.source or default_source, row.created_at or now)

    for rows in entries:
        for known, told in _said(rows, book, rank, made, taken.reasons).items():
            _account(taken, known, told)
    write(session, book.leads, now)
    return taken


def _said(rows: Sequence[LeadRow], book: "_Book", rank: Rank, made: Callable[[LeadRow], Known], reasons: dict[int, str]) -> dict[Known, _Told]:
    """Tell leads what an entry says, instant by instant, and return for each what each of its rows did; note why rows are refused."""
    said: dict[Known, _Told] = {}
    same = book.same(rows)
    for _, together in groupby(rows, key=lambda row: row.at):
        told: dict[Known, LeadRow] = {}
        for row in together:
            found = book.find(row, same)
            if isinstance(found, str):
                reasons |= dict.fromkeys(row.lines, found)
                continue
            if found is None:
                found = made(row)
                said[found] = [("imported", row)]
                same = found if len(rows) > 1 and is_one_lead(rows) else None
            else:
                told[found] = both(told[found], row) if found in told else row
            book.note(found, row)
        for known, row in told.items():
            said.setdefault(known, []).append((_told(known, row, rank, book), row))
    return said


def _account(taken: Taken, known: Known, told: _Told) -> None:
    """Count the first line of a lead as what its rows did together, and the others as merged into it."""
    first, *others = sorted(line for _, row in told for line in row.lines)
    word = min((word for word, _ in told), key=("imported", "merged", "unchanged").index)
    taken.leads |= dict.fromkeys((first, *others), known)
    taken.words |= dict.fromkeys(others, "unchanged" if word == "unchanged" else "merged") | {first: word}


def _told(known: Known, row: LeadRow, rank: Rank, book: "_Book") -> str:
    before = len(known.changes), known.external_id
    known.rename(row.external_id, book.new_address(row), row.at)
    known.learn(row.facts, row.at, rank)
    book.enter(known)
    return "unchanged" if before == (len(known.changes), known.external_id) else "merged"


def _merge(one: Known, other: Known | None) -> str:
    """Return what to do about two leads that a row takes for one."""
    stored = [str(known.id) for known in (one, other) if known is not None and known.id is not None]
    return "merge the two where they come from" + (f", and here: ripeline merge {' '.join(stored)}" if len(stored) > 1 else "")


class _Book:
    """The leads that rows are about, by both their names."""

    def __init__(self, session: Session, rows: Sequence[LeadRow]) -> None:
        self._by_id: dict[str, Known] = {}
        self._by_key: dict[str, Known] = {}
        ids = {row.external_id for row in rows if row.external_id}
        keys = {row.address.key for row in rows if row.address}
        self.leads, former = standing(session, ids, keys)
        for known in self.leads:
            self.enter(known)
        for name in former:
            self._by_key[name.address_key] = name.lead
            if name.external_id:
                self._by_id[name.external_id] = name.lead
        self._former = {name.address_key for name in former}

    def same(self, rows: Sequence[LeadRow]) -> Known | None:
        """Return the lead that all rows of an entry are about, None where they are about several, or about one that is not known.

        Rows that name several ids tell first which lead had which address: it means nobody else in them, though the lead may have moved on since.
        """
        if len(rows) < 2:
            return None
        if not is_one_lead(rows):
            for row in rows:
                if row.address and (by_id := self._by_id.get(row.external_id or "")) is not None:
                    self._by_key.setdefault(row.address.key, by_id)
            return None
        return next(iter([known for row in rows for known in self._named(row) if known is not None]), None)

    def _named(self, row: LeadRow) -> tuple[Known | None, Known | None]:
        return self._by_id.get(row.external_id) if row.external_id else None, self._by_key.get(row.address.key) if row.address else None

    def new_address(self, row: LeadRow) -> Address | None:
        """Return the address that a row gives its lead; None where it gives none, or one of a lead that went into this one: it only names it."""
        return None if row.address is None or row.address.key in self._former else row.address

    def find(self, row: LeadRow, same: Known | None) -> Known | str | None:
        """Return the lead that a row is about, None for a new one, or why there can be none; `same`: the one its entry is about, if known."""
        by_id, by_key = self._named(row)
        if by_key is not None and by_key is not by_id and row.external_id and by_key.external_id and by_key.external_id != row.external_id:
            return f"the address belongs to the lead with id '{by_key.external_id}': one address, one lead; {_merge(by_key, by_id)}"
        meant = [known for known in (same, by_id, by_key) if known is not None]
        if (other := next((known for known in meant if known is not meant[0]), None)) is not None:
            return f"the id '{row.external_id}' is one lead and the address another: {_merge(meant[0], other)}"
        if not meant:
            return "has no address, and its id is not known" if row.address is None else None
        return "this lead was erased on request and stays so" if meant[0].is_erased else meant[0]

    def open(self, row: LeadRow, facts: dict[str, Any], source: str, created_at: datetime) -> Known:
        """Return a new lead."""
        assert row.address is not None, "find refuses a new lead without one"
        known = Known(None, row.external_id, row.address, facts, row.at, created_at, source, has_news=True)
        self.leads.append(known)
        self.enter(known)
        return known

    def note(self, known: Known, row: LeadRow) -> None:
        """Note the names by which a row means a lead, before it is told: rows of the same instant may use either."""
        if row.address:
            self._by_key.setdefault(row.address.key, known)
        if row.external_id:
            self._by_id.setdefault(row.external_id, known)

    def enter(self, known: Known) -> None:
        """Note both names of a lead. A name it had before stays with it: within one file it means nobody else."""
        self._by_key[known.address.key] = known
        if known.external_id:
            self._by_id[known.external_id] = known
