"""Rescore: leads with news, and leads whose points cross a boundary by now, get the score that follows from their facts."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session

from models import Role
from ripeline.decide.scoring import Scoring, score_by_market
from ripeline.playbook.playbook import Playbook
from ripeline.sweep import foreseen
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

SLICE, FIRST = 25_000, 5_000
"""Leads that are read, scored and stored at once: enough for Polars to be quick, little enough to hold in memory. The first ones are fewer, so
that storing, which mostly takes longest, begins soon."""


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int, full: bool = False) -> Sequence[range]:
    """Return half-open ranges of lead ids that hold leads to be scored, or scores to be withheld; with `full`, everybody. Reads what is committed.

    Measures once how much the base knows of what the cards ask for, and keeps what has changed; takes down what the scores have seen of the board
    of news. Both take effect when the session is committed.
    """
    engine = session.get_bind().engine
    by_card = due_by_card(session, cards_measured(session, playbook, now), now, full=full)
    ranges = batches(pl.concat(found["id"] for found in by_card).unique().sort(), batch_size)
    halves = [half["id"] for found in by_card for half in (found.filter(~pl.col("is_unwanted")), found.filter("is_unwanted"))]
    foreseen.keep(foreseen.Run(engine.url, playbook.hash, now, full), ranges, halves, sparse=False)
    return ranges


def rescore(session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False, full: bool = False) -> Tally:
    """Score the leads in `ids` that are due and return how many were `scored`, and how many scores were `withheld`.

    A card in shadow scores beside the live one, each by its own news: `shadowed` and `shadow_withheld`, where one is. Facts are read
    outside the transaction, before the session is used: call it with a fresh session. A score from newer facts or of a later instant is
    never overwritten, so that rescores at the same time lose nothing.
    """
    engine = session.get_bind().engine
    with turn(engine) as ours:
        return _taken(session, ours, ids, playbook, now, dry_run=dry_run, full=full)


def _taken(session: Session, ours: Turn, ids: range, playbook: Playbook, now: datetime, *, dry_run: bool, full: bool) -> Tally:
    engine = session.get_bind().engine
    cards = cards_in_use(engine, playbook, now)
    due_by = _kept(engine, foreseen.Run(engine.url, playbook.hash, now, full), ids)
    if due_by is None:
        due_by = [found(engine, within(card.leads_due(now, full=full), ids)) for card in cards]
    try:
        tally = _by_cards(session, ours, cards, due_by, ids, now, alone=engine.dialect.name == "sqlite" or not are_first(engine, ids))
    except Overtaken:
        session.rollback()
        tally = _by_cards(session, ours, cards, due_by, ids, now, alone=True)
    if dry_run:
        session.rollback()
    else:
        session.commit()
    log.info("rescored: %s", tally)
    return tally


def _kept(engine: sa.Engine, run: foreseen.Run, ids: range) -> list[pl.DataFrame] | None:
    """Return who was due of a batch by each card, as DUE, when `due` looked; but who has objected since is unwanted. None: nothing is kept."""
    halves = foreseen.take(run, ids)
    if halves is None:
        return None
    objectors = objecting(engine, ids, run.now).implode()
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return [_due(wanted, unwanted).with_columns(pl.col("is_unwanted") | pl.col("id").is_in(objectors)) for wanted, unwanted in pairs]


def _due(wanted: pl.Series, unwanted: pl.Series) -> pl.DataFrame:
    halves = (ids.to_frame("id").with_columns(is_unwanted=pl.lit(value)) for ids, value in ((wanted, False), (unwanted, True)))
    return pl.concat(halves).sort("id")


def _by_cards(
    session: Session, ours: Turn, cards: Sequence[CardInUse], due_by: Sequence[pl.DataFrame], ids: range, now: datetime, *, alone: bool
) -> Tally:  # fmt: skip
    last = max((number for number, card in enumerate(cards) if card.playbook is not None), default=-1)
    has_read = [ours.has_read if number == last else _nothing for number in range(len(cards))]
    pairs = zip(cards, due_by, has_read, strict=True)
    return sum((_by_card(session, ours, card, chosen, ids, now, alone, then) for card, chosen, then in pairs), Tally())


def _nothing() -> None:
    """Another card is still to be read for."""


def _by_card(
    session: Session, ours: Turn, card: CardInUse, chosen: pl.DataFrame, ids: range, now: datetime, alone: bool, has_read: Callable[[], None]
) -> Tally:  # fmt: skip
    """Store what one card says of the chosen leads, or take it away, and return the counts by the card's own words."""
    scored, changed = 0, 0
    if card.playbook is not None:
        engine, version = session.get_bind().engine, scoring_of(card.playbook).version
        by = scoring_in_flight(engine, card.playbook, ids)
        for scores in _scored_ahead(engine, chosen.filter(~pl.col("is_unwanted"))["id"], by, card.playbook, now, has_read):
            ours.stores()
            stored, moved = store_scores(session, scores, version, now, card.role, alone)
            scored, changed = scored + stored, changed + moved
    ours.stores()
    withheld = withhold(session, chosen.filter("is_unwanted")["id"], card.role, alone)
    if card.role is Role.LIVE:
        without = {f"without '{rule}'": scored for rule in sorted(card.playbook.left_out)} if card.playbook else {}
        return Tally({"scored": scored, "changed_grade": changed, "withheld": withheld} | without)
    return Tally.of(**{word: count for word, count in (("shadowed", scored), ("shadow_withheld", withheld)) if count})


def _scored_ahead(
    engine: sa.Engine, lead_ids: pl.Series, by: Scoring, playbook: Playbook, now: datetime, has_read: Callable[[], None]
) -> Iterator[pl.DataFrame]:  # fmt: skip
    """Give the scores slice by slice; the next ones are read and scored while one is stored, so that database and we work at once.

    `has_read` is called when the last one was read.
    """
    with ThreadPoolExecutor(max_workers=READERS[engine.dialect.name]) as ahead:
        waiting: deque[Future[pl.DataFrame]] = deque()
        for slice_ids in _slices(lead_ids):
            waiting.append(ahead.submit(_scored, engine, slice_ids, by, playbook, now))
            if len(waiting) > 2:
                yield waiting.popleft().result()
        if waiting:
            waiting[-1].add_done_callback(lambda _: has_read())
        yield from (last.result() for last in waiting)


def _slices(lead_ids: pl.Series) -> Iterator[pl.Series]:
    starts = [0, *range(FIRST, len(lead_ids), SLICE)] if len(lead_ids) > SLICE else [0]
    yield from (lead_ids[start:end] for start, end in pairwise([*starts, len(lead_ids)]) if end)


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
