"""Marks: touches that somebody will never get, stored as cancelled messages, so that nobody ever plans them."""

from datetime import datetime

import polars as pl
from sqlmodel import Session

from models import Message, MessageKind, MessageState
from ripeline.settings import Settings
from ripeline.sweep.bulk_write import insert_frame
from ripeline.sweep.mail_id import mail_ids
from ripeline.values import message_ids
from ripeline.zones import database_version


def mark(session: Session, over: pl.DataFrame, version: str, settings: Settings, now: datetime) -> int:
    """Store a mark for each `enrolment_id`, `lead_id`, `touch`, `reason` in the caller's transaction; return how many. Its zone is nobody's."""
    if over.is_empty():
        return 0
    keys = over.select(pl.format("touch:{}:{}", "enrolment_id", "touch")).to_series()
    ids = message_ids(keys)
    rows = over.select(
        "lead_id", "enrolment_id", "touch", "reason", id=pl.Series([each.hex() for each in ids], dtype=pl.String), key=keys,
        mail_id=pl.Series(mail_ids(settings, ids), dtype=pl.String),
    )  # fmt: skip
    return insert_frame(session, Message, rows, _MARK | {
        "version": version, "zone_database": database_version(), "planned_at": now, "due_at": now, "local_at": f"{now:%Y-%m-%dT%H:%M:%S}",
    })  # fmt: skip


_MARK = {
    "kind": MessageKind.TOUCH, "state": MessageState.CANCELLED, "recipient": "lead", "recipient_key": "", "template": "", "variant": "", "rule": "",
    "zone": "UTC", "zone_source": "", "resolution": "normal", "phase": "", "attempt": 0,
}  # fmt: skip
