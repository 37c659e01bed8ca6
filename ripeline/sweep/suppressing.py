"""Suppressions: writing one down, and asking which stand against an address. Only keyed hashes are stored, never an address."""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import Suppression, SuppressionReason
from ripeline.sweep.bulk import insert_new, is_one_of
from ripeline.values import keyed_hashes

EVERYTHING = "all"
"""The scope of a suppression that stops all mail; `track:<name>` stops one track."""


def scope_of(track: str) -> str:
    """Return the scope of a suppression that stops one track."""
    return f"track:{track}"


def hashes_of(address_key: str, pepper: bytes) -> tuple[str, str]:
    """Return the keyed hashes under which an address is suppressed: as it is, and with its local part lower-cased."""
    as_it_is, lower = keyed_hashes(pepper, [address_key.encode(), _lower(address_key).encode()])
    return as_it_is, lower


def _lower(address_key: str) -> str:
    local, _, domain = address_key.rpartition("@")
    return f"{local.lower()}@{domain}"


def suppress(
    session: Session,
    address_key: str,
    reason: SuppressionReason,
    source: str,
    *,
    at: datetime,
    now: datetime,
    pepper: bytes,
    scope: str = EVERYTHING,
) -> bool:
    """Write a suppression in the caller's transaction and return whether it is new. The first one of a reason and scope stands.

    `at` is when the person said so, `now` when we heard it.
    """
    return bool(write_suppressions(session, [suppression_row(address_key, reason, source, at=at, now=now, pepper=pepper, scope=scope)]))


def suppression_row(
    address_key: str, reason: SuppressionReason, source: str, *, at: datetime, now: datetime, pepper: bytes, scope: str = EVERYTHING
) -> dict[str, object]:
    """Return a suppression as a row for `write_suppressions`."""
    as_it_is, lower = hashes_of(address_key, pepper)
    return {
        "address_hash": as_it_is, "address_hash_lower": lower, "scope": scope, "reason": reason, "source": source, "at": at, "received_at": now,
    }  # fmt: skip


def write_suppressions(session: Session, rows: Iterable[dict[str, object]]) -> list[str]:
    """Write suppressions in the caller's transaction, those that stand already excepted; return the address hash of each new one."""
    return [row.address_hash for row in insert_new(session, Suppression, rows, returning=[col(Suppression.address_hash)])]


def suppressions_of(session: Session, address_keys: Collection[str], pepper: bytes) -> dict[str, list[Suppression]]:
    """Return what stands against each address, in the order of writing; an address against which nothing stands is left out.

    Both forms of the address are looked up, so that a suppression holds for other case as well.
    """
    if session.exec(select(Suppression.id).limit(1)).first() is None:
        return {}
    owners = _owners(address_keys, pepper)
    either = sa.or_(is_one_of(session, col(Suppression.address_hash), owners), is_one_of(session, col(Suppression.address_hash_lower), owners))
    standing: dict[str, list[Suppression]] = {}
    for row in session.exec(select(Suppression).where(either).order_by(col(Suppression.id))):
        for key in sorted(owners.get(row.address_hash, set()) | owners.get(row.address_hash_lower, set())):
            standing.setdefault(key, []).append(row)
    return standing


def _owners(address_keys: Collection[str], pepper: bytes) -> dict[str, set[str]]:
    """Return the addresses behind each hash under which one of these may be suppressed, see `hashes_of`."""
    owners: dict[str, set[str]] = {}
    forms = [(key, form) for key in address_keys for form in dict.fromkeys((key, _lower(key)))]
    for (key, _), hashed in zip(forms, keyed_hashes(pepper, [form.encode() for _, form in forms]), strict=True):
        owners.setdefault(hashed, set()).add(key)
    return owners


def erased(session: Session, address_keys: Collection[str], pepper: bytes) -> set[str]:
    """Return those addresses whose owner asked to be erased."""
    standing = suppressions_of(session, address_keys, pepper)
    return {key for key, rows in standing.items() if any(row.reason is SuppressionReason.ERASED for row in rows)}
