"""The language of a card, option by option: aggregates, levels, changes, what the CRM says, chances."""

import pytest
from cards import FIELDS, LISTS, NOW, ago, card, facts, views

from ripeline.decide.chance import Probability, chance_told
from ripeline.decide.score import score
from ripeline.decide.scorecard_check import check_scorecard


def points(text, **lead):
    """Return the total, in points, that a card of these lines gives a lead."""
    return score(facts(lead), card(text), NOW)["total"].item() / 100


def reading(*seconds_by_age):
    """Return views of a page that took so many seconds so many days ago."""
    return [("page_viewed", ago(age), {"path": "/product", "seconds": seconds}) for age, seconds in seconds_by_age]


BY_SUM = """
[[engagement]]
name   = "Minutes of reading"
number = "sum_of('page_viewed.seconds', within = '30 days', path = '/product')"
bins   = [{ from = 120, to = 599, points = 5 }, { from = 600, points = 12 }]
"""


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(reading((1, 60.0), (2, 60.0)), 5, id="adds up"),
        pytest.param(reading((1, 60.0), (31, 6000.0)), 0, id="within its window"),
        pytest.param(reading((1, 0.1), (1, 0.2), (1, 119.7)), 5, id="to the thousandth, whatever the order"),
        pytest.param(reading((1, float("inf")), (2, float("nan")), (3, None), (4, -1e300)), 12, id="whatever absurd sizes come"),
        pytest.param(views("/product", 1), 0, id="of what is not known, nothing"),
    ],
)
def test_bins_may_ask_what_a_property_adds_up_to(events, expected):
    assert points(BY_SUM, events=events) == expected


def test_bins_may_ask_on_how_many_days_something_happened():
    text = "[[engagement]]\nname = \"Days\"\nnumber = \"days_with('page_viewed', within = '9 days')\"\nbins = [{ from = 2, to = 2, points = 4 }]"
    assert points(text, events=views("/a", 1, 1.1, 2, 10)) == 4


BY_AGE = """
[[engagement]]
name    = "Last seen"
number  = "days_since('page_viewed')"
bins    = [{ to = 7, points = 5 }, { from = 8, to = 30, points = 2 }, { from = 31, points = -1 }]
missing = -4
"""


@pytest.mark.parametrize(("days", "expected"), [([0], 5), ([7.9], 5), ([8], 2), ([31, 40], -1), ([], -4)])
def test_bins_may_ask_how_long_ago_something_was_and_never_is_a_level_of_its_own(days, expected):
    assert points(BY_AGE, events=views("/a", *days)) == expected


LEVELS = '[[fit]]\nname = "Rank"\nfield = "seniority"\nlevels = { vp = 20, director = 12.5, student = -8 }\nother = 1\nmissing = -2\n'


@pytest.mark.parametrize(("seniority", "expected"), [("vp", 20), ("director", 12.5), ("student", -8), ("manager", 1), (None, -2)])
def test_levels_give_points_by_a_word_and_a_missing_one_is_a_level_of_its_own(seniority, expected):
    assert points(LEVELS, seniority=seniority) == expected


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param("director", "drector", "seniority is never 'drector'. Did you mean 'director'?", id="a level that is none"),
        pytest.param('"seniority"', '"senority"', "unknown field 'senority'. Did you mean 'seniority'?", id="a field that is none"),
        pytest.param('"seniority"', '"employees"', "employees is a number", id="a number instead of a word"),
    ],
)
def test_levels_of_what_is_not_there_are_told(old, new, says):
    problems = check_scorecard(card(LEVELS.replace(old, new)).card, FIELDS, LISTS)
    assert any(says in f"{problem.what}. {problem.remedy}".replace("..", ".") for problem in problems), problems


@pytest.mark.parametrize(("attribute", "expected"), [("title", 8), ("industry", 8), ("company", 8), ("city", 0)])
def test_a_change_of_any_of_several_attributes_counts_once(attribute, expected):
    text = '[[engagement]]\nname = "News"\nchanged = ["title", "industry", "company"]\nwithin = "30 days"\npoints = 8'
    assert points(text, changes=[(attribute, ago(2)), (attribute, ago(3))]) == expected


