"""Reaching a total: the cheapest steps, proven by scoring, with every limit and cap; or the word that there is no way."""

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from cards import NOW, ago, card, facts, views
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from models import Event, Lead
from ripeline.decide.counterfactual.hypothesis import Supposing
from ripeline.decide.counterfactual.reach import Reach, ways_to
from ripeline.decide.counterfactual.step import WHOLE, Action, Fact, Steps, cost_of, together
from ripeline.decide.scoring import Scoring
from ripeline.letter.data import LEAD_FIELDS
from ripeline.playbook.taken import PROPERTIES

SMALL = """
[[fit]]
name = "Decides"
when = "seniority IN ('c_level', 'vp')"
points = 20
[[fit]]
name = "Right size, right place"
when = "employees >= 50 AND country = 'NL'"
points = 10
[[engagement]]
name = "Pricing"
event = "page_viewed"
when = "path = '/pricing'"
points = 15
count = { once_per = "day" }
limit = { points = 30 }
[[engagement]]
name = "Papers"
event = "asset_downloaded"
when = "asset LIKE 'case-study%'"
points = 5
count = { distinct = "asset" }
[[engagement]]
name = "Thrice on the blog"
event = "page_viewed"
when = "path = '/blog'"
points = 4
count = { at_least = 3 }
[[engagement]]
name = "Silent"
silent = { event = "any", for = "30 days" }
points = -10
[total]
cap = 90
"""
SCORING = Scoring(card(SMALL))


