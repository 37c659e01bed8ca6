"""Which lead is meant: by its id in the system it came from, or by its address."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead
from ripeline.address import address_key
from ripeline.sweep.bulk import is_one_of
from ripeline.values import Refusal


def reference(named: str) -> str:
    """Return the name under which a lead is looked up and events of it are parked: the key of an address, or an id as it is.

    What looks like an address and is none raises Refusal.
    """
    return address_key(named) if "@" in named else named


def known_leads(session: Session, references: Iterable[str]) -> dict[str, int]:
    """Return the lead's id for each reference that names one we know. An id from outside goes before an address."""
    asked = set(references)
    columns = (col(Lead.address_key), col(Lead.external_id))  # in this order, so that the second overwrites the first
    return {
        str(row[0]): row.id for column in columns for row in session.execute(sa.select(column, col(Lead.id)).where(is_one_of(session, column, asked))) if asked
    }


def reference_or_none(named: str) -> str | None:
    """Return `reference`, or None where it refuses."""
    try:
        return reference(named)
    except Refusal:
        return None
