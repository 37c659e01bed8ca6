"""Scorecards as files: what is refused, in which words, and what a market changes."""

import pytest
from cards import FIELDS, LISTS, NOW, card, facts, shipped, views
from pydantic import ValidationError

from ripeline.decide.example import run_examples
from ripeline.decide.market import ScoringChange
from ripeline.decide.score import score
from ripeline.decide.scorecard_check import check_scorecard
from ripeline.decide.scoring import in_market

RULE = '[[engagement]]\nname = "Pricing"\nevent = "page_viewed"\nwhen = "path = \'/pricing\'"\npoints = 10\n'

BINS = '[[fit]]\nname = "A"\nnumber = "employees"\nbins = '


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('[[fit]]\nname = "A"\nwhen = "senority = \'vp\'"\npoints = 1', "Did you mean 'seniority'?", id="a field misspelt"),
        pytest.param('[[fit]]\nname = "A"\nwhen = "seniority = \'vpp\'"\npoints = 1', "Did you mean 'vp'?", id="a choice misspelt"),
        pytest.param('[[engagement]]\nname = "A"\nevent = "page_view"\npoints = 1', "Did you mean 'page_viewed'?", id="an event misspelt"),
        pytest.param(RULE.replace("path =", "pth ="), "Did you mean 'path'?", id="a property misspelt"),
        pytest.param(RULE.replace("points = 10", 'points = { give = 1, per = 1, of = "path" }'), "path is a text", id="points by the size of a text"),
        pytest.param(RULE + 'count = { distinct = "asset" }', "page_viewed has no 'asset'", id="distinct values of a property it has not"),
        pytest.param(RULE + 'group = "web"', "Write [group.web]", id="a group nobody bounds"),
        pytest.param(RULE.replace("engagement", "fit"), "belong under [[engagement]]", id="what a lead does, counted as what it is"),
        pytest.param('[[engagement]]\nname = "A"\nwhen = "path = \'/x\'"\npoints = 1', "unknown field 'path'", id="an event forgotten"),
        pytest.param('[[engagement]]\nname = "A"\nsilent = { event = "page_view", for = "9 days" }\npoints = 1', "'page_viewed'", id="silence of no event"),
        pytest.param('[[engagement]]\nname = "A"\nchanged = "companny"\npoints = 1', "Did you mean 'company'?", id="a change of no attribute"),
        pytest.param('[[fit]]\nname = "A"\nnumber = "country"\nbins = [{ from = 1, points = 1 }]', "not a number", id="bins of a text"),
        pytest.param('[[exclude]]\nname = "A"\nwhen = "in_list(email_domain, \'rivals\')"', "no list 'rivals'", id="a list that is not there"),
        pytest.param('[[fit]]\nname = "A"\nwhen = "total > 5"\npoints = 1', "unknown field 'total'", id="a score that asks for itself"),
    ],
)
def test_a_card_that_names_what_is_not_there_is_told_so(text, says):
    problems = check_scorecard(card(text).card, FIELDS, LISTS)
    assert any(says in f"{problem.what} {problem.remedy}" for problem in problems if not problem.is_warning), problems


def test_a_problem_says_where_it_is():
    steps = '[{ event = "page_viewed" }, { event = "form_sent", when = "forn = \'x\'" }]'
    text = f'{RULE}[[engagement]]\nname = "B"\nsequence = {steps}\nwithin = "1 day"\npoints = 1'
    (problem,) = check_scorecard(card(text).card, FIELDS, LISTS)
    assert problem.place == ("engagement", 1, "sequence", 1, "when")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(RULE + RULE, "two rules are called 'Pricing'", id="two rules of one name"),
        pytest.param(RULE.replace("10", "1e9"), "beyond any sane bound", id="absurd points"),
        pytest.param(RULE.replace("10", "1.005"), "two decimals", id="points finer than hundredths"),
        pytest.param(RULE.replace("10", "true"), "not a number of points", id="points that are none"),
        pytest.param(RULE + 'fades = { half_life = "0 days" }', "would leave nothing", id="a half-life of zero"),
        pytest.param(RULE + 'fades = { half_life = "3 days", to_zero = "3 days" }', "takes one of", id="two ways of fading"),
        pytest.param(RULE + 'within = "3 business days"', "needs a calendar", id="a window of business days"),
        pytest.param(RULE + "count = {}", "at least one of them", id="a count that says nothing"),
        pytest.param(RULE + "limit = {}", "points, times, or both", id="a limit that says nothing"),
        pytest.param(RULE + "wihtin = 3", "Extra inputs", id="a key misspelt"),
        pytest.param("[total]\nfloor = 5\ncap = 5", "nobody could lie between", id="a floor at the cap"),
        pytest.param("[bands]\nfit = { A = 10, B = 20 }\nengagement = { 1 = 5 }", "the best first", id="bands upside down"),
        pytest.param(f"{BINS}[{{ to = 5, points = 1 }}, {{ from = 5, points = 2 }}]", "both ends count", id="bins overlap"),
        pytest.param('[[engagement]]\nname = "A"\nsilent = { for = "5 hours" }\npoints = 1', "days or weeks", id="silence by the hour"),
    ],
)
def test_a_card_of_the_wrong_shape_is_refused(text, says):
    with pytest.raises(ValidationError, match=says):
        card(text)