@pytest.fixture(autouse=True)
def no_further(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for sets of few steps alone, but where everything is tried: dearer ones cost time and prove nothing more."""
    if request.node.originalname != "test_no_set_that_anybody_tries_is_cheaper":
        monkeypatch.setattr("ripeline.decide.counterfactual.reach.DEAREST", 5)


def reach(target: float, **lead: Any) -> Reach:
    return ways_to(round(target * 100), facts(lead), SCORING, NOW)


def test_the_cheapest_comes_first_and_an_unknown_fact_is_cheaper_than_a_known_one() -> None:
    known = reach(40, seniority="director", events=views("/pricing", 1))
    unknown = reach(40, events=views("/pricing", 1))

    assert (unknown.ways[0].cost, set(unknown.ways[0].because)) == (2, {"Decides", "Pricing"})
    assert all(way.cost > 2 for way in known.ways)


def test_what_counts_once_a_day_is_done_on_several_days() -> None:
    (way, *_) = reach(30, seniority="specialist", employees=9, country="NL").ways

    assert way.steps == tuple(Action("page_viewed", (("path", "/pricing"),), timedelta(days=day), day) for day in (0, 1))
    assert (way.cost, way.total, way.at, way.because) == (2, 3000, NOW + timedelta(days=1), ("Pricing", "Pricing"))


def test_a_limit_makes_other_steps_necessary() -> None:
    seen_enough = reach(40, seniority="specialist", employees=9, country="NL", events=views("/pricing", 1, 2))

    assert seen_enough.ways[0].because == ("Papers", "Papers")
    assert [dict(step.said)["asset"] for step in seen_enough.ways[0].steps if isinstance(step, Action)] == ["case-study", "case-study 2"]


def test_a_rule_that_asks_for_several_events_is_met_as_a_whole() -> None:
    only_the_blog = ways_to(1200, facts({}), Scoring(card(SMALL.split("[[engagement]]")[0] + "[[engagement]]" + SMALL.split("[[engagement]]")[3])), NOW)
    assert [step.kind for step in only_the_blog.ways[-1].steps if isinstance(step, Action)] == ["page_viewed"] * 3


def test_a_sign_of_life_lifts_the_penalty_of_silence() -> None:
    (way, *_) = reach(10, created_at=ago(40)).ways
    assert (way.because, way.total) == (("Pricing",), 1500)


def test_two_facts_that_only_count_together_are_one_way() -> None:
    way = next(way for way in reach(10, events=views("/a", 1)).ways if way.because[0] == "Right size, right place")
    assert {(step.attribute, step.value) for step in way.steps if isinstance(step, Fact)} == {("employees", 50.0), ("country", "NL")}


@pytest.mark.parametrize("rule", [
    pytest.param("event = \"page_viewed\"\nwhen = 'seconds > 399.001'\npoints = 10", id="a condition on an event"),
    pytest.param('event = "page_viewed"\npoints = { give = 1, per = 39.9001, of = "seconds" }', id="points by the size"),
    pytest.param("number = \"sum_of('page_viewed.seconds')\"\nbins = [{ from = 399.001, points = 10 }]", id="a sum"),
    pytest.param("when = 'employees >= 399.001'\npoints = 10", id="an attribute"),
])  # fmt: skip
def test_what_is_kept_in_whole_numbers_is_named_in_whole_numbers(rule: str) -> None:
    way = ways_to(1000, facts({}), Scoring(card(f'[[engagement]]\nname = "Long"\n{rule}\n')), NOW).ways[0]
    assert way.total >= 1000
    assert [value for step in way.steps for value in (dict(step.said).values() if isinstance(step, Action) else [step.value])] in ([400.0], [401.0])


def test_columns_of_whole_numbers_are_known() -> None:
    columns = [*(Lead.model_fields[name] for name in LEAD_FIELDS), *(Event.model_fields[name] for name in PROPERTIES)]
    names = [*LEAD_FIELDS, *PROPERTIES]
    assert {name for name, column in zip(names, columns, strict=True) if column.annotation in (int, int | None)} == WHOLE


def test_beyond_what_the_card_gives_there_is_no_way() -> None:
    beyond = reach(91)
    assert (beyond.ways, beyond.most) == ((), 9000)


def test_who_is_there_needs_nothing() -> None:
    there = reach(20, seniority="vp", events=views("/a", 1))
    assert (there.ways, there.total) == ((), 2000)


def test_an_exclusion_is_lifted_first() -> None:
    by = Scoring(card(SMALL + '[[exclude]]\nname = "Is a student"\nwhen = "seniority = \'student\'"\n'))
    (way, *_) = ways_to(1500, facts({"seniority": "student", "events": views("/pricing", 3)}), by, NOW).ways
    assert (way.because, way.cost) == (("Is a student",), 3)
    assert isinstance(way.steps[0], Fact)


STEPS: tuple[Steps, ...] = (
    (Fact("seniority", "vp"),),
    (Fact("employees", 50.0), Fact("country", "NL")),
    (Fact("employees", 50.0),),
    (Action("page_viewed", (("path", "/pricing"),)),),
    (Action("page_viewed", (("path", "/pricing"),), timedelta(days=1), 1),),
    (Action("asset_downloaded", (("asset", "case-study"),)),),
    (Action("asset_downloaded", (("asset", "case-study 2"),), number=1),),
    (Action("page_viewed", (("path", "/blog"),)),),
)


@tried(3)
@given(
    target=st.integers(1, 90).map(lambda points: points * 100),
    lead=st.fixed_dictionaries({"created_at": st.just(ago(40)), "events": st.sampled_from([views("/pricing", 1), views("/blog", 1, 2), views("/a", 40), []])},
                               optional={"seniority": st.sampled_from(["vp", "specialist"]), "employees": st.sampled_from([9, 80])}),
)  # fmt: skip
def test_no_set_that_anybody_tries_is_cheaper(target: int, lead: dict[str, Any]) -> None:
    supposing = Supposing(facts(lead), SCORING, NOW)
    found = ways_to(target, facts(lead), SCORING, NOW)
    tried = [both for count in range(4) for some in combinations(STEPS, count) if (both := together(*some)) is not None]
    costs = [cost_of(outcome.steps, supposing.lead) for outcome in supposing.scored(tried) if outcome.total >= target]

    if found.total < target and costs:
        assert found.ways[0].cost <= min(costs)
    for way in found.ways:
        (outcome,) = supposing.scored([way.steps])
        assert (outcome.total, outcome.grade) == (way.total, way.grade)
        assert way.total >= target


@pytest.mark.parametrize("target", [2000, 5500])
def test_no_step_of_a_way_can_be_left_out(target: int) -> None:
    supposing = Supposing(facts({}), SCORING, NOW)
    for way in ways_to(target, facts({}), SCORING, NOW).ways:
        less = [tuple(each for each in way.steps if each != step) for step in way.steps]
        assert all(outcome.total < target for outcome in supposing.scored(less))
