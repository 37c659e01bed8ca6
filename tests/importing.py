"""What tests of importing look at afterwards: leads by address, changes in their order, and refused rows."""

import csv
from pathlib import Path

from sqlmodel import Session, col, select

from models import AttributeChange, Lead


def leads_of(session: Session) -> dict[str, Lead]:
    """Return all leads by the key of their address, as they are stored now."""
    session.expire_all()
    return {lead.address_key: lead for lead in session.exec(select(Lead))}


def changes_of(session: Session) -> list[tuple[str, str | None, str | None]]:
    """Return attribute, old and new value of each change of an attribute."""
    return [(change.attribute, change.old, change.new) for change in session.exec(select(AttributeChange).order_by(col(AttributeChange.id)))]


def rejects_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a rejects file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
