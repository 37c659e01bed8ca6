"""What an edited track makes of touches that are over: new names, and touches told as ones that somebody will never get."""

from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message
from ripeline.decide.lineage import NewNames
from ripeline.decide.touch import GO_TO, WENT_ON
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.schedule.edited import is_passed_over, is_taken_out
from ripeline.sweep.schedule.marking import mark


def retell(session: Session, enrolments: pl.DataFrame, over: pl.DataFrame, names: NewNames, to: Playbook, settings: Settings, now: datetime) -> int:
    """Write, in the caller's transaction, what these enrolments have behind them by the track of `to`; return how many touches they are passed over.

    enrolments: `enrolment_id`, `track` by its new name. over: touches that they will never get, of others too.
    """
    for (track,), part in enrolments.group_by("track"):
        of = is_one_of(session, col(Message.enrolment_id), part["enrolment_id"].to_list())
        for old, new in names.touches[str(track)].items():
            _change(session, sa.and_(of, col(Message.touch) == old), touch=new)
        here = [touch.name for touch in to.tracks[str(track)].touches]
        back = sa.or_(is_passed_over(), sa.and_(is_taken_out(), col(Message.touch).in_(here)))
        session.execute(sa.delete(Message).where(of, back).execution_options(synchronize_session=False))
        went_on = WENT_ON + sa.func.substr(col(Message.variant), len(GO_TO) + 1)
        _change(session, sa.and_(of, col(Message.variant).startswith(GO_TO)), variant=went_on)
    return mark(session, over.join(enrolments, on="enrolment_id", how="semi"), to.hash, settings, now)


def _change(session: Session, those: sa.ColumnElement[bool], **values: Any) -> None:
    session.execute(sa.update(Message).where(those).values(**values).execution_options(synchronize_session=False))
