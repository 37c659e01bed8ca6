"""Leads as they stand: read for rows that name them, and written back with what these said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from models import AttributeChange, Lead
from ripeline.address import Address
from ripeline.sweep.board import put_up
from ripeline.sweep.bulk import is_one_of, table_of
from ripeline.sweep.ingest.lead_rows import COLUMNS
from ripeline.sweep.ingest.merging import Change, Known


@dataclass(frozen=True, slots=True)
class Former:
    """The names of a lead that went into another, `lead`."""

    external_id: str | None
    address_key: str
    lead: Known


def standing(session: Session, ids: Iterable[str], keys: Iterable[str]) -> tuple[list[Known], list[Former]]:
    """Return the leads with one of these ids or address keys, in the order of their own ids; and of those that went into others, their names."""
    rows = _rows(session, sa.or_(is_one_of(session, Lead.external_id, list(ids)), is_one_of(session, Lead.address_key, list(keys))))
    found = {row.id: as_known(row) for row in rows if row.merged_into is None}
    gone = [row for row in rows if row.merged_into is not None]
    if gone:
        found |= {row.id: as_known(row) for row in _rows(session, is_one_of(session, Lead.id, [row.merged_into for row in gone])) if row.id not in found}
    return [found[lead_id] for lead_id in sorted(found)], [Former(row.external_id, row.address_key, found[row.merged_into]) for row in gone]


def as_known(row: Any) -> Known:
    """Return a lead, or a row with its columns, as rows of a file meet it."""
    facts = {name: value for name in COLUMNS if (value := getattr(row, name)) is not None} | row.more
    address = Address(row.address, row.address_key)
    return Known(row.id, row.external_id, address, facts, row.updated_at, row.created_at, row.source, row.erased_at is not None)


def _rows(session: Session, which: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
    names = ("id", "external_id", "address", "address_key", "more", "updated_at", "created_at", "source", "erased_at", "merged_into")
    columns: list[Any] = [getattr(Lead, name) for name in (*names, *COLUMNS)]
    return session.execute(sa.select(*columns).where(which).order_by(col(Lead.id))).all()


def write(session: Session, leads: Sequence[Known], now: datetime) -> None:
    """Write, in the caller's transaction, those that are new or have news, and how they changed."""
    new = [known for known in leads if known.id is None]
    if new:
        table = table_of(Lead)
        made = session.connection().execute(sa.insert(table).returning(table.c.id, sort_by_parameter_order=True), [_first(known, now) for known in new])
        for known, lead_id in zip(new, made.scalars(), strict=True):
            known.id, known.has_news = lead_id, False
        put_up(session, [known.id for known in new if known.id is not None])
    news = [known for known in leads if known.has_news]
    if news:
        table = table_of(Lead)
        values: dict[str, Any] = {name: sa.bindparam(f"_{name}") for name in _columns(news[0])}
        update = sa.update(table).where(table.c.id == sa.bindparam("_id")).values(values)
        session.connection().execute(update, [{"_id": known.id} | {f"_{name}": value for name, value in _columns(known).items()} for known in news])
    changes = list(_changes(leads, now))
    if changes:
        session.connection().execute(sa.insert(table_of(AttributeChange)), changes)


def _columns(known: Known) -> dict[str, Any]:
    return {
        "external_id": known.external_id, "address": known.address.written, "address_key": known.address.key, "updated_at": known.updated_at,
        **{name: known.facts.get(name) for name in COLUMNS},
        "more": {name: value for name, value in sorted(known.facts.items()) if name not in COLUMNS},
    }  # fmt: skip


def _first(known: Known, now: datetime) -> dict[str, Any]:
    """Return the row of a new lead, what other sweeps write at its default."""
    defaults = {name: each.default for name, each in Lead.model_fields.items() if name != "id" and not each.is_required() and each.default_factory is None}
    return defaults | _columns(known) | {"source": known.source, "created_at": known.created_at, "stage_at": now}


def _changes(leads: Iterable[Known], now: datetime) -> Iterator[dict[str, Any]]:
    for known in leads:
        for change in known.changes:
            yield _change(known, change, now)


def _change(known: Known, change: Change, now: datetime) -> dict[str, Any]:
    old, new = (None if value is None else str(value) for value in (change.old, change.new))
    return {"lead_id": known.id, "attribute": change.attribute, "old": old, "new": new, "at": change.at, "received_at": now}
