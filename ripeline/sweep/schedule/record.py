"""Writing the plan down: one message a touch, unique by its key."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Message, MessageKind, MessageState, Resolution
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.bulk import insert_new, is_one_of
from ripeline.sweep.mail_id import mail_id
from ripeline.sweep.schedule.planning import Plan
from ripeline.values import Tally, message_id
from ripeline.zones import database_version

EXPIRED = "expired before it could go"


def record(session: Session, plan: Plan, playbook: Playbook, settings: Settings, now: datetime) -> Tally:
    """Write the plan in the caller's transaction and return its counts."""
    rows = list(_rows(_told(plan.messages), playbook, settings, now)) if plan.messages.height else []
    stored = insert_new(session, Message, rows, returning=[col(Message.state), col(Message.reason)])
    expired = sum(row.state == MessageState.CANCELLED for row in stored)
    _exhaust(session, plan.exhausted, now)
    return Tally.of(
        planned=len(stored) - expired,
        put_off=sum(row.reason.startswith("put off") for row in stored),
        expired=expired,
        exhausted=len(plan.exhausted),
        no_consent=plan.no_consent,
        suppressed=plan.suppressed,
        never_opens=plan.never_opens,
    )


def _told(messages: pl.DataFrame) -> pl.DataFrame:
    """Return the messages with `rule`, `reason` and `written_at`, as people read them."""
    base = pl.when(pl.col("last_at").is_null()).then(pl.lit("entering")).otherwise(pl.lit("the last touch"))
    rule = pl.concat_str("wait_text", pl.lit(" after "), base, pl.lit(", then "), "window_text")
    put_off = pl.concat_str(pl.lit("put off from "), pl.col("first_local_at").dt.strftime("%Y-%m-%d %H:%M"), pl.lit(" by the "), "cap")
    reason = pl.when("is_expired").then(pl.lit(EXPIRED)).when(pl.col("cap").is_not_null()).then(put_off).otherwise(pl.lit(""))
    return messages.with_columns(rule=rule, reason=reason, written_at=pl.col("local_at").dt.strftime("%Y-%m-%dT%H:%M:%S"))


def _rows(messages: pl.DataFrame, playbook: Playbook, settings: Settings, now: datetime) -> Iterator[dict[str, Any]]:
    version, kind = database_version(), MessageKind.TOUCH
    for row in messages.iter_rows(named=True):
        key = f"touch:{row['enrolment_id']}:{row['touch']}"
        identity = message_id(key)
        yield {
            "id": identity, "key": key, "kind": kind, "lead_id": row["lead_id"], "recipient": "lead", "recipient_key": row["address_key"],
            "enrolment_id": row["enrolment_id"], "touch": row["touch"], "template": f"email/{row['template']}", "version": playbook.hash, "rule": row["rule"],
            "local_at": row["written_at"], "zone": row["lives_in"], "zone_source": row["zone_source"], "resolution": Resolution(row["resolution"]),
            "zone_database": version, "due_at": row["due_at"], "expires_at": row["expires_at"],
            "state": MessageState.CANCELLED if row["is_expired"] else MessageState.SCHEDULED, "reason": row["reason"], "phase": "", "attempt": 0,
            "mail_id": mail_id(settings, identity), "planned_at": now, "consent_id": row["consent_id"],
        }  # fmt: skip


def _exhaust(session: Session, enrolments: list[int], now: datetime) -> None:
    if enrolments:
        done = sa.update(Enrolment).where(is_one_of(session, col(Enrolment.id), enrolments), col(Enrolment.exhausted_at).is_(None))
        session.execute(done.values(exhausted_at=now).execution_options(synchronize_session=False))