def test_a_new_employer_on_the_list_of_competitors_costs_points():
    text = '[[engagement]]\nname = "Moved to a competitor"\nchanged = "company"\nwhen = "in_list(email_domain, \'competitors\')"\npoints = -30\n'
    moved = {"changes": [("company", ago(3))]}
    assert points(text, email_domain="rival.example", **moved) == -30
    assert points(text, email_domain="rival.example") == 0
    assert points(text, email_domain="friend.example", **moved) == 0


CRM = """
[[fit]]
name   = "Has a rep"
when   = "owner IS NOT NULL"
points = 5
[[fit]]
name   = "Opportunity in the CRM"
field  = "opportunity_stage"
levels = { qualification = 5, proposal = 10, negotiation = 15, lost = -10 }
[[fit]]
name   = "Age of the relation"
number = "days_since(known_since)"
bins   = [{ to = 364, points = 1 }, { from = 365, points = 4 }]
[[engagement]]
name   = "A rep was in touch"
event  = "rep_contacted"
points = 6
limit  = { times = 1 }
[[engagement]]
name   = "Marked lost"
event  = "deal_lost"
points = -20
fades  = { half_life = "180 days" }
limit  = { times = 1 }
"""


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        pytest.param({"owner": "ingrid"}, 5, id="rep assigned"),
        pytest.param({"events": [("rep_contacted", ago(3))]}, 6, id="contacted"),
        pytest.param({"opportunity_stage": "proposal"}, 10, id="opportunity stage"),
        pytest.param({"opportunity_stage": "lost", "events": [("deal_lost", ago(180))]}, -20, id="marked lost, half a year ago"),
        pytest.param({"known_since": ago(800).date()}, 4, id="age of the relation"),
        pytest.param({}, 0, id="nothing in the CRM"),
    ],
)
def test_what_the_crm_says_counts(lead, expected):
    assert check_scorecard(card(CRM).card, FIELDS, LISTS) == []
    assert points(CRM, **lead) == expected


def test_what_a_rep_does_is_no_sign_of_life():
    text = '[[engagement]]\nname = "Silent"\nsilent = { event = "any", for = "30 days" }\npoints = -10'
    assert points(text, created_at=ago(60), events=[("rep_contacted", ago(1)), ("deal_lost", ago(1)), ("rep_assigned", ago(1))]) == -10


def test_points_go_by_the_value_of_an_order():
    text = '[[engagement]]\nname = "Orders"\nevent = "order_placed"\npoints = { give = 2, per = 1000, of = "amount" }\nlimit = { points = 10 }'
    assert points(text, events=[("order_placed", ago(1), {"amount": 1500.0})]) == 3
    assert points(text, events=[("order_placed", ago(1), {"amount": 9e9})]) == 10


LINK = Probability.model_validate({"base": 0.2, "at": 50, "doubles": 20, "of": "becomes a customer"})


@pytest.mark.parametrize(
    ("total", "chance"),
    [(5000, 0.2), (7000, 1 / 3), (9000, 0.5), (3000, 1 / 9)],
    ids=["as given", "the odds doubled: 1 to 2", "doubled twice: even", "halved: 1 to 8"],
)
def test_every_so_many_points_double_the_odds(total, chance):
    assert LINK.chance(total) == pytest.approx(chance)


def test_no_total_makes_a_chance_sure():
    assert (chance_told(LINK.chance(10**9)), chance_told(LINK.chance(-(10**9))), chance_told(LINK.chance(7000))) == ("over 99.9 %", "under 0.1 %", "33.3 %")


@pytest.mark.parametrize("wrong", ["base = 0\ndoubles = 20", "base = 1\ndoubles = 20", "base = 0.1\ndoubles = 0", "base = 0.1\ndoubles = -3"])
def test_a_link_that_says_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="probability"):
        card(f'[probability]\n{wrong}\nof = "a"')


def test_what_a_total_means_changes_no_score():
    assert card('[probability]\nbase = 0.1\ndoubles = 20\nof = "becomes a customer"').version == card("").version
