"""What a score leads to: grade, market, exclusion, hand-off, stage and track; and whether another score of the same lead leads to the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import polars as pl
import sqlalchemy as sa
from sqlmodel import Session, col

from models import Lead
from ripeline.decide.scoring import score_by_market
from ripeline.playbook.playbook import Playbook
from ripeline.sweep.bulk import is_one_of
from ripeline.sweep.crowd import in_portions
from ripeline.sweep.facts import read_facts
from ripeline.sweep.handoff.thresholds import begins_at, invites_at, leaves_at
from ripeline.sweep.scoring import scoring_in_flight
from ripeline.sweep.segment.due import is_due
from ripeline.sweep.segment.gather import Found, gather
from ripeline.sweep.segment.judge import judge
from ripeline.sweep.segment.rules import Rules, rules_of

JUDGED = ("total", "fit", "engagement", "grade", "market", "excluded")
"""What of a score anybody judges by."""

NONE = "none"

Difference = tuple[int, datetime, str, str, str]
"""A lead, the instant, in what, as stored, as computed."""


def verdicts(session: Session, stored: pl.DataFrame, playbook: Playbook, now: datetime) -> Iterator[Difference]:
    """Give every verdict that the stored scores (`lead_id` and JUDGED) lead to and the scores of `now` do not."""
    computed = _now(session.get_bind().engine, stored["lead_id"].sort(), playbook, now)
    both = stored.select("lead_id", *JUDGED).join(computed, on="lead_id", how="left", suffix=" now", maintain_order="left")
    asked = {name: (was, is_now) for name, was, is_now in _asked(session, playbook, both["lead_id"])}
    differs = both.select((was.ne_missing(is_now)).alias(name) for name, (was, is_now) in asked.items())
    for name in (name for name in asked if differs[name].any()):
        was, is_now = asked[name]
        for lead_id, before, after in both.filter(differs[name]).select("lead_id", was.alias("was"), is_now.alias("now")).iter_rows():
            yield lead_id, now, name, str(before), str(after)
    yield from _moves(session, stored, computed, playbook, now)


def _now(engine: sa.Engine, ids: pl.Series, playbook: Playbook, now: datetime) -> pl.DataFrame:
    if ids.is_empty():
        return pl.DataFrame(schema={"lead_id": pl.Int64()})
    by, span = scoring_in_flight(engine, playbook, range(ids[0], ids[-1] + 1)), range(ids[0], ids[-1] + 1)

    def scored(part: pl.Series) -> pl.DataFrame:
        facts = read_facts(engine, span, by.needs, playbook.fields, now, only=part, bounded=True).facts
        return score_by_market(facts, by, now).select("lead_id", *JUDGED)

    return in_portions(scored, ids)


def _asked(session: Session, playbook: Playbook, ids: pl.Series) -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    """Yield everything that is asked of a score without knowing more of its lead: the name, and the answer before and now."""
    for name in ("grade", "market", "excluded"):
        yield name, pl.col(name), pl.col(f"{name} now")
    for name, of in (("hand-off", begins_at), ("invite", invites_at), ("hold of a waiting hand-off", leaves_at)):
        threshold = {market: of(playbook, market) for market in playbook.markets}
        was, is_now = (_reaches(f"total{now}", f"market{now}", f"excluded{now}", threshold, of(playbook, None)) for now in ("", " now"))
        yield name, was, is_now
    if len(ids):
        by = scoring_in_flight(session.get_bind().engine, playbook, range(ids.min(), ids.max() + 1))  # type: ignore[operator,arg-type]
        for field, start in sorted(by.everywhere.boundaries):
            yield f"{field} >= {start / 100:g}", pl.col(field) >= start, pl.col(f"{field} now") >= start


def _reaches(total: str, market: str, excluded: str, thresholds: dict[str, int], usual: int) -> pl.Expr:
    begins = pl.col(market).replace_strict(thresholds, default=usual, return_dtype=pl.Int64) if thresholds else pl.lit(usual)
    return (pl.col(total) >= begins) & pl.col(excluded).is_null()


def _moves(session: Session, stored: pl.DataFrame, computed: pl.DataFrame, playbook: Playbook, now: datetime) -> Iterator[Difference]:
    """Yield the stages and tracks that follow from the scores of now and are not as they stand, or as the stored scores would have them.

    Of a lead that the segment sweep has still to judge, what stands says nothing: there both scores are asked.
    """
    if stored.is_empty():
        return
    rules = rules_of(playbook)
    ids = stored["lead_id"].to_list()
    among = is_one_of(session, col(Lead.id), ids)
    found = gather(session, range(min(ids), max(ids) + 1), rules, now, among)
    was, is_now = (_standing(found, scores, rules, now) for scores in (stored.select("lead_id", *JUDGED), computed))
    waiting = set(session.execute(sa.select(col(Lead.id)).where(among, is_due(rules, now))).scalars())
    was |= {lead_id: (stage, NONE, NONE) for lead_id, stage in found.leads.select("id", "stage").iter_rows() if lead_id not in waiting}
    for lead_id in sorted(was):
        for name, before, after in zip(("stage", "track left", "track entered"), was[lead_id], is_now[lead_id], strict=True):
            if before != after:
                yield lead_id, now, name, before, after


def _standing(found: Found, scores: pl.DataFrame, rules: Rules, now: datetime) -> dict[int, tuple[str, str, str]]:
    """Return stage, tracks left and tracks entered by lead, as these scores have it."""
    order = found.leads.columns
    leads = found.leads.drop(*JUDGED).join(scores, left_on="id", right_on="lead_id", how="inner").select(order)
    verdict = judge(replace(found, leads=leads), rules, now)
    tracks = dict(found.running.select("enrolment_id", "track").iter_rows())
    left: dict[int, list[str]] = {}
    for enrolment_id, lead_id in verdict.ended.select("enrolment_id", "lead_id").iter_rows():
        left.setdefault(lead_id, []).append(tracks[enrolment_id])
    entered: dict[int, list[str]] = {}
    for lead_id, track in verdict.entered.select("lead_id", "track").iter_rows():
        entered.setdefault(lead_id, []).append(track)
    return {lead_id: (stage, _listed(left.get(lead_id)), _listed(entered.get(lead_id))) for lead_id, stage in verdict.leads.select("id", "stage").iter_rows()}


def _listed(tracks: list[str] | None) -> str:
    return ", ".join(sorted(tracks)) if tracks else NONE
