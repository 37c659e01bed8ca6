"""Reading how much the base knows of what the card asks for, by market: the rules that are left out for want of it have a name here."""

import polars as pl
import sqlalchemy as sa

from ripeline.decide.coverage import FEWEST, Demand, demands
from ripeline.playbook.playbook import Playbook
from ripeline.report.numbers import COUNTS, CoverageLine
from ripeline.sweep.coverage import known_by_market
from ripeline.sweep.scoring import whole_scoring

LEFT_OUT = "left out"
LEFT_OUT_SOON = "left out from the next rescore on"
WARNED_OF = "thin, and counts all the same"


def read_coverage(engine: sa.Engine, playbook: Playbook) -> list[CoverageLine]:
    """Return a line for each rule of a playbook that asks for coverage, by name; the playbook knows which ones are left out for now."""
    by = whole_scoring(playbook)
    asked = demands({None: by.everywhere} | {each.name: each.bound for each in by.variants})
    names = sorted({name for each in asked for name in each.attributes})
    if not names:
        return []
    known = known_by_market(engine, names)
    return [_line(each, known, playbook.left_out) for each in asked] if known["leads"].sum() else []


def _line(demand: Demand, known: pl.DataFrame, left_out: frozenset[str]) -> CoverageLine:
    leads, all_over = int(known["leads"].sum()), known.sum().row(0, named=True)
    attribute = min(sorted(demand.attributes), key=lambda name: all_over[name])
    share = all_over[attribute] / leads
    shares = {market: count / many for market, count, many in known.select("market", attribute, "leads").sort("market").iter_rows()}
    within = {market or "": of_market for market, of_market in shares.items() if market in demand.markets}
    return CoverageLine(demand.rule, attribute, demand.needs, share, within, _standing(demand, leads, share, left_out))


def _standing(demand: Demand, leads: int, share: float, left_out: frozenset[str]) -> str:
    if demand.rule in left_out:
        return LEFT_OUT
    if leads < FEWEST or share >= demand.needs:
        return COUNTS
    return LEFT_OUT_SOON if demand.is_left_out else WARNED_OF