def test_a_card_without_rules_gives_everybody_the_same_and_is_warned_of():
    (problem,) = check_scorecard(card("").card, FIELDS, LISTS)
    assert problem.is_warning


@pytest.mark.parametrize(
    ("example", "says"),
    [
        pytest.param("given = {}\nexpect = { total = 1 }", "expects total 1 and gets 0", id="another number"),
        pytest.param('given = {}\nexpect = { grade = "A1" }', "expects grade 'A1' and gets 'D4'", id="another grade"),
        pytest.param("given = {}\nexpect = { totl = 1 }", "Did you mean 'total'?", id="a misspelt expectation"),
        pytest.param('given = { senority = "vp" }\nexpect = { total = 0 }', "Did you mean 'seniority'?", id="a misspelt field"),
        pytest.param('given = { employees = "many" }\nexpect = { total = 0 }', "employees is a number", id="a value of the wrong type"),
        pytest.param(
            'given = { seniority = "vpp" }\nexpect = { total = 0 }', "seniority is never 'vpp'. Did you mean 'vp'?", id="a choice that does not exist"
        ),
        pytest.param('given = { events = [{ event = "page_view" }] }\nexpect = { total = 0 }', "Did you mean 'page_viewed'?", id="a misspelt event"),
        pytest.param('given = { events = [{ event = "page_viewed", pth = "/" }] }\nexpect = { total = 0 }', "Did you mean 'path'?", id="a misspelt property"),
        pytest.param("given = { events = 3 }\nexpect = { total = 0 }", "events is a list, and 3 is none", id="no list of events"),
        pytest.param('given = { changes = ["title"] }\nexpect = { total = 0 }', 'Write changes = [{ attribute = "title"', id="no list of changes"),
        pytest.param('given = { changes = [{ attribute = "titel" }] }\nexpect = { total = 0 }', "Did you mean 'title'?", id="a misspelt change"),
        pytest.param('given = { events = [{ event = "page_viewed", ago = "1" }] }\nexpect = { total = 0 }', "is not a duration", id="no unit of time"),
    ],
)
def test_an_example_that_does_not_hold_is_told(example, says):
    bound = card(f'{RULE}[[example]]\nname = "One"\n{example}')
    (problem,) = run_examples(bound.card, FIELDS, LISTS)
    assert says in f"{problem.what} {problem.remedy}"


def test_an_example_that_holds_is_silent():
    given = '{ events = [{ event = "page_viewed", path = "/pricing", ago = "3 days" }] }'
    text = f'{RULE}[[example]]\nname = "One"\ngiven = {given}\nexpect = {{ total = 10 }}'
    assert run_examples(card(text).card, FIELDS, LISTS) == []


def test_a_market_gives_other_points_and_switches_rules_off_while_numbers_stay():
    text = RULE + '[[engagement]]\nname = "Demo"\nevent = "demo_requested"\npoints = 30\n'
    lead = {"events": [*views("/pricing", 1), ("demo_requested", NOW)]}
    there = in_market(card(text), ScoringChange.model_validate({"change": {"Demo": {"points": 15}}, "switch_off": ["Pricing"]}))
    assert score(facts(lead), there, NOW)["reasons"].item() == "1=1500"
    assert score(facts(lead), card(text), NOW)["reasons"].item() == "0=1000;1=3000"


def test_a_version_changes_with_everything_a_score_hangs_on_and_with_nothing_else():
    bound = card(RULE)
    assert card(RULE).version == bound.version
    assert card(RULE + '[[example]]\nname = "One"\ngiven = {}\nexpect = { total = 0 }').version == bound.version
    assert card(RULE.replace("10", "11")).version != bound.version
    assert card(RULE, frozenset({("total", 5000)})).version != bound.version


def test_points_are_written_as_people_write_them():
    assert shipped("default").model_dump(mode="json", by_alias=True)["engagement"][0]["points"] == 35
