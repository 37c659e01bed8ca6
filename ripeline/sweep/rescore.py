"""Rescore: leads with news, and leads whose points cross a boundary by now, get the score that follows from their facts."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session

from models import Role
from ripeline.decide.scoring import Scoring, score_by_market
from ripeline.playbook.playbook import Playbook
from ripeline.sweep import foreseen
from ripeline.sweep.ahead import ahead, slices
from ripeline.sweep.cards import CardInUse, cards_in_use, cards_measured
from ripeline.sweep.crowd import TooManyEvents
from ripeline.sweep.facts import read_facts
from ripeline.sweep.lookout import due_by_card
from ripeline.sweep.news import batches, found, objecting, within
from ripeline.sweep.scores import Overtaken, are_first, store_scores, withhold
from ripeline.sweep.scoring import scoring_in_flight, scoring_of
from ripeline.sweep.turn import Turn, turn
from ripeline.values import Tally

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Batches in work at a time: one reads and scores while the other one stores. On SQLite they take turns, see `turn`."""

READERS = {"sqlite": 2, "postgresql": 1}
"""Threads of one batch that read and score ahead: together with what stores, and with the batch beside it, as much as two cores can do."""


class Batch(NamedTuple):
    """Leads in work: the session that stores their scores, whose turn it is, and whether nobody else may store beside it."""

    session: Session
    turn: Turn
    ids: range
    now: datetime
    alone: bool

    @property
    def engine(self) -> sa.Engine:
        return self.session.get_bind().engine


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int, full: bool = False) -> Sequence[range]:
    """Return half-open ranges of lead ids that hold leads to be scored, or scores to be withheld; with `full`, everybody. Reads what is committed.

    Measures once how much the base knows of what the cards ask for, and keeps what has changed; takes down what the scores have seen of the board
    of news. Both take effect when the session is committed.
    """
    engine = session.get_bind().engine
    by_card = due_by_card(session, cards_measured(session, playbook, now), now, full=full)
    ranges = batches(pl.concat(found["id"] for found in by_card).unique().sort(), batch_size)
    foreseen.keep(foreseen.Run(engine.url, playbook.hash, now, full), ranges, by_card, sparse=False)
    return ranges


def rescore(session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False, full: bool = False) -> Tally:
    """Score the leads in `ids` that are due and return how many were `scored`, and how many scores were `withheld`.

    A card in shadow scores beside the live one, each by its own news: `shadowed` and `shadow_withheld`, where one is. Facts are read
    outside the transaction, before the session is used: call it with a fresh session. A score from newer facts or of a later instant is
    never overwritten, so that rescores at the same time lose nothing.
    """
    engine = session.get_bind().engine
    with turn(engine) as ours:
        cards = cards_in_use(engine, playbook, now, dry_run=dry_run)
        due_by = _due_by(engine, cards, foreseen.Run(engine.url, playbook.hash, now, full), ids)
        batch = Batch(session, ours, ids, now, alone=engine.dialect.name == "sqlite" or not are_first(engine, ids))
        try:
            tally = _by_cards(batch, cards, due_by)
        except Overtaken:
            session.rollback()
            tally = _by_cards(batch._replace(alone=True), cards, due_by)
        if dry_run:
            session.rollback()
        else:
            session.commit()
    log.info("rescored: %s", tally)
    return tally


def _due_by(engine: sa.Engine, cards: Sequence[CardInUse], run: foreseen.Run, ids: range) -> list[pl.DataFrame]:
    """Return who of a batch is due by each card, as DUE: those whom `due` has found, where it looked here; but who has objected since is unwanted."""
    kept = foreseen.take(run, ids)
    if kept is None:
        return [found(engine, within(card.leads_due(run.now, full=run.full), ids)) for card in cards]
    objectors = objecting(engine, ids, run.now).implode()
    return [due.with_columns(pl.col("is_unwanted") | pl.col("id").is_in(objectors)) for due in kept]


def _by_cards(batch: Batch, cards: Sequence[CardInUse], due_by: Sequence[pl.DataFrame]) -> Tally:
    last = max((number for number, card in enumerate(cards) if card.playbook is not None), default=None)
    pairs = enumerate(zip(cards, due_by, strict=True))
    return sum((_by_card(batch, card, chosen, is_last=number == last) for number, (card, chosen) in pairs), Tally())


def _by_card(batch: Batch, card: CardInUse, chosen: pl.DataFrame, *, is_last: bool) -> Tally:
    """Store what one card says of the chosen leads, or take it away, and return the counts by the card's own words. After the last one nothing is read."""
    scored, changed = 0, 0
    if card.playbook is not None:
        version = scoring_of(card.playbook).version
        tasks = list(_tasks(batch, card.playbook, chosen.filter(~pl.col("is_unwanted"))["id"]))
        if is_last and tasks:
            tasks[-1] = partial(_then, tasks[-1], batch.turn.has_read)
        for scores in ahead(tasks, READERS[batch.engine.dialect.name]):
            batch.turn.stores()
            stored, moved = store_scores(batch.session, scores, version, batch.now, card.role, batch.alone)
            scored, changed = scored + stored, changed + moved
    batch.turn.stores()
    withheld = withhold(batch.session, chosen.filter("is_unwanted")["id"], card.role, batch.alone)
    return _told(card, scored, changed, withheld)


def _tasks(batch: Batch, playbook: Playbook, lead_ids: pl.Series) -> Iterator[Callable[[], pl.DataFrame]]:
    by = scoring_in_flight(batch.engine, playbook, batch.ids)
    yield from (partial(_scored, batch.engine, lead_ids[part], by, playbook, batch.now) for part in slices(len(lead_ids)))


def _then(task: Callable[[], pl.DataFrame], tell: Callable[[], None]) -> pl.DataFrame:
    """Return what the task does, and tell that it is done."""
    scores = task()
    tell()
    return scores


def _told(card: CardInUse, scored: int, changed: int, withheld: int) -> Tally:
    if card.role is Role.LIVE:
        without = {f"without '{rule}'": scored for rule in sorted(card.playbook.left_out)} if card.playbook else {}
        return Tally({"scored": scored, "changed_grade": changed, "withheld": withheld} | without)
    return Tally.of(**{word: count for word, count in (("shadowed", scored), ("shadow_withheld", withheld)) if count})


def _scored(engine: sa.Engine, lead_ids: pl.Series, by: Scoring, playbook: Playbook, now: datetime) -> pl.DataFrame:
    """Return the scores with the `facts_seq` they have seen, reviewed at the latest when an event comes that is stored already.

    Leads with very many events are scored in portions, so that a slice takes no more memory than others.
    """
    try:
        reading = read_facts(engine, range(lead_ids[0], lead_ids[-1] + 1), by.needs, playbook.fields, now, only=lead_ids, bounded=True)
    except TooManyEvents as crowd:
        return pl.concat([_scored(engine, part, by, playbook, now) for part in crowd.parts])
    scores = score_by_market(reading.facts, by, now).join(reading.seen, on="lead_id", how="left").join(reading.pending, on="lead_id", how="left")
    return scores.with_columns(next_review_at=pl.min_horizontal("next_review_at", "pending_at")).drop("pending_at").sort("lead_id")
