"""Checking a playbook against the base it would meet: what its files alone cannot tell."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import combinations
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead
from ripeline.decide.feature import with_features
from ripeline.decide.points import to_points
from ripeline.decide.problem import Place
from ripeline.decide.scoring import Scoring, Variant, score_by_market
from ripeline.decide.vocabulary import needs_of
from ripeline.playbook.finding import Finding, did_you_mean
from ripeline.playbook.lineage import names_before
from ripeline.playbook.playbook import CARD, Playbook
from ripeline.playbook.positions import line_of, positions
from ripeline.sweep.bulk_read import read_bulk
from ripeline.sweep.coverage import thin_now
from ripeline.sweep.facts import read_facts
from ripeline.sweep.scoring import whole_scoring

SLICE = 100_000
LOOKED_AT = 2_000
"""So many leads are scored to see whether a card tells them apart."""

FEWEST = 100

Progress = Callable[[int, int], None]


def check_base(engine: sa.Engine, playbook: Playbook, now: datetime, progress: Progress | None = None) -> list[Finding]:
    """Return what is off between a playbook and the leads in the database: former names that none had, thin rules, leads in no
    market or in two, one score for all.

    Reads leads slice by slice, outside any transaction, and writes nothing. A playbook with mistakes of its own is not for here.
    """
    named = list(_former_names(engine, playbook))
    row = read_bulk(engine, _extent(), {"first": pl.Int64(), "last": pl.Int64(), "leads": pl.Int64()}).row(0, named=True)
    if not row["leads"]:
        return named
    by, ids = whole_scoring(playbook), range(row["first"], row["last"] + 1)
    return [*named, *_thin(engine, playbook), *_markets(engine, playbook, by, ids, now, progress), *_sameness(engine, playbook, by, ids, now)]


def _former_names(engine: sa.Engine, playbook: Playbook) -> Iterator[Finding]:
    """Yield a warning for each former name of a track that no applied version had: nobody was ever in it, so it is a typo."""
    said = [(name, old) for name, track in playbook.tracks.items() for old in track.was]
    if not said:
        return
    with Session(engine.execution_options(writes=False)) as session:
        known = names_before(session)
    for name, old in said:
        if old not in known:
            path = f"playbook/tracks/{name}.toml"
            what = f"was = '{old}': no version that was ever live had a track of this name."
            yield Finding(path, line_of(positions(playbook.files[path]), ("was",)), what, did_you_mean(old, known - {name}) or "Leave it out.", is_warning=True)


def _extent() -> sa.Select[Any]:
    columns = sa.func.min(col(Lead.id)).label("first"), sa.func.max(col(Lead.id)).label("last"), sa.func.count().label("leads")
    return sa.select(*columns).where(col(Lead.erased_at).is_(None))


def _thin(engine: sa.Engine, playbook: Playbook) -> Iterator[Finding]:
    lines, places = positions(playbook.files[CARD]), {rule.name: (section, number) for section, number, rule in playbook.scorecard.placed()}
    for each in thin_now(engine, playbook)[1]:
        place: Place = (*places.get(each.rule, ()), "needs_coverage")
        what = "the card is refused" if each.is_refused else "it gives nothing for now" if each.is_left_out else "it counts all the same"
        remedy = 'Fill the attribute, ask for less, or say when_thin = "leave_out".' if each.is_refused else ""
        yield Finding(CARD, line_of(lines, place), f"{each}: {what}.", remedy, not each.is_refused)


def _markets(engine: sa.Engine, playbook: Playbook, by: Scoring, ids: range, now: datetime, progress: Progress | None) -> Iterator[Finding]:
    if not by.variants:
        return
    slices = [range(first, min(first + SLICE, ids.stop)) for first in range(ids.start, ids.stop, SLICE)]
    counts = pl.DataFrame()
    for number, part in enumerate(slices, start=1):
        counts = pl.concat([counts, _counted(engine, playbook, by, part, now)]).sum() if counts.height else _counted(engine, playbook, by, part, now)
        if progress:
            progress(number, len(slices))
    row = counts.row(0, named=True)
    if row["none"]:
        what = f"{row['none']:,} of {row['all']:,} leads are in no market: for them the scorecard counts as it is."
        yield Finding("playbook/markets/", 0, what, "", is_warning=True)
    for one, other in _rivals(by):
        if shared := row[f"{one.name} and {other.name}"]:
            what = f"{shared:,} leads are in market '{one.name}' and in market '{other.name}', of one priority."
            path = f"playbook/markets/{other.name}.toml"
            line = line_of(positions(playbook.files[path]), ("priority",))
            yield Finding(path, line, what, f"They go to '{one.name}': give one of both a higher priority.", is_warning=True)


def _rivals(by: Scoring) -> list[tuple[Variant, Variant]]:
    return [(one, other) for one, other in combinations(by.variants, 2) if one.priority == other.priority]


def _counted(engine: sa.Engine, playbook: Playbook, by: Scoring, ids: range, now: datetime) -> pl.DataFrame:
    conditions = [each.condition for each in by.variants]
    facts = read_facts(engine, ids, needs_of(conditions), playbook.fields, now).facts
    leads = with_features(facts.leads, facts, [feature for condition in conditions for feature in condition.features], now)
    shared = [(one.condition.holds & other.condition.holds).sum().alias(f"{one.name} and {other.name}") for one, other in _rivals(by)]
    alone = ~pl.any_horizontal(condition.holds for condition in conditions)
    return leads.select(pl.len().alias("all"), alone.sum().alias("none"), *shared).cast(pl.Int64)


def _sameness(engine: sa.Engine, playbook: Playbook, by: Scoring, ids: range, now: datetime) -> Iterator[Finding]:
    query = sa.select(col(Lead.id)).where(col(Lead.erased_at).is_(None), col(Lead.id) >= ids.start).order_by(col(Lead.id)).limit(LOOKED_AT)
    chosen = read_bulk(engine, query, {"id": pl.Int64()})["id"]
    facts = read_facts(engine, range(chosen[0], chosen[-1] + 1), by.needs, playbook.fields, now, only=chosen).facts
    totals = score_by_market(facts, by, now)["total"]
    if len(totals) >= FEWEST and totals.n_unique() == 1:
        what = f"every lead would have the same score: of {len(totals):,} looked at, all have {to_points(totals[0]):g}."
        yield Finding(CARD, 0, what, "Look at the rules that should tell them apart: is what they ask for known?", is_warning=True)
