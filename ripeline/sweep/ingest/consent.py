"""Consent, given or taken back: append-only, with its proof."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import Consent, ConsentState, Lead, Purpose
from ripeline.sweep.board import raise_facts
from ripeline.sweep.bulk import is_one_of, table_of
from ripeline.values import keyed_hash


def record_consent(
    session: Session, lead_id: int, purpose: Purpose, state: ConsentState, *, basis: str, at: datetime, now: datetime, source: str, pepper: bytes,
    text: str = "", locale: str | None = None, proof: str = "",
) -> bool:  # fmt: skip
    """Add a consent, or its withdrawal, in the caller's transaction; return whether it is new. The same one again adds nothing.

    `at` is when the person said so. The newest by `at` counts, so a late arrival from before does not undo what came after.
    """
    key = session.exec(select(Lead.address_key).where(col(Lead.id) == lead_id).with_for_update()).one()  # two at once shall not both be the first
    row = consent_row(lead_id, key, purpose, state, basis=basis, at=at, now=now, source=source, pepper=pepper, text=text, locale=locale, proof=proof)
    is_new = bool(add_consents(session, [row]))
    raise_facts(session, {lead_id} if is_new else ())
    return is_new


def consent_row(
    lead_id: int, address_key: str, purpose: Purpose, state: ConsentState, *, basis: str, at: datetime, now: datetime, source: str, pepper: bytes,
    text: str = "", locale: str | None = None, proof: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Return a consent as a row for `add_consents`, its proof keyed to the address."""
    return {
        "lead_id": lead_id, "subject_hash": keyed_hash(pepper, address_key), "purpose": purpose, "state": state, "basis": basis, "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest() if text else "", "locale": locale, "at": at, "received_at": now, "source": source,
        "proof": proof,
    }  # fmt: skip


def add_consents(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add those consents that are not recorded yet and return their places in `rows`; raising the facts of their leads is left to the caller.

    Where the proof lies does not make a consent another one. One that is only asked for is left out where the lead had given it by then:
    who fills in a form again takes nothing back.
    """
    if not rows:
        return []
    known = {_identity(row._mapping) for row in session.execute(_standing(session, {row["lead_id"] for row in rows}))}
    was_given = _was_given(known, rows)
    fresh: dict[tuple[object, ...], int] = {}
    for place, row in enumerate(rows):
        if _identity(row) not in known and not was_given(row):
            fresh.setdefault(_identity(row), place)
    if fresh:
        session.connection().execute(sa.insert(table_of(Consent)), [rows[place] for place in fresh.values()])
    return list(fresh.values())


def _was_given(known: Iterable[tuple[Any, ...]], rows: Sequence[dict[str, Any]]) -> Callable[[dict[str, Any]], bool]:
    """Return what tells whether a row only asks for what the lead had already given by then."""
    said: dict[tuple[object, ...], list[tuple[datetime, ConsentState]]] = {}
    if any(row["state"] is ConsentState.PENDING for row in rows):
        for lead_id, purpose, state, _, _, at in known:
            said.setdefault((lead_id, purpose), []).append((at, state))

    def was_given(row: dict[str, Any]) -> bool:
        before = [each for each in said.get((row["lead_id"], row["purpose"]), ()) if each[0] <= row["at"]]
        return row["state"] is ConsentState.PENDING and bool(before) and max(before)[1] is ConsentState.GIVEN

    return was_given


_IDENTITY = ("lead_id", "purpose", "state", "basis", "text_sha256", "at")


def _identity(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _IDENTITY)


def _standing(session: Session, lead_ids: Collection[int]) -> sa.Select[Any]:
    columns: list[Any] = [getattr(Consent, name) for name in _IDENTITY]
    return sa.select(*columns).where(is_one_of(session, Consent.lead_id, lead_ids))
