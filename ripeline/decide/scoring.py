"""Scoring as a whole: the card, and what each market changes in it. A lead has one market, or none, and one card."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, reduce

import polars as pl

from ripeline.decide.condition import Condition
from ripeline.decide.facts import Facts, Needs, moment
from ripeline.decide.feature import with_features
from ripeline.decide.fields import Fields
from ripeline.decide.market import Market, by_priority
from ripeline.decide.overlay import ScoringChange, laid_over
from ripeline.decide.score import score
from ripeline.decide.scorecard import BoundCard, Scorecard, bind
from ripeline.decide.vocabulary import Question


@dataclass(frozen=True)
class Variant:
    """One market: who is in it, and the card that counts there."""

    name: str
    condition: Condition
    bound: BoundCard
    priority: int = 0


@dataclass(frozen=True)
class Scoring:
    """The card everywhere, and the markets in the order in which they are asked."""

    everywhere: BoundCard
    variants: tuple[Variant, ...] = ()

    @cached_property
    def version(self) -> str:
        """Return 128 bits of BLAKE2b over all cards and who is in which market: a stored score with another version is computed anew."""
        told = [self.everywhere.version, *(f"{each.name}\0{each.condition.text}\0{each.bound.version}" for each in self.variants)]
        lists = self.everywhere.words.lists.items()
        told += [f"{name}\0{sorted(entries)}" for name, entries in sorted(lists) if any(f"'{name}'" in each.condition.text for each in self.variants)]
        return hashlib.blake2b("\n".join(told).encode(), digest_size=16).hexdigest()

    @cached_property
    def needs(self) -> Needs:
        """Return what scoring anybody asks of the facts."""
        every = [self.everywhere.needs, *(each.condition.needs for each in self.variants), *(each.bound.needs for each in self.variants)]
        return reduce(lambda left, right: left | right, every)

    def asked_about(self, boundaries: frozenset[tuple[str, int]]) -> "Scoring":
        """Return the same scoring that looks out for these boundaries too. Its version is another: store scores by that of this one."""
        cards = {id(bound): replace(bound, boundaries=bound.boundaries | boundaries) for bound in self.bounds}
        return Scoring(cards[id(self.everywhere)], tuple(replace(each, bound=cards[id(each.bound)]) for each in self.variants))

    def without(self, rules: frozenset[str]) -> "Scoring":
        """Return the same scoring in which these rules give nothing, in any market. Where that changes nothing, the same object."""
        if not rules:
            return self
        cards = {id(bound): replace(bound, off=bound.off | rules) for bound in self.bounds}
        return Scoring(cards[id(self.everywhere)], tuple(replace(each, bound=cards[id(each.bound)]) for each in self.variants))

    @property
    def bounds(self) -> list[BoundCard]:
        """Return every card of it, one for all that share it."""
        return list({id(bound): bound for bound in (self.everywhere, *(each.bound for each in self.variants))}.values())

    def bound_in(self, market: str | None) -> BoundCard:
        """Return the card of a market."""
        return next((each.bound for each in self.variants if each.name == market), self.everywhere)

    def markets(self, facts: Facts, at: datetime) -> pl.DataFrame:
        """Return `lead_id`, `market` (null: none) and `market until`, when time alone may change it."""
        if not self.variants:
            return facts.leads.select(pl.col("id").alias("lead_id"), market=pl.lit(None, pl.String), until=moment(None))
        leads = with_features(facts.leads, facts, [feature for each in self.variants for feature in each.condition.features], at)
        names = [pl.when(each.condition.holds).then(pl.lit(each.name)) for each in self.variants]
        until = pl.min_horizontal(each.condition.until for each in self.variants)
        return leads.select(pl.col("id").alias("lead_id"), market=pl.coalesce(names), until=until)


def scoring(
    card: Scorecard, markets: Mapping[str, Market], fields: Fields, lists: Mapping[str, frozenset[str]], boundaries: frozenset[tuple[str, int]] = frozenset()
) -> Scoring:
    """Return a playbook's scoring. `boundaries` are asked outside the card, see `BoundCard`."""
    everywhere = bind(card, fields, lists, boundaries)
    variants = [
        Variant(name, everywhere.words.read(Question(("when",), market.when)), in_market(everywhere, market.scoring), market.priority)
        for name, market in by_priority(markets)
    ]
    return Scoring(everywhere, tuple(variants))


def in_market(bound: BoundCard, change: ScoringChange) -> BoundCard:
    """Return the card as it counts in a market; numbers of rules stay. Without a change, the same object."""
    if change == ScoringChange():
        return bound
    return replace(bound, card=laid_over(bound.card, change), off=frozenset(change.switch_off))


def score_by_market(facts: Facts, by: Scoring, at: datetime) -> pl.DataFrame:
    """Return `score` for every lead by the card of its market, with the column `market`."""
    markets = by.markets(facts, at)
    cards = {id(each.bound): each.bound for each in by.variants if each.bound is not by.everywhere}
    parts = [(bound, [each.name for each in by.variants if each.bound is bound]) for bound in cards.values()]
    special = [name for _, names in parts for name in names]
    shares = [(by.everywhere, ~pl.col("market").is_in(special).fill_null(False))] + [(bound, pl.col("market").is_in(names)) for bound, names in parts]
    scored = pl.concat([score(_of(facts, markets.filter(share), bool(parts)), bound, at) for bound, share in shares])
    together = scored.join(markets, on="lead_id", how="left")
    return together.with_columns(next_review_at=pl.min_horizontal("next_review_at", "until")).drop("until").sort("lead_id")


def _of(facts: Facts, leads: pl.DataFrame, is_divided: bool) -> Facts:
    if not is_divided:
        return facts
    return Facts(
        facts.leads.join(leads, left_on="id", right_on="lead_id", how="semi"),
        facts.events.join(leads, on="lead_id", how="semi"),
        facts.changes.join(leads, on="lead_id", how="semi"),
    )
