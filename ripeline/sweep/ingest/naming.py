"""Which lead is meant: by its id in the system it came from, or by its address."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Lead
from ripeline.address import address_key
from ripeline.sweep.bulk import is_one_of


def reference(named: str) -> str:
    """Return the name under which a lead is looked up and events of it are parked: the key of an address, or an id as it is.

    What looks like an address and is none raises Refusal.
    """
    return address_key(named) if "@" in named else named


def known_leads(session: Session, references: Iterable[str]) -> dict[str, int]:
    """Return the lead's id for each reference that names one we know. An id from outside goes before an address."""
    asked = list(references)
    by_address = _found(session, col(Lead.address_key), [name for name in asked if "@" in name])
    return by_address | _found(session, col(Lead.external_id), asked)


def went_into(session: Session, lead_ids: Iterable[int]) -> dict[int, int]:
    """Return, for each of these leads that went into another one, that other."""
    asked = is_one_of(session, col(Lead.id), sorted(set(lead_ids)))
    rows = session.execute(sa.select(col(Lead.id), col(Lead.merged_into)).where(asked, col(Lead.merged_into).is_not(None)))
    return {lead_id: other for lead_id, other in rows.all()}  # noqa: C416  (rows are no pairs to a type checker)


def addresses_today(session: Session, address_keys: Iterable[str]) -> dict[str, str]:
    """Return, for each of these addresses that was one of a lead who went into another, the address key of that other."""
    gone, stays = aliased(Lead), aliased(Lead)
    query: sa.Select[Any] = sa.select(col(gone.address_key), col(stays.address_key)).join(stays, col(stays.id) == col(gone.merged_into))
    rows = session.execute(query.where(is_one_of(session, col(gone.address_key), sorted(set(address_keys))))).all()
    return {former: today for former, today in rows}  # noqa: C416  (as above)


def _found(session: Session, column: Any, names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    query = sa.select(column, sa.func.coalesce(col(Lead.merged_into), col(Lead.id))).where(is_one_of(session, column, sorted(names)))
    with session.connection().execute(query) as result:
        cursor: Any = result.cursor  # the driver's own pairs: to make rows of SQLAlchemy's takes longer than to find the leads
        return dict(cursor.fetchall())
