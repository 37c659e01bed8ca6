"""Checking what a market lays over the scorecard: every mistake in the market's own file, at its own line."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ripeline.decide.literal import did_you_mean
from ripeline.decide.market import Market
from ripeline.decide.overlay import ScoringChange, changed, laid_over, overlaid
from ripeline.decide.problem import Place, Problem
from ripeline.decide.rules import Rule
from ripeline.decide.rules.rule import Section
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.scorecard_check import check_exclusion, check_rules
from ripeline.decide.vocabulary import Vocabulary
from ripeline.playbook.playbook import Playbook
from ripeline.playbook.reading import problems_in

SCORING = "scoring"


def check_overlay(playbook: Playbook, name: str) -> Iterator[Problem]:
    """Yield what is wrong with the overlay of one market; places lead from the top of its file."""
    yield from _extends(playbook.markets, name)
    card, change = playbook.scorecard, playbook.markets[name].scoring
    unfit = [*_unknown(card, change, f"market '{name}'"), *_shapes(card, change)]
    yield from unfit or _as_a_whole(playbook, card, change)


def _extends(markets: Mapping[str, Market], name: str) -> Iterator[Problem]:
    """No market lies over another: the words tell a circle, a slip of the pen and a good intention apart."""
    said = markets[name].extends
    if said is None:
        return
    remedy = "Overlays are one level deep: leave 'extends' out, and write what differs from the scorecard."
    if name in _forebears(markets, name):
        yield Problem(("extends",), f"market '{name}' extends itself, by way of '{said}'.", remedy)
    elif said not in markets:
        yield Problem(("extends",), f"market '{name}' extends '{said}', which is no market.", remedy)
    else:
        yield Problem(("extends",), f"market '{name}' extends market '{said}'.", remedy)


def _forebears(markets: Mapping[str, Market], name: str) -> set[str]:
    met: set[str] = set()
    here = markets[name].extends
    while here is not None and here not in met:
        met.add(here)
        here = markets[here].extends if here in markets else None
    return met


def _unknown(card: Scorecard, change: ScoringChange, owner: str) -> Iterator[Problem]:
    rules = [rule.name for rule in card.rules]
    named: list[tuple[Place, str]] = [((SCORING, "change", rule), rule) for rule in change.change]
    for place, rule in [*named, *(((SCORING, "switch_off"), rule) for rule in change.switch_off)]:
        if rule not in rules:
            yield Problem(place, f"{owner}: the scorecard has no rule '{rule}'.", did_you_mean(rule, rules, "see: ripeline scorecard show"))
    for rule in change.switch_off:
        if rule in change.change:
            yield Problem((SCORING, "change", rule), f"{owner}: '{rule}' is switched off and changed.", "Do one of both.")
    yield from _taken_names(card, change, owner)
    used = {rule.group for rule in (*change.fit, *change.engagement)}
    for group in change.group:
        if group not in card.group and group not in used:
            remedy = did_you_mean(group, card.group, "a group of a market needs rules of that market")
            yield Problem((SCORING, "group", group), f"{owner}: the scorecard has no group '{group}'.", remedy)


def _taken_names(card: Scorecard, change: ScoringChange, owner: str) -> Iterator[Problem]:
    taken = {name for _, name in card.names()}
    for section in ("fit", "engagement", "exclude"):
        for position, each in enumerate(getattr(change, section)):
            if each.name in taken:
                remedy = f'To give it other points here, write [scoring.change."{each.name}"].'
                yield Problem((SCORING, section, position, "name"), f"{owner}: there is a rule '{each.name}' already.", remedy)
            taken.add(each.name)


def _shapes(card: Scorecard, change: ScoringChange) -> Iterator[Problem]:
    for rule in card.rules:
        if rule.name in change.change:
            yield from _shape(rule, change.change[rule.name])


def _shape(rule: Rule, keys: Mapping[str, Any]) -> Iterator[Problem]:
    place, owner = (SCORING, "change", rule.name), f"rule '{rule.name}'"
    if "name" in keys:
        yield Problem((*place, "name"), f"{owner} cannot be called otherwise in a market.", "Switch it off and add a rule of the market.")
    elif "points" in keys and "points" not in type(rule).model_fields:
        remedy = f"Write {rule.marked_by} = … with the points of this market."
        yield Problem((*place, "points"), f"{owner} gives its points by '{rule.marked_by}', so 'points' would change nothing.", remedy)
    else:
        yield from _misfits(rule, keys, place)


def _misfits(rule: Rule, keys: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    try:
        changed(rule, keys)
    except ValidationError as error:
        whole = rule.model_dump(by_alias=True, exclude_unset=True) | dict(keys)
        yield from (Problem((*place, *each.place), f"rule '{rule.name}': {each.what}", each.remedy) for each in problems_in(error, whole, type(rule)))


def _as_a_whole(playbook: Playbook, card: Scorecard, change: ScoringChange) -> Iterator[Problem]:
    try:
        there = laid_over(card, change)
    except ValidationError as error:
        yield from (Problem((SCORING, *each.place), each.what, each.remedy) for each in problems_in(error, overlaid(card, change), Scorecard))
        return
    words = Vocabulary(playbook.fields, playbook.lists)
    yield from check_rules(there, list(_of_market(there, card, change)), words)
    for position, exclusion in enumerate(change.exclude):
        yield from check_exclusion((SCORING, "exclude", position), exclusion, words)


def _of_market(there: Scorecard, card: Scorecard, change: ScoringChange) -> Iterator[tuple[Place, Section, Rule]]:
    """Yield the rules that the market's file changes or adds, with where they stand in it; the scorecard's own are checked there."""
    for section, position, rule in there.placed():
        own = len(getattr(card, section))
        if position >= own:
            yield (SCORING, section, position - own), section, rule
        elif rule.name in change.change:
            yield (SCORING, "change", rule.name), section, rule
