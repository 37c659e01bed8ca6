"""Reaching a total: the cheapest sets of steps that do, found by their cost and proven by scoring."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import islice

from ripeline.decide.counterfactual.hypothesis import Outcome, Supposing
from ripeline.decide.counterfactual.move import Mover
from ripeline.decide.counterfactual.step import Steps, cost_of, together
from ripeline.decide.facts import Facts, known
from ripeline.decide.scorecard import BoundCard
from ripeline.decide.scoring import Scoring

ALTERNATIVES = 5
DEAREST = 12
"""Sets that cost more are no advice to anybody."""

MOST_TRIED = 400
"""So many sets of one cost are scored, the most promising first."""


@dataclass(frozen=True)
class Way:
    """Steps that reach the total, none of which can be left out; each with the name of the rule that it is for, or of the exclusion it lifts."""

    steps: Steps
    because: tuple[str, ...]
    cost: int
    total: int
    grade: str
    at: datetime


@dataclass(frozen=True)
class Reach:
    """The ways to a total, the cheapest first; empty where there is none.

    `most`: the highest total that was found at all. `is_whole`: nothing cheaper was left untried; where it is false, a cheaper set may exist.
    """

    target: int
    total: int
    ways: tuple[Way, ...]
    most: int
    is_whole: bool


@dataclass(frozen=True)
class _Move:
    """Steps for one rule, what they cost, and the most they may add to a total: what all rules together give more."""

    rule: str
    steps: Steps
    cost: int
    gain: int


def ways_to(target: int, facts: Facts, by: Scoring, at: datetime) -> Reach:
    """Return how the one lead in `facts` could reach a total of `target` hundredths, by what it does from `at` on and by what it is.

    Every way is scored as if it had happened, limits, groups and caps included.
    """
    supposing = Supposing(known(facts, at), by, at)
    card = by.bound_in(by.markets(supposing.facts, at)["market"].item())
    (now,) = supposing.scored([()])
    if now.total >= target and now.excluded is None:
        return Reach(target, now.total, (), now.total, is_whole=True)
    ways: list[Way] = []
    most, is_whole = now.total, True
    for lifted in _lifts(supposing, card, now):
        found = _Search(supposing, card, target, lifted, now.excluded).found()
        ways, most, is_whole = [*ways, *found.ways], max(most, found.most), is_whole and found.is_whole
    return Reach(target, now.total, _fewest(ways), most, is_whole)


def _lifts(supposing: Supposing, card: BoundCard, now: Outcome) -> list[Outcome]:
    """Return what a search begins with: the lead as it is, or what lifts its exclusion, the cheapest first."""
    if now.excluded is None:
        return [now]
    mover = Mover(card.words, supposing.facts.events)
    tried = [steps for exclusion in card.card.exclude for steps in mover.of_question(exclusion.question)]
    lifted = [outcome for outcome in supposing.scored(tried) if outcome.excluded is None]
    return sorted(lifted, key=lambda each: (cost_of(each.steps, supposing.lead), len(each.steps), -each.total))[:3]


class _Search:
    """Looks for sets of moves, one at most for each rule, cost by cost."""

    def __init__(self, supposing: Supposing, card: BoundCard, target: int, begin: Outcome, lifted: str | None) -> None:
        self._supposing, self._card, self._target, self._begin, self._lifted = supposing, card, target, begin, lifted
        self._families = self._moves()
        self._ratios = [max(move.gain / move.cost for move in moves) for moves in self._families]  # falling: the best come first

    def found(self) -> Reach:
        """Return what the search comes to."""
        if self._reaches(self._begin):
            return Reach(self._target, self._begin.total, (self._way(self._begin),), self._begin.total, is_whole=True)
        ways: list[Way] = []
        is_whole = True
        most = self._everything()
        if most >= self._target:
            for cost in range(1, DEAREST + 1):
                sets = list(self._sets(cost))
                is_whole = is_whole and len(sets) < MOST_TRIED
                ways += [self._way(outcome) for outcome in self._reaching(sets)]
                if len(ways) >= ALTERNATIVES:
                    break
        return Reach(self._target, self._begin.total, tuple(ways), max([most, *(way.total for way in ways)]), is_whole)

    def _moves(self) -> list[list[_Move]]:
        """Return the moves that give more, by rule, those that give most for their cost first; of one cost the best alone counts."""
        mover = Mover(self._card.words, self._supposing.facts.events)
        tried = [(number, both) for number, rule in self._card.rules for steps in mover.of_rule(rule) if (both := together(self._begin.steps, steps))]
        outcomes = {after.steps: (after, before) for after, before in self._supposing.compared((steps for _, steps in tried), self._begin.steps)}
        families: dict[int, dict[int, _Move]] = {}
        for number, steps in tried:
            after, before = outcomes[steps]
            if after.excluded is None and after.given.get(number, 0) > before.given.get(number, 0):
                move = _Move(self._card.card.rules[number].name, steps, self._cost(steps), _gain(after.given, before.given))
                best = families.setdefault(number, {}).get(move.cost)
                families[number][move.cost] = move if best is None or move.gain > best.gain else best
        worth = [_worth(moves) for moves in families.values()]
        return sorted(worth, key=lambda moves: -max(move.gain / move.cost for move in moves))

    def _cost(self, steps: Steps) -> int:
        lead = self._supposing.lead
        return cost_of(steps, lead) - cost_of(self._begin.steps, lead)

    def _everything(self) -> int:
        """Return the total after the best move for every rule that can be done together."""
        best = [max(moves, key=lambda move: move.gain).steps for moves in self._families]
        done: Steps = reduce(lambda steps, more: together(steps, more) or steps, best, self._begin.steps)
        return max(outcome.total for outcome in self._supposing.scored([self._begin.steps, done]))

    def _sets(self, cost: int) -> Iterator[Steps]:
        """Give sets of exactly this cost that may reach the target, the most promising first, since rules give no more together than each alone."""
        yield from dict.fromkeys(islice(self._completed(0, cost, self._target - self._begin.total, self._begin.steps), MOST_TRIED))

    def _completed(self, family: int, cost: int, missing: int, steps: Steps) -> Iterator[Steps]:
        if cost == 0:
            if missing <= 0:
                yield steps
            return
        if family == len(self._families) or self._ratios[family] * cost < missing:
            return
        for move in self._families[family]:
            both = together(steps, move.steps)
            if move.cost <= cost and both is not None:
                yield from self._completed(family + 1, cost - move.cost, missing - move.gain, both)
        yield from self._completed(family + 1, cost, missing, steps)

    def _reaching(self, sets: Sequence[Steps]) -> list[Outcome]:
        reaching = [outcome for outcome in self._supposing.scored(sets) if self._reaches(outcome)]
        less = {outcome.steps: [tuple(each for each in outcome.steps if each != step) for step in outcome.steps] for outcome in reaching}
        enough = {outcome.steps for outcome in self._supposing.scored(steps for some in less.values() for steps in some) if self._reaches(outcome)}
        return [outcome for outcome in reaching if not enough.intersection(less[outcome.steps])]

    def _reaches(self, outcome: Outcome) -> bool:
        return outcome.total >= self._target and outcome.excluded is None

    def _way(self, outcome: Outcome) -> Way:
        names = {step: move.rule for moves in self._families for move in moves for step in move.steps}
        because = tuple(self._lifted or "" if step in self._begin.steps else names[step] for step in outcome.steps)
        return Way(outcome.steps, because, cost_of(outcome.steps, self._supposing.lead), outcome.total, outcome.grade, outcome.at)


def _gain(after: Mapping[int, int], before: Mapping[int, int]) -> int:
    return sum(max(0, after.get(number, 0) - before.get(number, 0)) for number in after.keys() | before.keys())


def _worth(moves: Mapping[int, _Move]) -> list[_Move]:
    """Return the moves of which none that costs as little gives as much."""
    kept: list[_Move] = []
    for cost in sorted(moves):
        if not kept or moves[cost].gain > kept[-1].gain:
            kept.append(moves[cost])
    return kept


def _fewest(ways: Sequence[Way]) -> tuple[Way, ...]:
    """Return the cheapest ways, those that come first and give most before others of their cost; one that holds all of another is none."""
    kept: list[Way] = []
    for way in sorted(ways, key=lambda each: (each.cost, each.at, -each.total)):
        if not any(set(other.steps) <= set(way.steps) for other in kept):
            kept.append(way)
    return tuple(kept[:ALTERNATIVES])
