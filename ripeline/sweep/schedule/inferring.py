"""Inferring zones: of leads in countries with several, whose city and region say nothing, what their telephone or their hours speak for.

A fixed line counts most, then the hours at which somebody is active, then a mobile, which people take along when they move.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Actor, Event, Lead, Message, MessageKind
from ripeline.decide.activity import DEEDS, Activity, day_of, likely_zones
from ripeline.decide.certainty import is_known
from ripeline.decide.facts import INSTANT
from ripeline.decide.local_time import with_local_time
from ripeline.phones import Dialled, Line, zone_of_number
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.bulk_write import update_frame
from ripeline.sweep.living import zone_for, zones_of
from ripeline.sweep.schedule.due import WAITING, Held
from ripeline.sweep.schedule.habits import sampled_leads
from ripeline.zones import Whereabouts, ambiguous_countries

ACTIVITY = "activity"

_ASKED = {
    "lead_id": pl.Int64(), **{name: pl.String() for name in Whereabouts._fields}, "phone": pl.String(), "updated_at": INSTANT,
    "inferred_percent": pl.Int64(), "inferred_at": INSTANT,
}  # fmt: skip
CHANGED = {"lead_id": pl.Int64(), "inferred_zone": pl.String(), "inferred_from": pl.String()}
_INFERRED = {"id": pl.Int64(), "inferred_zone": pl.String(), "inferred_from": pl.String(), "inferred_percent": pl.Int64()}
_days: dict[tuple[str, str, datetime], tuple[float, ...]] = {}


class Inferred(NamedTuple):
    """What speaks for a zone, and how likely it is (None: nobody can say); three times None: nothing does."""

    zone: str | None = None
    source: str | None = None
    percent: int | None = None


def infer_zones(session: Session, held: Held, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Keep the zones that telephones and hours speak for, of the due leads; let what waits for those who changed be planned anew.

    Return `lead_id`, `inferred_zone` and `inferred_from` of those who changed, since what is written here no bulk read sees before it is committed.
    """
    asked = _asked(session, held, playbook)
    if asked.is_empty():
        return pl.DataFrame(schema=CHANGED)
    found = dict(_found(session, asked, playbook, now))
    before = {row["lead_id"]: Inferred(row["inferred_zone"], row["inferred_from"], row["inferred_percent"]) for row in asked.iter_rows(named=True)}
    untold = set(asked.filter(pl.col("phone").is_not_null(), _is_phone_untold())["lead_id"])
    rows = [(lead, *told) for lead, told in found.items() if told != before[lead] or lead in untold]
    update_frame(session, Lead, pl.DataFrame(rows, schema=_INFERRED, orient="row"), {"inferred_at": now})
    changed = [(lead, told.zone, told.source) for lead, told in found.items() if told[:2] != before[lead][:2]]
    _forget_plans(session, [lead for lead, *_ in changed])
    return pl.DataFrame(changed, schema=CHANGED, orient="row")


def _asked(session: Session, held: Held, playbook: Playbook) -> pl.DataFrame:
    """Return the due leads in countries with several zones whose own words and places name none."""
    columns: list[Any] = [getattr(Lead, name) for name in _ASKED if name != "lead_id"]
    query: sa.Select[Any] = sa.select(col(Lead.id).label("lead_id"), *columns)
    several = sa.func.upper(sa.func.trim(col(Lead.country))).in_(ambiguous_countries())
    found = read_bulk(session.get_bind().engine, query.where(several, _has_grounds(), held.are_due()).order_by(col(Lead.id)), _ASKED)
    places = found.select(Whereabouts._fields).unique()
    open_ones = [row for row in places.iter_rows() if not is_known(zone_for(Whereabouts(*row), playbook).source)]
    unknown = pl.DataFrame(open_ones, schema=places.schema, orient="row")
    return found.join(unknown, on=Whereabouts._fields, how="semi", nulls_equal=True).with_columns(pl.col("country").str.strip_chars().str.to_uppercase())


def _has_grounds() -> sa.ColumnElement[bool]:
    """Return the condition on Lead that there is something to infer from, or was: of all others nothing need be read."""
    did_something = sa.select(col(Event.id)).where(col(Event.lead_id) == col(Lead.id)).correlate(Lead).exists()
    return sa.or_(col(Lead.phone).is_not(None), col(Lead.inferred_from).is_not(None), did_something)


def _is_phone_untold() -> pl.Expr:
    return pl.col("inferred_at").is_null() | (pl.col("updated_at") > pl.col("inferred_at"))


def _found(session: Session, asked: pl.DataFrame, playbook: Playbook, now: datetime) -> Iterator[tuple[int, Inferred]]:
    """Yield what speaks for a zone of each lead. A number is only asked when it may be another one than the last time: reading it takes a while."""
    by_hours = _by_hours(session, asked, playbook, now)
    for row in asked.with_columns(is_untold=_is_phone_untold()).iter_rows(named=True):
        dialled = _dialled(row, row["lead_id"] in by_hours)
        if dialled and dialled.line is Line.FIXED:
            yield row["lead_id"], Inferred(dialled.zone, dialled.line.value)
        elif row["lead_id"] in by_hours:
            yield row["lead_id"], by_hours[row["lead_id"]]
        else:
            yield row["lead_id"], Inferred(dialled.zone, dialled.line.value) if dialled else Inferred()


