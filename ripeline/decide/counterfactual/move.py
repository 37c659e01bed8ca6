"""Moves: for one rule, the steps that may let it give more, or take less. Whether they do is for scoring to say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import polars as pl

from ripeline.decide.condition import Condition
from ripeline.decide.counterfactual.step import NEVER_CHANGES, OTHER, Action, Fact, Steps, in_wholes
from ripeline.decide.counterfactual.value import MOST_WAYS, Said, combinations, ways_to_meet
from ripeline.decide.facts import column_type
from ripeline.decide.feature import ANY_KIND, NOT_THE_LEADS_DOING, Feature, Measure
from ripeline.decide.fields import Field
from ripeline.decide.rules import Rule
from ripeline.decide.rules.occurrence import OccurrenceRule, PerUnit
from ripeline.decide.vocabulary import Question, Vocabulary

MOST_TIMES = 4
"""So often is one action thought of; more only where a rule asks for more."""

DAY = timedelta(days=1)
_PERIODS = {"hour": timedelta(hours=1), "day": DAY, "week": 7 * DAY, "month": 31 * DAY}


@dataclass(frozen=True)
class Mover:
    """Thinks of moves in the words of a playbook, for a lead of whom `events` are known."""

    words: Vocabulary
    events: pl.DataFrame

    def of_rule(self, rule: Rule) -> list[Steps]:
        """Return the moves that concern a rule, each once."""
        found = [steps for question in rule.questions() if not question.event for steps in self.of_question(question)]
        kinds = [(kind, question) for _, kind, question in rule.kinds()]
        found += self._in_order(kinds) if len(kinds) > 1 else self._again(rule, kinds)
        return list(dict.fromkeys(map(in_wholes, found)))

    def of_question(self, question: Question) -> Iterator[Steps]:
        """Give moves that may change the answer to a question about the lead."""
        condition = self.words.read(question)
        facts = [steps for said in self._values(question, condition) if (steps := _facts(said)) is not None]
        actions = [(), *(steps for feature in condition.features for steps in self._of_feature(feature, question.turns))]
        every = ((*some, *more) for more in actions for some in facts)
        yield from islice((in_wholes(steps) for steps in every if steps), MOST_WAYS)

    def _values(self, question: Question, condition: Condition) -> Iterator[Said]:
        if question.is_number:
            yield ()
            yield from (((name, value),) for name in sorted(condition.names) for turn in question.turns for value in (float(turn), float(turn) - 1))
        else:
            yield from combinations(condition, self._changeable, self.words.lists)

    @property
    def _changeable(self) -> Mapping[str, Field]:
        return {name: field for name, field in self.words.fields.lead.items() if name not in NEVER_CHANGES}

    def _of_feature(self, feature: Feature, turns: tuple[float, ...]) -> Iterator[Steps]:
        kind = self._any_kind() if feature.of == ANY_KIND else feature.of
        most = max([MOST_TIMES, *(int(turn) for turn in turns if turn <= 2 * MOST_TIMES)])
        match feature.measure:
            case Measure.TIMES:
                yield from (tuple(Action(kind, feature.where, number=number) for number in range(times)) for times in range(1, most + 1))
            case Measure.DAYS:
                yield from (tuple(Action(kind, feature.where, day * DAY) for day in range(days)) for days in range(1, most + 1))
            case Measure.SUM:
                assert feature.what is not None, "a sum is of something"
                yield from ((Action(kind, (*feature.where, (feature.what, float(turn)))),) for turn in turns)
            case Measure.DAYS_SINCE:
                yield (Action(kind, feature.where),)
            case Measure.CHANGES if feature.of in self._changeable:
                yield (Fact(feature.of, OTHER),)

    def _any_kind(self) -> str:
        known = [kind for kind in self.words.fields.event if kind not in NOT_THE_LEADS_DOING]
        return "page_viewed" if "page_viewed" in known else known[0]

    def _said(self, kind: str, question: Question | None) -> list[Said]:
        """Return what may be known of an event that answers a question."""
        return [()] if question is None else ways_to_meet(self.words.read(question), self.words.fields.event.get(kind, {}), self.words.lists)

    def _in_order(self, kinds: list[tuple[str, Question | None]]) -> Iterator[Steps]:
        """Give what is left of a sequence, from its last step alone up to all of them."""
        first = [next(iter(self._said(kind, question)), None) for kind, question in kinds]
        for begin in range(len(kinds) - 1, -1, -1):
            said = first[begin:]
            if all(each is not None for each in said):
                yield tuple(Action(kind, each or (), number=number) for number, ((kind, _), each) in enumerate(zip(kinds[begin:], said, strict=True)))

    def _again(self, rule: Rule, kinds: list[tuple[str, Question | None]]) -> Iterator[Steps]:
        for kind, question in kinds:
            for said in self._said(kind, question)[:2]:
                for times in range(1, _most(rule) + 1):
                    yield from self._repeated(rule, kind, said, question, times)

    def _repeated(self, rule: Rule, kind: str, said: Said, question: Question | None, times: int) -> Iterator[Steps]:
        each_said = [_sized(rule, each) for each in self._distinct(rule, kind, said, question, times)]
        period = _PERIODS.get(rule.count.once_per or "") if isinstance(rule, OccurrenceRule) and rule.count else None
        for begin in (0, 1) if period else (0,):
            afters = [(begin + number) * (period or timedelta()) for number in range(len(each_said))]
            if len(each_said) == times:
                told = enumerate(zip(each_said, afters, strict=True))
                yield tuple(Action(kind, each, after, number) for number, (each, after) in told)

    def _distinct(self, rule: Rule, kind: str, said: Said, question: Question | None, times: int) -> list[Said]:
        """Return what is said of each of several events: of a property that must differ, another value each, and none that was there before."""
        name = rule.count.distinct if isinstance(rule, OccurrenceRule) and rule.count else None
        if name is None:
            return [said] * times
        base = dict(said).get(name, OTHER)
        seen = set(self.events.filter(pl.col("kind") == kind)[name]) if name in self.events.columns else set()
        tried = [base, *(f"{base} {number}" for number in range(2, times + len(seen) + 2))] if isinstance(base, str) else [base]
        fresh = [tuple(sorted((dict(said) | {name: value}).items())) for value in tried if value not in seen]
        return [each for each in fresh if question is None or self._holds(question, kind, each)][:times]

    def _holds(self, question: Question, kind: str, said: Said) -> bool:
        condition, fields = self.words.read(question), self.words.fields.event[kind]
        schema = {name: column_type(fields[name]) for name in sorted(condition.names)}
        event = pl.DataFrame([{name: dict(said).get(name) for name in schema}], schema=schema)
        return not schema or bool(event.select(condition.holds.alias("holds"))["holds"].item())


def _facts(said: Said) -> Steps | None:
    return tuple(Fact(name, value) for name, value in said)


def _most(rule: Rule) -> int:
    asked = rule.count.at_least if isinstance(rule, OccurrenceRule) and rule.count else None
    return max(MOST_TIMES, min(asked or 0, 2 * MOST_TIMES))


def _sized(rule: Rule, said: Said) -> Said:
    """Return what is said of an event whose points hang on a size: large enough for what the rule gives at most, or for ten units."""
    if not isinstance(rule, OccurrenceRule) or not isinstance(rule.points, PerUnit):
        return said
    most = rule.limit.points if rule.limit and rule.limit.points else abs(rule.points.give) * 10
    return tuple(sorted((dict(said) | {rule.points.of: rule.points.per * most / max(1, abs(rule.points.give))}).items()))
