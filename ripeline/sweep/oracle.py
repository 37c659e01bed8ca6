"""The oracle: stored scores are computed again from the facts, and must be what they say they are.

At its own `as_of` a score is the same to the last digit. Now it may be others points, yet leads to the same: grade, market, exclusion,
stage, track, hand-off, and every other boundary that the playbook asks about.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead, PlaybookApplication, Role, Score
from ripeline.decide.facts import INSTANT
from ripeline.decide.scoring import score_by_market
from ripeline.playbook.applied import playbook_version
from ripeline.playbook.coverage import every_covering
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk import is_most, is_one_of_ids
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.cards import CardInUse
from ripeline.sweep.crowd import in_portions
from ripeline.sweep.facts import read_facts
from ripeline.sweep.lookout import untold
from ripeline.sweep.news import is_unwanted
from ripeline.sweep.scoring import scoring_of
from ripeline.sweep.verdicts import verdicts

SLICE = 25_000
"""Scores that are computed again at once."""

POINTS = {"fit": pl.Int64(), "engagement": pl.Int64(), "total": pl.Int64()}
SAME = POINTS | {"grade": pl.String(), "market": pl.String(), "excluded": pl.String(), "reasons": pl.String()}
"""What a score is."""

_STORED = {
    "lead_id": pl.Int64(), **SAME, "version": pl.String(), "as_of": INSTANT, "next_review_at": INSTANT, "scored_seq": pl.Int64(), "facts_seq": pl.Int64(),
    "is_unwanted": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """A stored score that is not what its facts say at an instant: in what, as stored and as computed."""

    lead_id: int
    at: datetime
    what: str
    stored: str
    computed: str

    def __str__(self) -> str:
        return f"lead {self.lead_id}: {self.what} is {self.stored}, and {self.computed} by its facts as of {self.at:%Y-%m-%d %H:%M:%S}Z"


@dataclass(frozen=True)
class Audit:
    """What the oracle saw: how many scores it computed again at their own instants, of how many it compared the verdicts of now.

    waiting: how many have news or a review that has come, which the next rescore takes up; their verdicts may be of yesterday. strangers:
    how many are by a card that is no longer stored, or a formula of another release; they wait as well. untold: leads that are
    due, and that the next rescore would pass by, since nothing on the board tells of them.
    """

    scores: int
    verdicts: int
    waiting: int
    strangers: int
    untold: int
    differences: tuple[Difference, ...]


def audit(
    session: Session, playbook: Playbook, *, now: datetime, sample: int | None = None, progress: Callable[[int, int], None] = lambda done, total: None
) -> Audit:
    """Compute `sample` stored live scores again (None: all of them) and return what is not as stored.

    Which ones are asked hangs on `now`. Reads what is committed: a rescore at work meanwhile may let scores look different that are about
    to be replaced.
    """
    engine = session.get_bind().engine
    live = scoring_of(playbook).version
    stored = pl.concat([pl.DataFrame(schema=_STORED), *_stored(engine, _chosen(engine, now, sample), now)]).filter(~pl.col("is_unwanted"))
    cards = _cards(session, playbook, set(stored["version"]))
    is_news = pl.col("scored_seq") != pl.col("facts_seq")
    known = stored.filter(pl.col("version").is_in(list(cards)))
    fresh = stored.filter((pl.col("version") == live) & ~is_news & (pl.col("next_review_at") > now).fill_null(True))
    found: list[Difference] = []
    done = 0
    for part in _parts(known, ["version", "as_of"]):
        found += _digits(engine, part, cards[part["version"][0]])
        done += part.height
        progress(done, known.height)
    for part in _parts(fresh, []):
        found += [Difference(*row) for row in verdicts(session, part, playbook, now)]
    passed_by = untold(engine, CardInUse(Role.LIVE, playbook), now)
    return Audit(known.height, fresh.height, stored.height - fresh.height, stored.height - known.height, passed_by, tuple(found))


def _chosen(engine: sa.Engine, now: datetime, sample: int | None) -> pl.Series:
    every = read_bulk(engine, sa.select(col(Score.lead_id)).where(col(Score.role) == Role.LIVE), {"lead_id": pl.Int64()})["lead_id"].sort()
    return every if sample is None or sample >= len(every) else every.sample(sample, seed=int(now.timestamp())).sort()


def _stored(engine: sa.Engine, lead_ids: pl.Series, now: datetime) -> Iterator[pl.DataFrame]:
    """Give the stored scores of these leads, slice by slice."""
    of_score: list[Any] = [getattr(Score, name) for name in list(_STORED)[:-2]]
    query: sa.Select[Any] = sa.select(*of_score, col(Lead.facts_seq), is_unwanted(now).label("is_unwanted"))
    query = query.join(Lead, col(Lead.id) == col(Score.lead_id)).where(col(Score.role) == Role.LIVE)
    for first in range(0, len(lead_ids), SLICE):
        ids = lead_ids[first : first + SLICE]
        among = [col(Score.lead_id) >= ids[0], col(Score.lead_id) <= ids[-1]]
        if not is_most(len(ids), ids[-1] - ids[0] + 1):
            among = [is_one_of_ids(engine, col(Score.lead_id), ids)]
        yield read_bulk(engine, query.where(*among), _STORED, expected=len(ids)).filter(pl.col("lead_id").is_in(ids.implode()))


def _cards(session: Session, live: Playbook, versions: set[str]) -> Mapping[str, Playbook]:
    """Return a playbook for each version of a card that is still stored; the live one is asked first, then the newest."""
    found = {scoring_of(live).version: live}
    applied = sa.select(col(PlaybookApplication.hash)).group_by(col(PlaybookApplication.hash)).order_by(sa.func.max(col(PlaybookApplication.id)).desc())
    for version in session.execute(applied).scalars():
        if versions <= found.keys():
            break
        for playbook in every_covering(session, playbook_version(session, version)):
            found.setdefault(scoring_of(playbook).version, playbook)
    return found


def _parts(scores: pl.DataFrame, by: list[str]) -> Iterator[pl.DataFrame]:
    groups = scores.partition_by(by, maintain_order=True) if by and scores.height else [scores]
    yield from (group[first : first + SLICE] for group in groups for first in range(0, group.height, SLICE))


def _digits(engine: sa.Engine, stored: pl.DataFrame, playbook: Playbook) -> list[Difference]:
    """Return what is not the same at the scores' own instant, which they share. A lead with news is spared: a fact may have been corrected."""
    by, at, ids = scoring_of(playbook), stored["as_of"][0], stored["lead_id"].sort()
    span = range(ids[0], ids[-1] + 1)

    def scored(part: pl.Series) -> pl.DataFrame:
        return score_by_market(read_facts(engine, span, by.needs, playbook.fields, at, only=part, bounded=True).facts, by, at)

    computed = in_portions(scored, ids).with_columns(pl.col("reasons").fill_null(""))
    both = stored.filter(pl.col("scored_seq") == pl.col("facts_seq")).join(computed, on="lead_id", how="left", suffix=" computed", maintain_order="left")
    return [
        Difference(row["lead_id"], at, name, str(row[name]), str(row[f"{name} computed"]))
        for name in SAME
        for row in both.filter(pl.col(name).ne_missing(pl.col(f"{name} computed"))).iter_rows(named=True)
    ]
