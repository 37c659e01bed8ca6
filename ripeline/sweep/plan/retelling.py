"""What an edited track makes of touches that are over: new names, and touches told as ones that somebody will never get."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message, MessageKind, MessageState
from ripeline.decide.touch import GO_TO, WENT_ON
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_write import insert_frame
from ripeline.sweep.mail_id import mail_ids
from ripeline.sweep.schedule.edited import is_passed_over, is_taken_out
from ripeline.values import message_ids
from ripeline.zones import database_version


def retell(
    session: Session, enrolments: pl.DataFrame, over: pl.DataFrame, names: Mapping[str, Mapping[str, str]], to: Playbook, settings: Settings, now: datetime
) -> int:
    """Write, in the caller's transaction, what these enrolments have behind them by the track of `to`; return how many touches they are passed over.

    enrolments: `enrolment_id`, `track`. over: touches that they will never get, of others too. names: by track, new names by old ones.
    """
    for (track,), part in enrolments.group_by("track"):
        of = is_one_of(session, col(Message.enrolment_id), part["enrolment_id"].to_list())
        for old, new in names[str(track)].items():
            _change(session, sa.and_(of, col(Message.touch) == old), touch=new)
        here = [touch.name for touch in to.tracks[str(track)].touches]
        back = sa.or_(is_passed_over(), sa.and_(is_taken_out(), col(Message.touch).in_(here)))
        session.execute(sa.delete(Message).where(of, back).execution_options(synchronize_session=False))
        went_on = WENT_ON + sa.func.substr(col(Message.variant), len(GO_TO) + 1)
        _change(session, sa.and_(of, col(Message.variant).startswith(GO_TO)), variant=went_on)
    return _pass_over(session, over.join(enrolments, on="enrolment_id", how="semi"), to, settings, now)


def _change(session: Session, those: sa.ColumnElement[bool], **values: Any) -> None:
    session.execute(sa.update(Message).where(those).values(**values).execution_options(synchronize_session=False))


def _pass_over(session: Session, over: pl.DataFrame, to: Playbook, settings: Settings, now: datetime) -> int:
    """Store a cancelled message for each, so that nobody ever plans it: it keeps a place, and its zone is nobody's."""
    if over.is_empty():
        return 0
    keys = over.select(pl.format("touch:{}:{}", "enrolment_id", "touch")).to_series()
    ids = message_ids(keys)
    rows = over.select(
        "lead_id", "enrolment_id", "touch", "reason", id=pl.Series([each.hex() for each in ids], dtype=pl.String), key=keys,
        mail_id=pl.Series(mail_ids(settings, ids), dtype=pl.String),
    )  # fmt: skip
    return insert_frame(session, Message, rows, _MARK | {
        "version": to.hash, "zone_database": database_version(), "planned_at": now, "due_at": now, "local_at": f"{now:%Y-%m-%dT%H:%M:%S}",
    })  # fmt: skip


_MARK = {
    "kind": MessageKind.TOUCH, "state": MessageState.CANCELLED, "recipient": "lead", "recipient_key": "", "template": "", "variant": "", "rule": "",
    "zone": "UTC", "zone_source": "", "resolution": "normal", "phase": "", "attempt": 0,
}  # fmt: skip
