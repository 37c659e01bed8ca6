"""Measuring coverage: of how many leads the base knows what the rules of a card ask for. One query a run, whatever the number of batches."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Coverage, Lead, Role, Score
from ripeline.decide.coverage import Thin, asked_for, thin_rules
from ripeline.playbook.coverage import newest_coverage
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.kept_fields import attribute
from ripeline.sweep.scoring import whole_scoring


def thin_now(engine: sa.Engine, playbook: Playbook, before: frozenset[str] = frozenset()) -> tuple[int, list[Thin]]:
    """Return how many leads there are, and the rules of a playbook that too few of them have anything for; `before` were thin till now.

    Where no rule asks for coverage nothing is read, and the leads are counted as 0.
    """
    cards = whole_scoring(playbook).bounds
    names = sorted(asked_for(cards))
    if not names:
        return 0, []
    row = read_bulk(engine, _known(names), {"leads": pl.Int64()} | {name: pl.Int64() for name in names}).row(0, named=True)
    return row["leads"], thin_rules(cards, row["leads"], {name: row[name] or 0 for name in names}, before)


def _known(names: list[str]) -> sa.Select[tuple[int, ...]]:
    filled = [sa.func.sum(sa.case((sa.func.coalesce(sa.cast(attribute(name), sa.String), "") != "", 1), else_=0)).label(name) for name in names]
    return sa.select(sa.func.count(col(Lead.id)).label("leads"), *filled).where(col(Lead.erased_at).is_(None))


def known_by_market(engine: sa.Engine, names: list[str]) -> pl.DataFrame:
    """Return of how many leads each attribute is known: `market` (null: in none, or without a score yet), `leads`, and a column an attribute."""
    live = sa.and_(col(Score.lead_id) == col(Lead.id), col(Score.role) == Role.LIVE)
    query: sa.Select[Any] = _known(names).add_columns(col(Score.market)).outerjoin(Score, live).group_by(col(Score.market))
    return read_bulk(engine, query, {name: pl.Int64() for name in ("leads", *names)} | {"market": pl.String()})


def measured(session: Session, playbook: Playbook, now: datetime, *, keeps: bool = True) -> Playbook:
    """Return a playbook without the rules that are thin by now. What was measured is kept where other rules are than before, if it `keeps`. Commits nothing."""
    last = newest_coverage(session, playbook.hash, now)
    before = last.thin if last else {}
    leads, thin = thin_now(session.get_bind().engine, playbook, frozenset(before))
    if keeps and {each.rule for each in thin} != set(before):
        shares = {each.rule: round(each.share, 4) for each in thin}
        session.merge(Coverage(version=playbook.hash, at=now, leads=leads, thin=shares, left_out=[each.rule for each in thin if each.is_left_out]))
        session.flush()
    return replace(playbook, left_out=frozenset(each.rule for each in thin if each.is_left_out))
