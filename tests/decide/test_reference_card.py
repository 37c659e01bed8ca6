"""The textbook card, to the point: each criterion alone, all of them together, nothing faded and nothing capped."""

import pytest
from cards import FIELDS, LISTS, NOW, ago, facts, shipped

from ripeline.decide.example import run_examples
from ripeline.decide.score import score
from ripeline.decide.scorecard import bind
from ripeline.decide.scorecard_check import check_scorecard

REFERENCE = bind(shipped("reference"), FIELDS, LISTS)


@pytest.mark.parametrize(
    ("given", "points"),
    [
        pytest.param({"seniority": "c_level"}, 20, id="chief executive"),
        pytest.param({"seniority": "vp"}, 20, id="vice president"),
        pytest.param({"seniority": "manager"}, 10, id="manager"),
        pytest.param({"seniority": "specialist"}, 0, id="specialist"),
        pytest.param({"industry": "Technology"}, 15, id="technology"),
        pytest.param({"industry": "Retail"}, 0, id="retail"),
        pytest.param({"employees": 49}, 0, id="49 employees"),
        pytest.param({"employees": 50}, 10, id="50 employees"),
        pytest.param({"employees": 500}, 10, id="500 employees"),
        pytest.param({"employees": 501}, 0, id="501 employees"),
        pytest.param({"country": "US"}, 5, id="United States"),
        pytest.param({"country": "GB"}, 5, id="United Kingdom"),
        pytest.param({"country": "CA"}, 5, id="Canada"),
        pytest.param({"country": "DE"}, 0, id="Germany"),
        pytest.param({"events": [("page_viewed", ago(1), {"path": "/pricing"})]}, 15, id="pricing page"),
        pytest.param({"events": [("page_viewed", ago(1), {"path": "/about"})]}, 0, id="another page"),
        pytest.param({"events": [("asset_downloaded", ago(1), {"asset": "case-study"})]}, 10, id="case study"),
        pytest.param({"events": [("webinar_attended", ago(1))]}, 20, id="webinar"),
        pytest.param({"events": [("link_clicked", ago(1), {"asset": "product-demo"})]}, 25, id="product demo link"),
        pytest.param({"events": [("mail_opened", ago(1), {"touch": "checklist"})]}, 5, id="a named mail opened"),
        pytest.param({"events": [("unsubscribed", ago(1))]}, -10, id="unsubscribed"),
        pytest.param({"events": [("page_viewed", ago(1), {"path": "/careers"})]}, -5, id="careers page"),
        pytest.param({"events": [("support_ticket", ago(1), {"form": "login"})]}, -3, id="support ticket"),
        pytest.param({"events": [("support_ticket", ago(1), {"form": "purchase"})]}, 0, id="support ticket about a purchase"),
        pytest.param({"events": [("page_viewed", ago(900), {"path": "/pricing"})] * 3}, 45, id="thrice, long ago"),
    ],
)
def test_each_criterion_weighs_what_the_guide_says(given, points):
    assert score(facts(given), REFERENCE, NOW)["total"].item() == points * 100


def test_one_of_everything_good_is_125():
    events = [
        ("page_viewed", ago(5), {"path": "/pricing"}),
        ("asset_downloaded", ago(4), {"asset": "case-study"}),
        ("webinar_attended", ago(3)),
        ("link_clicked", ago(2), {"asset": "product-demo"}),
        ("mail_opened", ago(1), {"touch": "welcome-guide"}),
    ]
    keen = {"seniority": "vp", "industry": "Technology", "employees": 50, "country": "CA", "events": events}

    row = score(facts(keen), REFERENCE, NOW).row(0, named=True)

    assert (row["fit"], row["engagement"], row["total"], row["grade"]) == (5000, 7500, 12500, "A1")
    assert row["reasons"] == "0=2000;2=1500;3=1000;4=500;5=1500;6=1000;7=2000;8=2500;9=500"
    assert row["next_review_at"] is None


@pytest.mark.parametrize("name", ["reference", "default"])
def test_the_shipped_cards_are_sound_and_their_examples_hold(name):
    card = shipped(name)
    assert not check_scorecard(card, FIELDS, LISTS)
    assert not run_examples(card, FIELDS, LISTS)
