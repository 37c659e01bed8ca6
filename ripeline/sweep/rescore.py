"""Rescore: leads with news, and leads whose points cross a boundary by now, get the score that follows from their facts."""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Score
from ripeline.decide.facts import Needs
from ripeline.decide.fields import Fields
from ripeline.decide.scoring import score_by_market
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.facts import Reading, read_facts
from ripeline.sweep.news import leads_due, ranges, within
from ripeline.sweep.scores import rows_touched, store_scores
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Tally

log = logging.getLogger(__name__)

SLICE = 25_000
"""Leads that are read, scored and stored at once: enough for Polars to be quick, little enough to hold in memory."""


def due(session: Session, playbook: Playbook, *, now: datetime, batch_size: int, full: bool = False) -> Sequence[range]:
    """Return half-open ranges of lead ids that hold leads to be scored; with `full`, all of them."""
    return ranges(session, leads_due(scoring_of(playbook).version, now, full=full), batch_size)


def rescore(session: Session, ids: range, playbook: Playbook, *, now: datetime, dry_run: bool = False, full: bool = False) -> Tally:
    """Score the leads in `ids` that are due and return how many were `scored`, and how many scores were `withheld`.

    Facts are read outside the transaction, before the session is used: call it with a fresh session. A score from newer facts or of a
    later instant is never overwritten, so that rescores at the same time lose nothing.
    """
    by, engine = scoring_of(playbook), session.get_bind().engine
    found = read_bulk(engine, within(leads_due(by.version, now, full=full), ids), {"id": pl.Int64(), "is_unwanted": pl.Boolean()})
    tally = Tally()
    for reading in _read_ahead(engine, found.filter(~pl.col("is_unwanted"))["id"], by.needs, playbook.fields, now):
        scores = score_by_market(reading.facts, by, now)
        scored, changed = store_scores(session, _with_reading(scores, reading), by.version, now)
        tally += Tally.of(scored=scored, changed_grade=changed)
    tally += Tally.of(withheld=_withhold(session, found.filter("is_unwanted")["id"]))
    if dry_run:
        session.rollback()
    else:
        session.commit()
    log.info("scored %d leads, %d changed grade, %d scores withheld", tally["scored"], tally["changed_grade"], tally["withheld"])
    return tally


def _read_ahead(engine: sa.Engine, lead_ids: pl.Series, needs: Needs, fields: Fields, now: datetime) -> Iterator[Reading]:
    """Give the facts slice by slice; the next one is read while the last one is scored and stored, so that both sides work at once."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        ahead: deque[Future[Reading]] = deque()
        for first in range(0, len(lead_ids), SLICE):
            some = lead_ids[first : first + SLICE]
            ahead.append(reader.submit(read_facts, engine, range(some[0], some[-1] + 1), needs, fields, now, only=some))
            if len(ahead) > 1:
                yield ahead.popleft().result()
        yield from (last.result() for last in ahead)


def _with_reading(scores: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Return scores with the `facts_seq` they have seen, reviewed at the latest when an event comes that is stored already."""
    known = scores.join(reading.seen, on="lead_id", how="left").join(reading.pending, on="lead_id", how="left")
    return known.with_columns(next_review_at=pl.min_horizontal("next_review_at", "pending_at")).drop("pending_at").sort("lead_id")


def _withhold(session: Session, lead_ids: pl.Series) -> int:
    """Delete the scores nobody may keep: of leads who objected to profiling, and of erased ones."""
    return rows_touched(session, sa.delete(Score).where(is_one_of(session, col(Score.lead_id), lead_ids.to_list()))) if len(lead_ids) else 0
