"""Sameness: whether a card can tell any two leads apart."""

from sqlglot import exp, parse_one

from ripeline.decide.possible import possible_leads
from ripeline.decide.rules import Rule
from ripeline.decide.rules.when import WhenRule
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.vocabulary import Question, Vocabulary


def is_same_for_all(card: Scorecard, words: Vocabulary) -> bool:
    """Return whether every lead would have the same score: no rule can give one lead other points than another. The card must be readable."""
    return all(_gives_the_same(rule, words) for rule in card.rules)


def _gives_the_same(rule: Rule, words: Vocabulary) -> bool:
    if len(rule.outcomes()) == 1:
        return True
    return isinstance(rule, WhenRule) and all(_is_settled(question, words) for question in rule.questions())


def _is_settled(question: Question, words: Vocabulary) -> bool:
    """A condition that holds for every possible lead, or for none; of patterns, no made-up lead proves that nothing matches."""
    condition = words.read(question)
    answers = possible_leads([condition], words.fields.lead, words.lists).select(condition.holds.alias("holds"))["holds"]
    return bool(answers.all()) or (not answers.any() and parse_one(f"SELECT ({question.text}\n)").find(exp.Like) is None)
