"""Judging a card on the past of the real base."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import polars as pl
import sqlalchemy as sa

from ripeline.playbook.playbook import Playbook
from ripeline.report.fit.counting import MOST_VALUES, Counts, added, bands, counted, everybody, grades, lifts, segments
from ripeline.report.fit.numbers import Fit
from ripeline.report.statistics import concordance
from ripeline.sweep.backtest import Trial, segment_fields, tried
from ripeline.sweep.outlook import as_it_would_score, slices
from ripeline.sweep.outlook import everybody as scorable
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Refusal

Tick = Callable[[int, int], None]


def read_fit(engine: sa.Engine, named: str, playbook: Playbook, trial: Trial, now: datetime, tick: Tick = lambda done, every: None) -> Fit:
    """Return how well a playbook's card, as of the cut-off, told who would convert by the end of the window; Refusal where nobody was there.

    Whoever objects to profiling at `now` is left out, whatever was allowed then.
    """
    playbook = as_it_would_score(engine, playbook)
    by, line = scoring_of(playbook), lowest_line(playbook)
    counts = added(_counted(engine, playbook, trial, line, now, tick))
    if counts is None or not everybody(counts).leads:
        later = "" if trial.hindsight else ", or say --hindsight for a base that was imported since"
        raise Refusal(f"nobody could be judged at {trial.at:%Y-%m-%d %H:%M}Z: no lead was known yet. Give a later --at{later}")
    return Fit(
        named, playbook.hash, trial.goal.text, trial.at, trial.until, trial.hindsight,
        everybody=everybody(counts), had_converted=counts.had_converted, excluded=counts.excluded, bands=bands(counts), grades=grades(counts),
        concordance=concordance(counts.totals.select("converted", pl.col("leads") - pl.col("converted")).iter_rows()),
        rules=lifts(counts, by), line=line, segments=segments(counts),
    )  # fmt: skip


def lowest_line(playbook: Playbook) -> int:
    """Return the lowest total, in hundredths, that stages, tracks or the hand-off of a playbook ask for: who stays below it is low. 0 where none asks."""
    asked = [threshold for name, threshold in scoring_of(playbook).everywhere.boundaries if name == "total" and threshold > 0]
    return min(asked, default=0)


def _counted(engine: sa.Engine, playbook: Playbook, trial: Trial, line: int, now: datetime, tick: Tick) -> Iterator[Counts]:
    ids, done, fields = scorable(engine, now), 0, None
    for part in slices(ids):
        frame = tried(engine, part, playbook, trial)
        fields = _words(frame, [field.name for field in segment_fields(playbook)]) if fields is None else fields
        yield counted(frame, [*fields, "market"], line)
        done += len(part)
        tick(done, len(ids))


def _words(first: pl.DataFrame, fields: Sequence[str]) -> list[str]:
    """Return the attributes that are no free text, by the first slice: the others would fill the memory for nothing."""
    return [field for field in fields if first[field].n_unique() <= MOST_VALUES]
