"""A backtest: leads scored as of a cut-off in the past, and what became of them in the window after it. Nothing is recorded.

What keeps the future out of the past: the score is made by the engine of every day, at the cut-off, from facts known then; what counts as a
conversion are events and changes after the cut-off alone; who had converted by then is left out.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
import sqlalchemy as sa

from ripeline.decide.condition import Condition
from ripeline.decide.facts import Facts, Needs, moment
from ripeline.decide.feature import with_features
from ripeline.decide.fields import Field, FieldType
from ripeline.decide.scoring import score_by_market
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.crowd import in_portions
from ripeline.sweep.facts import read_facts
from ripeline.sweep.scoring import scoring_of

SEGMENTS = (FieldType.CHOICE, FieldType.FLAG, FieldType.TEXT)

TRIED = {
    "lead_id": pl.Int64(), "market": pl.String(), "total": pl.Int64(), "grade": pl.String(), "excluded": pl.String(), "reasons": pl.String(),
    "had_converted": pl.Boolean(), "converted": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """Score at `at`, watch up to and at `until` (aware, UTC) for whom `goal` comes to hold.

    With `hindsight`, facts count from when they happened, whenever we heard of them: for a base that was imported at once.
    """

    at: datetime
    until: datetime
    goal: Condition
    hindsight: bool = False


def segment_fields(playbook: Playbook) -> list[Field]:
    """Return the attributes by which leads can be told apart in groups: words and flags, none that is personal."""
    return [field for field in playbook.fields.lead.values() if field.type in SEGMENTS and not field.is_personal]


def tried(engine: sa.Engine, ids: pl.Series, playbook: Playbook, trial: Trial) -> pl.DataFrame:
    """Return a row for each of these leads that was there at the cut-off: the columns TRIED, and those of `segment_fields` as they were then."""
    return in_portions(lambda part: _tried(engine, part, playbook, trial), ids)


def _tried(engine: sa.Engine, ids: pl.Series, playbook: Playbook, trial: Trial) -> pl.DataFrame:
    by, span = scoring_of(playbook), range(ids[0], ids[-1] + 1)
    groups = [field.name for field in segment_fields(playbook)]
    wanted = by.needs | trial.goal.needs | Needs(attributes=frozenset(groups))
    if trial.hindsight:
        wanted = replace(wanted, is_every_kind=True)  # the first deed of any kind tells that a lead was there
    before = read_facts(engine, span, wanted, playbook.fields, trial.at, only=ids, hindsight=trial.hindsight, bounded=True).facts
    after = read_facts(engine, span, trial.goal.needs, playbook.fields, trial.until, only=ids, hindsight=trial.hindsight, bounded=True).facts
    there = _there(before, trial)
    scores = score_by_market(there, by, trial.at)
    then = _holds(there, trial.goal, trial.at).rename({"holds": "had_converted"})
    since = _holds(_since(after, trial.at), trial.goal, trial.until).rename({"holds": "converted"})
    frame = scores.join(then, on="lead_id", how="left").join(since, on="lead_id", how="left")
    return frame.join(there.leads.select(pl.col("id").alias("lead_id"), *groups), on="lead_id", how="left").select(*TRIED, *groups)


def _there(facts: Facts, trial: Trial) -> Facts:
    """Return the facts of the leads that were there: created by then, or with hindsight heard of by a deed."""
    is_there = pl.col("created_at") <= moment(trial.at)
    if trial.hindsight:
        is_there |= pl.col("id").is_in(facts.events["lead_id"].unique().implode())
    return replace(facts, leads=facts.leads.filter(is_there))


def _since(facts: Facts, at: datetime) -> Facts:
    later = pl.col("at") > moment(at)
    return Facts(facts.leads, facts.events.filter(later), facts.changes.filter(later))


def _holds(facts: Facts, goal: Condition, at: datetime) -> pl.DataFrame:
    """Return `lead_id` and `holds`."""
    return with_features(facts.leads, facts, goal.features, at).select(lead_id="id", holds=goal.holds)
