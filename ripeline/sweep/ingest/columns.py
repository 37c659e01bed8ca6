"""Which columns of a file serve which end: asked for by the map, called like a field, kept, or ignored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ripeline.connect.sources import Chunk
from ripeline.playbook.finding import did_you_mean
from ripeline.playbook.mapping import Cell, ConsentOf, DerivedEvent, EventsMap, FileMap, LeadsMap, SuppressionOf, SuppressionsMap, When, columns_of
from ripeline.sweep.ingest.cells import among, field_name
from ripeline.values import Refusal


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is told of a file itself: its name, and when it was last changed."""

    name: str
    changed_at: datetime

    @classmethod
    def of(cls, path: Path) -> "FileFacts":
        """Return what the file system tells of a file."""
        return cls(path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC))


def check_columns(path: Path, columns: Sequence[str] | None, found: FileMap) -> None:
    """Raise Refusal where the map names columns that the file lacks; all of them are told, each with the nearest one there is."""
    if columns is None:
        return
    _check_essential(path, columns, found)
    lacking = [name for name in dict.fromkeys(_needed(found)) if name not in columns]
    if lacking:
        told = "; ".join(f"'{name}'. {did_you_mean(name, columns)}".strip().rstrip(".") for name in lacking)
        raise Refusal(f'{path} lacks {len(lacking)} column{"s" * (len(lacking) > 1)} that the map names: {told} (a list, ["{lacking[0]}"], makes one optional)')


def unasked(columns: Iterable[str], found: FileMap) -> list[str]:
    """Return the columns that the map does not ask for, those left out that it ignores."""
    if found.ignore == "the rest":
        return []
    there = list(columns)
    asked = {column for value in _values(found) for column in (among(value, there) if isinstance(value, tuple) else columns_of(value))}
    return [name for name in there if name not in asked and name not in found.ignore and field_name(name)]


def with_needed(chunk: Chunk, found: FileMap) -> Chunk:
    """Return a chunk whose rows name their own columns with those, empty, that the map asks for and none of these rows has."""
    lacking = [name for name in dict.fromkeys(_needed(found)) if name not in chunk.rows.columns]
    return Chunk(chunk.rows.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking), chunk.bad)


def _check_essential(path: Path, columns: Sequence[str], found: FileMap) -> None:
    """Raise Refusal where none of the columns is there that hold what every row must have."""
    for what, value in _essential(found):
        if isinstance(value, tuple) and not among(value, columns):
            have = ", ".join(columns[:12]) + (" …" if len(columns) > 12 else "")
            raise Refusal(f"{path} has no column for '{what}' (it has {have}): name one '{field_name(value[0])}', or say in a map which it is (--map)")


def _essential(found: FileMap) -> Iterator[tuple[str, Cell | When | None]]:
    if isinstance(found, LeadsMap):
        address, external_id = found.lead.get("address"), found.lead.get("id")
        if isinstance(address, tuple) and isinstance(external_id, tuple):
            yield "address", address + external_id  # a row may name a lead we know by its id alone
    if isinstance(found, EventsMap):
        yield from (("lead", found.lead), ("kind", found.kind), ("at", found.at))
    if isinstance(found, SuppressionsMap):
        yield "address", found.address


def _needed(found: FileMap) -> Iterator[str]:
    return (name for value in _values(found) for name in columns_of(value) if name not in ("file", "line"))


def _values(found: FileMap) -> Iterator[Cell | When | None]:
    if isinstance(found, LeadsMap):
        yield from found.lead.values()
        yield found.as_of
        chosen: tuple[DerivedEvent | ConsentOf | SuppressionOf, ...] = (*found.event, *found.consent, *found.suppression)
        yield from (each.column for each in chosen)
        yield from (each.at for each in chosen)
        for event in found.event:
            yield from event.properties.values()
            yield event.times if isinstance(event.times, str) else None
        for consent in found.consent:
            yield from (consent.text, consent.locale, consent.proof)
    if isinstance(found, EventsMap):
        yield from (found.lead, found.kind, found.at, found.id, *found.properties.values())
    if isinstance(found, SuppressionsMap):
        yield from (found.address, found.reason, found.scope, found.at)
