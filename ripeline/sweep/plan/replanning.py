"""What waits for people who move to an edited track: kept where the plan is the same, planned anew where it differs, called off where it is gone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Message, MessageState
from ripeline.decide.facts import INSTANT
from ripeline.decide.lineage import NewNames, in_new_names
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_write import update_frame
from ripeline.sweep.schedule.due import is_untried
from ripeline.sweep.schedule.edited import TAKEN_OUT
from ripeline.sweep.schedule.planning import Plan
from ripeline.sweep.schedule.record import record, worded
from ripeline.values import Tally

_NEXT = {"enrolment_id": pl.Int64(), "touch": pl.String(), "due_at": INSTANT, "template": pl.String(), "variant": pl.String(), "expires_at": INSTANT}
_HERE = {"track": pl.String(), "touch": pl.String()}
_STORED = {"id": pl.String(), "enrolment_id": pl.Int64(), "track": pl.String(), "touch": pl.String()}


def replan(session: Session, enrolments: pl.DataFrame, was: Plan, will: Plan, names: NewNames, to: Playbook, settings: Settings, now: datetime) -> Tally:
    """Put what `will` be planned for these enrolments in the place of what waits, where it is not what `was` planned; in the caller's transaction.

    enrolments: `enrolment_id`, `track` by its new name, bound to another version than `to` until now. Counts: `taken_out`, `planned_anew`, `expired`:
    touches of the edited track whose time, or whose day, is over.
    """
    stored = _stored(session, enrolments)
    tracked = enrolments.select("enrolment_id", "track")
    before = in_new_names(_next(was).join(tracked, on="enrolment_id", how="inner"), names)
    both = stored.join(before, on="enrolment_id", how="left", suffix="_was").join(_next(will), on="enrolment_id", how="left", suffix="_will")
    here = pl.DataFrame([(name, touch.name) for name, track in to.tracks.items() for touch in track.touches], schema=_HERE, orient="row")
    is_same = pl.col("touch_was").eq_missing(pl.col("touch_will")) & pl.col("due_at").eq_missing(pl.col("due_at_will"))
    gone = both.join(here, on=["track", "touch"], how="anti")
    rest = both.join(gone, on="id", how="anti").with_columns(is_same=is_same)
    kept = rest.filter("is_same", pl.col("touch") == pl.col("touch_will"))
    _keep(session, kept, to)
    _take_out(session, gone)
    other = rest.filter(~pl.col("is_same"))
    _forget(session, other["enrolment_id"].to_list())
    anew = _only(will, [*gone["enrolment_id"], *other["enrolment_id"]], kept["enrolment_id"].to_list())
    told = record(session, worded(anew, settings), to, now)
    return Tally.of(taken_out=gone.height, planned_anew=told["planned"], expired=told["expired"])


def _stored(session: Session, enrolments: pl.DataFrame) -> pl.DataFrame:
    """Return the touches that wait for them, by their new names: those are stored already."""
    of = is_one_of(session, col(Message.enrolment_id), enrolments["enrolment_id"].to_list())
    query: sa.Select[Any] = sa.select(col(Message.id), col(Message.enrolment_id), col(Message.touch)).where(of, is_untried())
    rows = [(row.id.hex, row.enrolment_id, row.touch) for row in session.execute(query)]
    found = pl.DataFrame(rows, schema={name: kind for name, kind in _STORED.items() if name != "track"}, orient="row")
    return found.join(enrolments.select("enrolment_id", "track"), on="enrolment_id").select(list(_STORED))


def _next(plan: Plan) -> pl.DataFrame:
    """Return the touch that each enrolment gets next, _NEXT."""
    if plan.messages.is_empty():
        return pl.DataFrame(schema=_NEXT)
    return plan.messages.filter(~pl.col("is_expired")).select(list(_NEXT)).cast(_NEXT)  # type: ignore[arg-type]


def _only(plan: Plan, enrolments: list[int], kept: list[int]) -> Plan:
    """Return what is planned for these alone; of those for whom what waits is kept, what is too late to go before it, lest it goes after."""
    mine = pl.col("enrolment_id").is_in(enrolments) | (pl.col("is_expired") & pl.col("enrolment_id").is_in(kept))
    messages = plan.messages.filter(mine) if plan.messages.height else plan.messages
    return replace(plan, messages=messages, exhausted=[each for each in plan.exhausted if each in set(enrolments)])


def _keep(session: Session, same: pl.DataFrame, to: Playbook) -> None:
    """Leave its instant to what is planned alike; letter, variant and expiry are those of the edited touch."""
    told = same.select("id", expires_at="expires_at_will", template=pl.concat_str(pl.lit("email/"), "template_will"), variant="variant_will")
    update_frame(session, Message, told, {"version": to.hash})


def _take_out(session: Session, gone: pl.DataFrame) -> None:
    _those(session, gone["enrolment_id"].to_list(), sa.update(Message).values(state=MessageState.CANCELLED, reason=TAKEN_OUT))


def _forget(session: Session, enrolments: list[int]) -> None:
    """Delete what waits for these: it was only planned, and its touch comes by another plan, or later."""
    _those(session, enrolments, sa.delete(Message))


def _those(session: Session, enrolments: list[int], statement: Any) -> None:
    if enrolments:
        of = is_one_of(session, col(Message.enrolment_id), enrolments)
        session.execute(statement.where(of, is_untried()).execution_options(synchronize_session=False))
