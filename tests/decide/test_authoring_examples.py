"""What docs/authoring.md says of scorecards is so: its examples are sound together, its table of options is right, the shipped card shows every kind."""

import re
import tomllib
from typing import Any

import pytest
from cards import FIELDS, LISTS, NOW, card, facts, shipped, views

from ripeline.decide.condition import Condition, parse_condition
from ripeline.decide.example import run_examples
from ripeline.decide.fields import IN_A_TRACK
from ripeline.decide.literal import BadCondition
from ripeline.decide.rules import KINDS
from ripeline.decide.rules.occurrence import OccurrenceRule, PerUnit
from ripeline.decide.score import score
from ripeline.decide.scorecard import Scorecard
from ripeline.decide.scorecard_check import check_scorecard
from ripeline.settings import CLONE

PAGE = (CLONE / "docs/authoring.md").read_text(encoding="utf-8")
CARDS = PAGE[PAGE.index("## The scorecard") : PAGE.index("## Judging a card")]
OPTIONS = re.findall(r"^\| (nothing|`(?:within|fades|count|limit)[^|]*) \| ([^|]*) \|$", CARDS, re.MULTILINE)


def test_the_examples_of_the_page_are_one_sound_card() -> None:
    whole: dict[str, Any] = {"title": "As the page shows it"}
    for block in re.findall(r"```toml\n(.*?)```", CARDS, re.DOTALL):
        for key, value in tomllib.loads(block).items():
            whole[key] = [*whole.get(key, ()), *value] if isinstance(value, list) else value

    made = Scorecard.model_validate(whole)

    assert [f"{problem.place}: {problem.what}" for problem in check_scorecard(made, FIELDS, LISTS)] == []
    assert {type(rule) for rule in made.rules} == set(KINDS)
    assert made.example
    assert [problem.what for problem in run_examples(made, FIELDS, LISTS)] == []


WORDS = PAGE[PAGE.index("## Conditions") : PAGE.index("## Fields")]
SHOWN = [text for row in re.findall(r"^\| .* \| (`.*`) \|$", WORDS, re.MULTILINE) for text in re.findall(r"`([^`]+)`", row)]


def read(text: str) -> Condition:
    return parse_condition(text, {**FIELDS.lead, **IN_A_TRACK}, FIELDS.event, LISTS)


@pytest.mark.parametrize("text", SHOWN)
def test_a_condition_that_the_page_shows_is_one(text: str) -> None:
    assert read(text).text == text


def test_the_page_shows_every_function() -> None:
    with pytest.raises(BadCondition) as refused:
        read("nothing_like_it()")
    there_are = refused.value.remedy.partition("here are: ")[2].split(", ")

    assert len(there_are) > 8
    assert [name for name in there_are if not any(f"{name}(" in text for text in SHOWN)] == []


def test_the_page_tells_every_option() -> None:
    assert len(OPTIONS) >= 12


@pytest.mark.parametrize(("options", "told"), OPTIONS)
def test_an_option_gives_what_the_table_says(options: str, told: str) -> None:
    written = "\n".join(re.findall(r"`([^`]*)`", options))
    lead = facts({"events": [*views("/pricing", 1, 1), *views("/pricing", 10)]})
    text = f'[[engagement]]\nname = "Looked"\nevent = "page_viewed"\nwhen = "path = \'/pricing\'"\npoints = 10\n{written}\n'

    given = score(lead, card(text), NOW)["total"].item()

    said = re.match(r"[\d.]+(?: \+ [\d.]+)*", told)
    assert said is not None, told
    assert given / 100 == pytest.approx(sum(float(part) for part in said.group().split(" + ")), abs=0.005)


def test_the_shipped_card_shows_every_kind_and_every_option() -> None:
    rules = shipped("default").rules
    counted = [rule for rule in rules if isinstance(rule, OccurrenceRule)]

    assert {type(rule) for rule in rules} == set(KINDS)
    assert all(any(getattr(rule, name) for rule in counted) for name in ("when", "within", "fades", "count", "limit", "group"))
    assert all(any(getattr(rule.count, name) for rule in counted if rule.count) for name in ("once_per", "distinct", "at_least", "first"))
    assert all(any(getattr(rule.fades, name) for rule in counted if rule.fades) for name in ("half_life", "to_zero"))
    assert all(any(getattr(rule.limit, name) for rule in counted if rule.limit) for name in ("points", "times"))
    assert any(isinstance(rule.points, PerUnit) for rule in counted)
    assert any(rule.needs_coverage for rule in rules)
