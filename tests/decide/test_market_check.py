"""What a check sees without a base: two markets that may want the same lead, and cards that cannot tell leads apart."""

import pytest
from cards import FIELDS, LISTS, card

from ripeline.decide.condition import parse_condition
from ripeline.decide.market import Market
from ripeline.decide.market_check import check_overlaps
from ripeline.decide.scorecard_check import check_scorecard


def overlaps(one, other, priorities=(10, 10)):
    """Return what is told of two markets."""
    texts = {"one": one, "other": other}
    markets = {name: Market(title=name, when=text, priority=priority) for (name, text), priority in zip(texts.items(), priorities, strict=True)}
    conditions = {name: parse_condition(text, FIELDS.lead, FIELDS.event, LISTS) for name, text in texts.items()}
    return [problem.what for _, problem in check_overlaps(markets, conditions, FIELDS.lead, LISTS)]


@pytest.mark.parametrize(
    ("one", "other", "witness"),
    [
        pytest.param("country = 'DE'", "country IN ('AT', 'DE')", "country = 'DE'", id="one country in both"),
        pytest.param("country = 'US'", "employees > 500", "country = 'US' and employees = 501", id="two different questions"),
        pytest.param("country = 'JP'", "in_list(country, 'home_countries')", "country = 'JP'", id="a list"),
        pytest.param("employees < 50", "employees BETWEEN 49 AND 100", "employees = 49", id="ranges that touch"),
        pytest.param("title LIKE '%chief%'", "industry = 'Retail'", "industry = 'Retail' and title = '%chief%'", id="a pattern"),
        pytest.param("did('demo_requested')", "country = 'NL'", "country = 'NL' and demo_requested = 1", id="what a lead did"),
        pytest.param("country IS NULL", "city = 'Paris'", "city = 'Paris'", id="what is not known"),
        pytest.param("created_at < '2020-01-01'", "country = 'FR'", "country = 'FR'", id="a date"),
    ],
)
def test_two_markets_of_one_priority_that_may_want_the_same_lead_are_told_with_such_a_lead(one, other, witness):
    (told,) = overlaps(one, other)
    assert told.startswith("market 'other' and market 'one' have priority 10 and may want the same lead, such as one with ")
    assert witness in told


@pytest.mark.parametrize(
    ("one", "other", "priorities"),
    [
        pytest.param("country = 'DE'", "country IN ('AT', 'CH')", (10, 10), id="no country in both"),
        pytest.param("employees < 50", "employees >= 50", (10, 10), id="ranges side by side"),
        pytest.param("country = 'US' AND employees > 500", "country = 'US' AND (employees <= 500 OR employees IS NULL)", (10, 10), id="a country in two"),
        pytest.param("country = 'DE'", "country IN ('AT', 'DE')", (10, 20), id="the priority decides"),
    ],
)
def test_markets_that_share_nobody_are_not_told(one, other, priorities):
    assert overlaps(one, other, priorities) == []


WHEN = '[[fit]]\nname = "A"\nwhen = "{}"\npoints = 10\n'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no rule"),
        pytest.param(WHEN.format("country = 'NL'").replace("10", "0"), id="no points"),
        pytest.param(WHEN.format("country IS NULL OR country IS NOT NULL"), id="holds for everybody"),
        pytest.param(WHEN.format("employees > 50 AND employees < 20"), id="holds for nobody"),
        pytest.param('[[fit]]\nname = "A"\nfield = "country"\nlevels = { NL = 3 }\nother = 3\nmissing = 3', id="all levels alike"),
    ],
)
def test_a_card_that_gives_everybody_the_same_score_is_warned_of(text):
    (problem,) = check_scorecard(card(text).card, FIELDS, LISTS)
    assert problem.is_warning
    assert problem.what.startswith("every lead would have the same score")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WHEN.format("title LIKE '%a%' AND title LIKE '%b%'"), id="patterns together"),
        pytest.param('[[engagement]]\nname = "A"\nevent = "page_viewed"\npoints = 1', id="an event"),
    ],
)
def test_a_card_that_tells_leads_apart_is_not(text):
    assert check_scorecard(card(text).card, FIELDS, LISTS) == []
