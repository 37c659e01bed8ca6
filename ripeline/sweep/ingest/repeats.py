"""Rows of one file that are about the same lead: told as one, so that no row undoes another each time the file is imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from ripeline.connect.sources import LINE, Chunk, Source
from ripeline.sweep.ingest.lead_rows import ID, KEY, LeadRow, LeadShaper


@dataclass(frozen=True, slots=True)
class Repeats:
    """`entries`: what a lead's rows say together, oldest first, by their first line; `first`: that line, for each of their lines."""

    entries: Mapping[int, list[LeadRow]] = field(default_factory=dict)
    first: Mapping[int, int] = field(default_factory=dict)


def find_repeats(source: Source, shaper: LeadShaper) -> Repeats:
    """Return the rows that share a lead, by id or address, refused ones left out. It reads the file once, and again where there are any."""
    labels = _labels(source, shaper)
    if not labels:
        return Repeats()
    groups: dict[int, list[LeadRow]] = {}
    for chunk in source.chunks():
        some = chunk.rows.filter(pl.col(LINE).is_in(list(labels)))
        for line, row in shaper.shape(Chunk(some)).leads.items() if some.height else ():
            groups.setdefault(labels[line], []).append(row)
    entries = {rows[0].lines[0]: _folded(rows) for rows in groups.values()}
    return Repeats(entries, {line: first for first, rows in entries.items() for row in rows for line in row.lines})


def _labels(source: Source, shaper: LeadShaper) -> dict[int, int]:
    """Return for each line that shares its lead with another a number that they share. A line without an id goes with the id of its address."""
    identities = [shaper.identities(chunk).select(LINE, _hashed(ID), _hashed(KEY)) for chunk in source.chunks()]
    if not identities:  # a header and nothing below it
        return {}
    named = pl.concat(identities)
    of_address = pl.when(pl.col(KEY).is_not_null()).then(pl.col(ID).drop_nulls().first().over(KEY))
    labelled = named.select(LINE, pl.coalesce(ID, of_address, KEY).alias("label")).drop_nulls()
    return dict(labelled.filter(pl.len().over("label") > 1).iter_rows())


def _hashed(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name)


def _folded(rows: Iterable[LeadRow]) -> list[LeadRow]:
    """Return rows of one lead, those of one instant as one: of two values the later line's counts."""
    by_instant: dict[object, LeadRow] = {}
    for row in sorted(rows, key=lambda each: (each.at, each.lines)):
        before = by_instant.get(row.at)
        by_instant[row.at] = row if before is None else _both(before, row)
    return list(by_instant.values())


def _both(before: LeadRow, row: LeadRow) -> LeadRow:
    return replace(
        row,
        lines=before.lines + row.lines,
        external_id=row.external_id or before.external_id,
        address=row.address or before.address,
        created_at=before.created_at or row.created_at,
        source=before.source or row.source,
        facts=before.facts | row.facts,
    )
