"""What a check finds wrong with a scorecard beyond its shape: names it does not know, conditions it cannot read, groups nobody bounds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ripeline.decide.feature import ANY_KIND
from ripeline.decide.fields import Fields, FieldType
from ripeline.decide.literal import BadCondition, did_you_mean
from ripeline.decide.problem import Place, Problem
from ripeline.decide.rules import Rule, RuleKind
from ripeline.decide.rules.rule import Section
from ripeline.decide.sameness import is_same_for_all
from ripeline.decide.scorecard import Exclusion, Scorecard
from ripeline.decide.vocabulary import Question, Vocabulary


def check_scorecard(card: Scorecard, fields: Fields, lists: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Return what is wrong with a card, in its order. Examples are not run: `run_examples` does, where this finds no mistake."""
    words = Vocabulary(fields, lists)
    placed = [((section, position), section, rule) for section, position, rule in card.placed()]
    found = [*_whole(card), *_groups(card, placed)]
    for place, section, rule in placed:
        found += check_rule(place, section, rule, words)
    for position, exclusion in enumerate(card.exclude):
        found += check_exclusion(("exclude", position), exclusion, words)
    if all(problem.is_warning for problem in found) and is_same_for_all(card, words):
        what = "every lead would have the same score: no rule can give one lead other points than another."
        found.append(Problem((), what, "Write a [[fit]] or [[engagement]] rule that holds for some leads and not for others.", is_warning=True))
    return found


def check_rules(card: Scorecard, placed: Sequence[tuple[Place, Section, Rule]], words: Vocabulary) -> Iterator[Problem]:
    """Yield what is wrong with some rules of a card, which stand where they say."""
    yield from _groups(card, placed)
    for place, section, rule in placed:
        yield from check_rule(place, section, rule, words)


def _whole(card: Scorecard) -> Iterator[Problem]:
    for name in card.group:
        if not any(rule.group == name for rule in card.rules):
            yield Problem(("group", name), f"no rule is in group '{name}'.", f'Write group = "{name}" on the rules it bounds.', is_warning=True)


def _groups(card: Scorecard, placed: Iterable[tuple[Place, Section, Rule]]) -> Iterator[Problem]:
    sections: dict[str, str] = {}
    for section, _, rule in card.placed():
        sections.setdefault(rule.group or "", section)
    for place, section, rule in placed:
        if rule.group is None:
            continue
        here, owner = (*place, "group"), f"{section} rule '{rule.name}'"
        if rule.group not in card.group:
            yield Problem(
                here, f"{owner}: unknown group '{rule.group}'.", did_you_mean(rule.group, card.group, f"write [group.{rule.group}] with a floor or a cap")
            )
        elif sections[rule.group] != section:
            yield Problem(here, f"{owner}: group '{rule.group}' holds fit rules too.", "Fit and engagement are kept apart: use two groups.")


def check_rule(place: Place, section: Section, rule: RuleKind, words: Vocabulary) -> Iterator[Problem]:
    """Yield what is wrong with one rule, group aside."""
    owner = f"{section} rule '{rule.name}'"
    if section not in rule.sections:
        remedy = "Points for what a lead does belong under [[engagement]]."
        yield Problem((*place, rule.marked_by), f"{owner}: fit is what a lead is, and '{rule.marked_by}' asks what it did.", remedy)
    unknown = list(_kinds(place, owner, rule, words)) or list(_properties(place, owner, rule, words))
    told = unknown or [problem for question in rule.questions() for problem in _question(place, owner, question, words)]
    yield from told
    if all(problem.is_warning for problem in told):
        yield from _coverage(place, owner, rule, words)


def _coverage(place: Place, owner: str, rule: RuleKind, words: Vocabulary) -> Iterator[Problem]:
    if rule.needs_coverage is not None and not rule.attributes(words):
        what = f"{owner}: needs_coverage is about attributes, and this rule asks for none that could be missing."
        yield Problem((*place, "needs_coverage"), what, "Leave it out.")
    if rule.needs_coverage is None and "when_thin" in rule.model_fields_set:
        yield Problem((*place, "when_thin"), f"{owner}: when_thin goes with needs_coverage.", "Write needs_coverage = 0.4, or leave it out.")


def check_exclusion(place: Place, exclusion: Exclusion, words: Vocabulary) -> Iterator[Problem]:
    """Yield what is wrong with one exclusion."""
    yield from _question(place, f"exclusion '{exclusion.name}'", exclusion.question, words)


def _kinds(place: Place, owner: str, rule: RuleKind, words: Vocabulary) -> Iterator[Problem]:
    known = words.fields.event
    for keys, kind, _ in rule.kinds():
        if kind not in known:
            also = f" ('{ANY_KIND}' is for conditions)" if kind == ANY_KIND else ""
            yield Problem((*place, *keys), f"{owner}: unknown event '{kind}'{also}.", did_you_mean(kind, known, f"there are: {', '.join(known)}"))


def _properties(place: Place, owner: str, rule: RuleKind, words: Vocabulary) -> Iterator[Problem]:
    for keys, kind, name, is_number in rule.properties():
        known = words.fields.event[kind]
        if name not in known:
            yield Problem((*place, *keys), f"{owner}: {kind} has no '{name}'.", did_you_mean(name, known, f"it has: {', '.join(known) or 'nothing'}"))
        elif is_number and known[name].type is not FieldType.NUMBER:
            yield Problem((*place, *keys), f"{owner}: {name} is a {known[name].type}, not a number.", "Points per unit need a number.")


def _question(place: Place, owner: str, question: Question, words: Vocabulary) -> Iterator[Problem]:
    try:
        read = words.read(question)
    except BadCondition as bad:
        yield Problem((*place, *question.place), f"{owner}: {bad.what}.", bad.remedy)
        return
    for caution in read.cautions:
        yield Problem((*place, *question.place), f"{owner}: {caution}.", is_warning=True)