def _dialled(row: dict[str, Any], has_hours: bool) -> Dialled | None:
    if not row["is_untold"] and row["inferred_from"] in set(Line):
        return Dialled(row["inferred_zone"], Line(row["inferred_from"]))
    lost_its_hours = row["inferred_from"] == ACTIVITY and not has_hours
    return zone_of_number(row["phone"], row["country"]) if row["phone"] and (row["is_untold"] or lost_its_hours) else None


def _by_hours(session: Session, asked: pl.DataFrame, playbook: Playbook, now: datetime) -> dict[int, Inferred]:
    rules, engine = playbook.limits.activity, session.get_bind().engine
    busy = _busy(engine, asked["lead_id"], rules, now) if rules.after else pl.Series(dtype=pl.Int64())
    if busy.is_empty():
        return {}
    deeds = read_bulk(engine, _lately(sa.select(col(Event.lead_id), col(Event.at)), rules, now).where(_are(busy)), {"lead_id": pl.Int64(), "at": INSTANT})
    hours = deeds.with_columns(pl.col("at").dt.truncate("1h")).join(asked.select("lead_id", "country"), on="lead_id").select(DEEDS.keys())
    likely = likely_zones(hours, _day(engine, playbook, now), playbook.limits.fallback.zone, rules)
    return {lead: Inferred(zone, ACTIVITY, percent) for lead, zone, percent in likely.iter_rows()}


def _busy(engine: sa.Engine, leads: pl.Series, rules: Activity, now: datetime) -> pl.Series:
    """Return those of these leads of whom so many deeds are known that it is worth reading them."""
    counted: sa.Select[Any] = _lately(sa.select(col(Event.lead_id)), rules, now).where(_are(leads))
    found = read_bulk(engine, counted.group_by(col(Event.lead_id)).having(sa.func.count() >= rules.after), {"lead_id": pl.Int64()})
    return found["lead_id"].filter(found["lead_id"].is_in(leads.implode()))


def _are(leads: pl.Series) -> sa.ColumnElement[bool]:
    """Return the condition on Event: of one of these leads, where they are few; else of those between."""
    ids = leads.sort().to_list()
    if len(ids) <= 500 or ids[-1] - ids[0] > 20 * len(ids):
        chosen: sa.ColumnElement[bool] = col(Event.lead_id).in_(ids)
        return chosen
    return sa.and_(col(Event.lead_id) >= ids[0], col(Event.lead_id) <= ids[-1])


def _lately(query: sa.Select[Any], rules: Activity, now: datetime) -> sa.Select[Any]:
    known = (col(Event.at) > now - rules.within.span, col(Event.at) <= now, col(Event.received_at) <= now)
    return query.where(col(Event.actor) == Actor.HUMAN, *known)


def _day(engine: sa.Engine, playbook: Playbook, now: datetime) -> tuple[float, ...]:
    """Return at which local hours people of this base are active, by those of a sample whose zone is known; read once a day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    key = (str(engine.url), playbook.hash, today)
    if key not in _days:
        _days.clear()
        _days[key] = day_of(_local_hours(engine, playbook, today))
    return _days[key]


def _local_hours(engine: sa.Engine, playbook: Playbook, now: datetime) -> pl.Series:
    columns: list[Any] = [getattr(Lead, name) for name in Whereabouts._fields]
    query = sa.select(col(Event.at), *columns).select_from(Event).join(Lead, col(Lead.id) == col(Event.lead_id))
    kinds = {"at": INSTANT, **{name: pl.String() for name in Whereabouts._fields}}
    said = read_bulk(engine, _lately(query, playbook.limits.activity, now).where(sampled_leads(engine)), kinds)
    zoned = said.with_columns(zone_name=zones_of(said, playbook))
    known = [row for row in said.select(Whereabouts._fields).unique().iter_rows() if is_known(zone_for(Whereabouts(*row), playbook).source)]
    sure = pl.DataFrame(known, schema=said.select(Whereabouts._fields).schema, orient="row")
    theirs = zoned.join(sure, on=Whereabouts._fields, how="semi", nulls_equal=True).select("at", zone="zone_name")
    return with_local_time(theirs, "at")["local"].dt.hour().cast(pl.Int64).alias("hour")


def _forget_plans(session: Session, leads: list[int]) -> None:
    """Make the touches that wait for these leads look as if no zone database had resolved them: `move` takes them up in the same transaction."""
    if leads:
        theirs = is_one_of(session, col(Message.lead_id), leads)
        waiting = sa.update(Message).where(col(Message.kind) == MessageKind.TOUCH, col(Message.state).in_(WAITING), theirs)
        session.execute(waiting.values(zone_database="").execution_options(synchronize_session=False))
