"""Rows of one file that share an id or an address: told together, oldest first, so that no row undoes another each time the file is imported."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

import polars as pl

from ripeline.address import Address
from ripeline.connect.sources import LINE, Chunk, Source
from ripeline.sweep.ingest.lead_rows import ID, KEY, LeadRow, LeadShaper


@dataclass(frozen=True, slots=True)
class Repeats:
    """`entries`: rows that belong together, by the first of their lines; `lines`: every line that stands in one of them."""

    entries: Mapping[int, Sequence[LeadRow]] = field(default_factory=dict)
    lines: Set[int] = frozenset()


def find_repeats(source: Source, shaper: LeadShaper) -> Repeats:
    """Return the rows that share an id or an address, refused ones left out. It reads the file once, and again where there are any."""
    some = _shared(source, shaper)
    if not some:
        return Repeats()
    rows: list[LeadRow] = []
    for chunk in source.chunks():
        mine = chunk.rows.filter(pl.col(LINE).is_in(some))
        rows += shaper.shape(Chunk(mine)).leads.values() if mine.height else ()
    groups = [group for group in _connected(rows) if len(group) > 1]
    return Repeats({group[0].lines[0]: _folded(group) for group in groups}, {line for group in groups for row in group for line in row.lines})


def is_one_lead(rows: Iterable[LeadRow]) -> bool:
    """Return whether rows that belong together can be one lead: not if they name several ids."""
    return len({row.external_id for row in rows if row.external_id}) < 2


def _shared(source: Source, shaper: LeadShaper) -> list[int]:
    """Return the lines whose id or address stands in another line too."""
    identities = [shaper.identities(chunk).select(LINE, _hashed(ID), _hashed(KEY)) for chunk in source.chunks()]
    if not identities:  # a header and nothing below it
        return []
    named = pl.concat(identities)
    return named.filter(_comes_again(ID) | _comes_again(KEY))[LINE].to_list()


def _hashed(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name)


def _comes_again(name: str) -> pl.Expr:
    return pl.col(name).is_not_null() & pl.col(name).is_duplicated()


def _connected(rows: Sequence[LeadRow]) -> list[list[LeadRow]]:
    """Return rows in groups: who shares a name with a row is in its group, and so on. Groups and rows in the order of the file."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(name: tuple[str, str]) -> tuple[str, str]:
        while (above := parent.setdefault(name, name)) != name:
            parent[name] = name = parent[above]  # halves the way for who asks next
        return name

    for row in rows:
        first, *others = _names(row)
        for other in others:
            parent[root(other)] = root(first)
    groups: dict[tuple[str, str], list[LeadRow]] = {}
    for row in rows:
        groups.setdefault(root(_names(row)[0]), []).append(row)
    return list(groups.values())


def _names(row: LeadRow) -> list[tuple[str, str]]:
    return [(kind, name) for kind, name in (("id", row.external_id), ("key", row.address and row.address.key)) if name]


def _folded(rows: Sequence[LeadRow]) -> list[LeadRow]:
    """Return rows oldest first, those of one lead and instant as one: of two values the later line's counts."""
    alike = is_one_lead(rows)
    folded: dict[object, LeadRow] = {}
    for row in sorted(rows, key=lambda each: (each.at, each.lines)):
        which = row.at if alike else (row.at, row.external_id, row.address and row.address.key)
        before = folded.get(which)
        folded[which] = row if before is None else both(before, row)
    return _addressed(list(folded.values()), alike)


def _addressed(rows: list[LeadRow], alike: bool) -> list[LeadRow]:
    """Return rows in which a lead has its first address from its first row on: else what is refused today would be known tomorrow."""
    first: dict[str | None, Address] = {}
    for row in rows:
        if row.address:
            first.setdefault(None if alike else row.external_id, row.address)
    met: set[str | None] = set()
    filled = []
    for row in rows:
        which = None if alike else row.external_id
        filled.append(row if row.address or which in met else replace(row, address=first.get(which)))
        met |= {which} if row.address else set()
    return filled


def both(before: LeadRow, row: LeadRow) -> LeadRow:
    """Return two rows of one lead and instant as one: of two values the later line's counts."""
    return replace(
        row,
        lines=before.lines + row.lines,
        external_id=row.external_id or before.external_id,
        address=row.address or before.address,
        created_at=before.created_at or row.created_at,
        source=before.source or row.source,
        facts=before.facts | row.facts,
    )
