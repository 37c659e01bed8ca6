"""Writing the plan down: one message a touch, unique by its key."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Enrolment, Lead, Message, MessageKind, MessageState
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_write import insert_frame
from ripeline.sweep.mail_id import mail_ids
from ripeline.sweep.schedule.planning import Plan
from ripeline.values import Tally, message_ids
from ripeline.zones import database_version

EXPIRED = "expired before it could go"


@dataclass(frozen=True)
class Worded:
    """A plan, and its messages as rows of their table, with rule and reason as people read them."""

    plan: Plan
    rows: pl.DataFrame


def worded(plan: Plan, settings: Settings) -> Worded:
    """Return the plan put into words. `settings` key the Message-IDs and name their domain."""
    return Worded(plan, _rows(plan.messages, settings) if plan.messages.height else pl.DataFrame())


def record(session: Session, worded: Worded, playbook: Playbook, now: datetime) -> Tally:
    """Write the plan in the caller's transaction and return its counts."""
    plan, rows = worded.plan, worded.rows
    constants = {"kind": MessageKind.TOUCH, "recipient": "lead", "version": playbook.hash, "zone_database": database_version(), "planned_at": now}
    stored = insert_frame(session, Message, rows, constants | {"phase": "", "attempt": 0})
    expired = plan.messages.filter("is_expired").height if stored else 0
    _exhaust(session, plan.exhausted, now)
    return Tally.of(
        planned=stored - expired,
        put_off=rows.filter(pl.col("reason").str.starts_with("put off")).height if stored else 0,
        expired=expired,
        exhausted=len(plan.exhausted),
        no_consent=plan.no_consent,
        suppressed=plan.suppressed,
        never_opens=plan.never_opens,
    )


def told(messages: pl.DataFrame) -> pl.DataFrame:
    """Return planned messages with `rule` and `reason`, as people read them."""
    put_off = pl.concat_str(pl.lit("put off from "), pl.col("first_local_at").dt.strftime("%Y-%m-%d %H:%M"), pl.lit(" by the "), "cap")
    return messages.with_columns(
        rule=rule_text(),
        reason=pl.when(pl.col("lapse").is_not_null()).then("lapse").when("is_expired").then(pl.lit(EXPIRED)).when(pl.col("cap").is_not_null()).then(put_off).otherwise(pl.lit("")),
    )  # fmt: skip


def _rows(messages: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    keys = messages.select(pl.format("touch:{}:{}", "enrolment_id", "touch")).to_series()
    ids = message_ids(keys)
    return told(messages).select(
        "lead_id", "enrolment_id", "touch", "zone_source", "resolution", "due_at", "expires_at", "consent_id", "variant", "rule", "reason",
        id=pl.Series([each.hex() for each in ids], dtype=pl.String),
        key=keys,
        mail_id=pl.Series(mail_ids(settings, ids), dtype=pl.String),
        recipient_key="address_key",
        template=pl.concat_str(pl.lit("email/"), "template"),
        zone="lives_in",
        local_at=pl.col("local_at").dt.strftime("%Y-%m-%dT%H:%M:%S"),
        state=pl.when("is_expired").then(pl.lit(MessageState.CANCELLED.value)).otherwise(pl.lit(MessageState.SCHEDULED.value)),
    )  # fmt: skip


def rule_text() -> pl.Expr:
    """Return by which rule each of a plan's messages got its instant, in words."""
    base = pl.when(pl.col("last_at").is_null()).then(pl.lit("entering")).otherwise(pl.lit("the last touch"))
    wait = pl.concat_str("wait_text", pl.lit(" after "), base)
    day = pl.concat_str("day_text", pl.concat_str(pl.lit(" ("), "anchor", pl.lit(")")), ignore_nulls=True)
    return pl.concat_str(pl.when(pl.col("day_text") == "").then(wait).otherwise(day), pl.lit(", then "), "window_text", _hour_text())


def _hour_text() -> pl.Expr:
    """Return which hour of the lead's own a touch was given, and why; empty where its window alone decided."""
    hour = pl.col("local_at").dt.strftime("%H:00")
    best = pl.format(", at {}, the hour that fits the lead best by {} deeds", hour, "known")
    tried = pl.format(", at {}, to learn whether another hour fits better", hour)
    return pl.when(pl.col("hours").is_null()).then(pl.lit("")).when("is_exploring").then(tried).otherwise(best)


def _exhaust(session: Session, enrolments: list[int], now: datetime) -> None:
    """Tell that these enrolments have sent all they had, and let `segment` look at their leads again: another track may have waited for that."""
    if enrolments:
        theirs = sa.select(col(Enrolment.lead_id)).where(is_one_of(session, col(Enrolment.id), enrolments), col(Enrolment.exhausted_at).is_(None))
        soon = sa.update(Lead).where(col(Lead.id).in_(theirs)).values(segment_review_at=now)
        session.execute(soon.execution_options(synchronize_session=False))
        done = sa.update(Enrolment).where(is_one_of(session, col(Enrolment.id), enrolments), col(Enrolment.exhausted_at).is_(None))
        session.execute(done.values(exhausted_at=now).execution_options(synchronize_session=False))
