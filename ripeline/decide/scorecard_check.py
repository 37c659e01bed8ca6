"""What a check finds wrong with a scorecard beyond its shape: names it does not know, conditions it cannot read, groups nobody bounds."""

from collections.abc import Iterator, Mapping

from ripeline.decide.feature import ANY_KIND
from ripeline.decide.fields import Fields, FieldType
from ripeline.decide.literal import BadCondition, did_you_mean
from ripeline.decide.problem import Problem
from ripeline.decide.rules import RuleKind
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.vocabulary import Question, Vocabulary

Place = tuple[str | int, ...]


def check_scorecard(card: Scorecard, fields: Fields, lists: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Return what is wrong with a card, in its order. Examples are not run: `run_examples` does, where this finds no mistake."""
    words = Vocabulary(fields, lists)
    found = list(_whole(card))
    for section, position, rule in card.placed():
        found += _rule(section, position, rule, words)
    for position, exclusion in enumerate(card.exclude):
        found += _question(("exclude", position), f"exclusion '{exclusion.name}'", exclusion.question, words)
    return found


def _whole(card: Scorecard) -> Iterator[Problem]:
    if not card.rules:
        yield Problem((), "every lead would have the same score: the card has no rule.", "Write at least one [[fit]] or [[engagement]].", is_warning=True)
    for name in card.group:
        if not any(rule.group == name for rule in card.rules):
            yield Problem(("group", name), f"no rule is in group '{name}'.", f'Write group = "{name}" on the rules it bounds.', is_warning=True)
    sections: dict[str, str] = {}
    for section, position, rule in card.placed():
        if rule.group is None:
            continue
        place, owner = (section, position, "group"), f"{section} rule '{rule.name}'"
        if rule.group not in card.group:
            remedy = did_you_mean(rule.group, card.group, f"write [group.{rule.group}] with a floor or a cap")
            yield Problem(place, f"{owner}: unknown group '{rule.group}'.", remedy)
        elif sections.setdefault(rule.group, section) != section:
            yield Problem(place, f"{owner}: group '{rule.group}' holds fit rules too.", "Fit and engagement are kept apart: use two groups.")


def _rule(section: str, position: int, rule: RuleKind, words: Vocabulary) -> Iterator[Problem]:
    place, owner = (section, position), f"{section} rule '{rule.name}'"
    if section not in rule.sections:
        remedy = "Points for what a lead does belong under [[engagement]]."
        yield Problem((*place, rule.marked_by), f"{owner}: fit is what a lead is, and '{rule.marked_by}' asks what it did.", remedy)
    unknown = list(_kinds(place, owner, rule, words))
    yield from unknown or _properties(place, owner, rule, words)
    if not unknown:
        for question in rule.questions():
            yield from _question(place, owner, question, words)


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
