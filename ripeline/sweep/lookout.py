"""The lookout: who is due by each card. By the board of news where that is enough, else by looking through everybody."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead
from ripeline.sweep.board import posted, spans, take_down
from ripeline.sweep.bulk import is_most
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.cards import CardInUse
from ripeline.sweep.news import DUE, found, is_by_one_card, leads_open, told_of, within
from ripeline.sweep.scoring import scoring_of

_OPEN = DUE | {"is_due": pl.Boolean(), "is_behind": pl.Boolean()}


class Seen(NamedTuple):
    """The leads that are due, as DUE, and the sorted ids of those whose score has not seen the newest facts; None: nobody asked for that."""

    due: pl.DataFrame
    behind: pl.Series | None


def due_by_card(session: Session, cards: Sequence[CardInUse], now: datetime, *, full: bool) -> list[pl.DataFrame]:
    """Return the leads that are due by each card, as DUE and ordered by id, and take down what the scores have seen of the board.

    Reads what is committed, and commits nothing.
    """
    engine = session.get_bind().engine
    rows = posted(engine)
    looks = [_look(engine, card, rows, now, full=full) for card in cards]
    behind = [look.behind for look in looks if look.behind is not None]
    if len(behind) == len(looks):
        take_down(session, rows, _merged(behind), _merged([look.due["id"] for look in looks]))
    return [look.due for look in looks]


def untold(engine: sa.Engine, card: CardInUse, now: datetime) -> int:
    """Return how many leads are due by a card whom the next look would pass by: none should be.

    Others may be at work meanwhile: counted is who was passed by at two looks.
    """
    passed_by = _passed_by(engine, card, now)
    return passed_by.join(_passed_by(engine, card, now), on="id", how="semi").height if passed_by.height else 0


def _passed_by(engine: sa.Engine, card: CardInUse, now: datetime) -> pl.DataFrame:
    every = found(engine, card.leads_due(now, full=False))
    return every.join(_look(engine, card, posted(engine), now, full=False).due, on="id", how="anti")


def _look(engine: sa.Engine, card: CardInUse, rows: pl.DataFrame, now: datetime, *, full: bool) -> Seen:
    version = None if card.playbook is None else scoring_of(card.playbook).version
    if version is None or full or not is_by_one_card(engine, card.role, version):
        due = found(engine, card.leads_due(now, full=full))
        return Seen(due, due["id"].clear() if version is None else None)
    query = leads_open(version, now, card.role)
    seen = pl.concat(read_bulk(engine, part, _OPEN) for part in _parts(engine, query, rows, now)).unique("id").sort("id")
    return Seen(seen.filter("is_due").select(list(DUE)), seen.filter("is_behind")["id"])


def _parts(engine: sa.Engine, query: sa.Select[Any], rows: pl.DataFrame, now: datetime) -> Iterator[sa.Select[Any]]:
    """Yield the query for those who are told of; for everybody where these are most."""
    together = spans(rows)
    if together and is_most(sum(map(len, together)), _highest(engine)):
        yield query
        return
    yield query.where(told_of(now))
    yield from (within(query, span) for span in together)


def _highest(engine: sa.Engine) -> int:
    """Return the highest id of a lead, 0 where there is none."""
    highest = sa.select(sa.func.coalesce(sa.func.max(col(Lead.id)), 0).label("id"))
    return int(read_bulk(engine, highest, {"id": pl.Int64()})["id"].item())


def _merged(ids: Sequence[pl.Series]) -> pl.Series:
    return pl.concat(ids).unique().sort()
