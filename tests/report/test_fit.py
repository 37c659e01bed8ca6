"""How well a card tells who converts: counted from a backtest, and what is said of each rule and segment."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from cards import FIELDS, LISTS, card

from ripeline.decide.condition import parse_condition
from ripeline.decide.overlay import ScoringChange, laid_over
from ripeline.decide.scoring import Scoring, Variant
from ripeline.report.fit.counting import added, bands, counted, everybody, lifts, segments
from ripeline.report.fit.numbers import Fit, Segment, Share, Verdict
from ripeline.report.fit.page import fit_page
from ripeline.report.fit.words import as_json, headline, method, rules_grid, segments_grid
from ripeline.report.interval_charts import Point, differences_chart, shares_chart
from ripeline.report.statistics import Interval, concordance

BOUND = card("""
[[fit]]
name   = "Decides"
when   = "seniority = 'vp'"
points = 40
[[fit]]
name   = "Dislikes mail"
when   = "title = 'x'"
points = -5
[[engagement]]
name   = "Never happens"
event  = "demo_requested"
points = 35
""")
BY = Scoring(BOUND)


def leads(count: int, converted: int, **changes: Any) -> list[dict[str, Any]]:
    """Return so many tried leads with 0 points of which so many converted."""
    usual = {"market": None, "total": 0, "grade": "D4", "excluded": None, "reasons": "", "had_converted": False, "source": "web"}
    return [{**usual, **changes, "converted": number < converted} for number in range(count)]


def tried(*groups: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([row for group in groups for row in group], schema_overrides={"market": pl.String, "excluded": pl.String})


DECIDERS = {"total": 4000, "grade": "A4", "reasons": "0=4000"}
GRUMBLERS = {"total": -500, "reasons": "1=-500", "source": "fair"}


@pytest.fixture
def fit() -> Fit:
    """Give 500 leads in two slices: deciders convert often, grumblers as others do; some are excluded, some had converted."""
    first = tried(leads(100, 50, **DECIDERS), leads(200, 20), leads(7, 1, excluded="Competitor"), leads(3, 3, had_converted=True))
    second = tried(leads(100, 10, **GRUMBLERS), leads(100, 10))
    counts = added([counted(part, ["source", "market"], 2500) for part in (first, second)])
    assert counts is not None
    times = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    pairs = counts.totals.select("converted", pl.col("leads") - pl.col("converted")).iter_rows()
    return Fit(
        "live", "ab" * 32, "did('meeting_booked')", *times, False, everybody=everybody(counts), had_converted=counts.had_converted, excluded=counts.excluded,
        bands=bands(counts), grades=[], concordance=concordance(pairs), rules=lifts(counts, BY), line=2500, segments=segments(counts),
    )  # fmt: skip


def test_slices_add_up_and_who_is_left_out_is_counted_apart(fit: Fit) -> None:
    assert (fit.everybody, fit.excluded, fit.had_converted) == (Share(500, 90), Share(7, 1), 3)
    assert [(band.name, band.share.leads, band.share.converted) for band in fit.bands] == [("-10 to 0", 100, 10), ("0 to 10", 300, 30), ("40 to 50", 100, 50)]


def test_a_rule_lifts_where_those_it_gave_to_convert_more(fit: Fit) -> None:
    decides, dislikes, never = fit.rules

    assert (decides.given, decides.others, decides.verdict) == (Share(100, 50), Share(400, 40), Verdict.LIFTS)
    assert decides.lift == pytest.approx(0.4)
    assert decides.interval.low > 0.29
    assert (dislikes.verdict, dislikes.is_contrary, dislikes.points) == (Verdict.LOWERS, False, -500)
    assert (never.verdict, never.lift) == (Verdict.UNUSED, None)


def test_only_rules_that_met_both_kinds_are_asked_at_once(fit: Fit) -> None:
    decides, dislikes, never = fit.rules

    assert dislikes.adjusted == pytest.approx(max(dislikes.chance, min(2 * decides.chance, dislikes.chance)))
    assert decides.adjusted == pytest.approx(2 * decides.chance)
    assert never.adjusted == 1


def test_a_lift_that_chance_explains_cannot_be_told_from_zero_and_is_marked() -> None:
    counts = added([counted(tried(leads(50, 6, **DECIDERS), leads(50, 5)), ["market"], 2500)])
    assert counts is not None

    decides = lifts(counts, BY)[0]

    assert decides.lift == pytest.approx(0.02)
    assert decides.verdict is Verdict.UNTOLD
    assert decides.interval.has_zero


def test_points_against_the_lift_are_said_to_be() -> None:
    counts = added([counted(tried(leads(100, 50, **GRUMBLERS), leads(100, 5)), ["market"], 2500)])
    assert counts is not None

    assert lifts(counts, BY)[1].is_contrary


def test_a_market_that_switched_a_rule_off_is_left_out_of_its_comparison() -> None:
    condition = parse_condition("country = 'JP'", FIELDS.lead, FIELDS.event, LISTS)
    by = Scoring(BOUND, (Variant("jp", condition, replace(BOUND, off=frozenset({"Decides"}))),))
    counts = added([counted(tried(leads(10, 5, **DECIDERS), leads(20, 2), leads(70, 60, market="jp")), ["market"], 2500)])
    assert counts is not None

    assert lifts(counts, by)[0].others == Share(20, 2)


def added_rule(name: str) -> dict[str, Any]:
    return {"name": name, "when": "city = 'Osaka'", "points": 9}


def test_a_rule_that_one_market_adds_is_compared_in_that_market_alone() -> None:
    condition = parse_condition("country = 'JP'", FIELDS.lead, FIELDS.event, LISTS)
    here, there = (laid_over(BOUND.card, ScoringChange.model_validate({"fit": [added_rule(name)]})) for name in ("Here", "There"))
    by = Scoring(BOUND, (Variant("jp", condition, replace(BOUND, card=here)), Variant("de", condition, replace(BOUND, card=there))))
    groups = (leads(10, 5, market="jp", reasons="3=900"), leads(20, 2, market="jp"), leads(40, 30, market="de", reasons="3=900"), leads(50, 9))
    counts = added([counted(tried(*groups), ["market"], 2500)])
    assert counts is not None

    rules = {rule.name: rule for rule in lifts(counts, by)}

    assert (rules["Here"].given, rules["Here"].others) == (Share(10, 5), Share(20, 2))
    assert (rules["There"].given, rules["There"].others) == (Share(40, 30), Share(0, 0))


def test_a_segment_is_always_low_where_surely_nearly_nobody_reaches_the_line(fit: Fit) -> None:
    fair, web = fit.segments

    assert ((fair.value, fair.is_always_low), (web.value, web.is_always_low)) == (("fair", True), ("web", False))
    assert not Segment("source", "few", 0, Share(49, 0), Share(400, 40)).is_always_low
    assert Segment("source", "as good", 0, Share(100, 10), Share(400, 40)).is_missed
    assert not Segment("source", "worse", 0, Share(1000, 0), Share(400, 200)).is_missed


def test_terminal_page_and_programs_tell_the_same(fit: Fit) -> None:
    page = re.sub(r"<[^>]+>", " ", fit_page(fit))
    told: Any = as_json(fit)

    assert headline(fit) in page
    assert rules_grid(fit).rows[0][:7] == ("Decides", "fit", "40", "100", "50.0 %", "10.0 %", "+40.0")
    assert segments_grid(fit).rows[0][:4] == ("source", "fair", "100", "0")
    assert all(sentence.split(":")[0] in page for sentence in method(fit))
    assert [rule["verdict"] for rule in told["rules"]] == ["lifts", "lowers", "gave to none or to all"]
    assert told["concordance"] == pytest.approx(fit.concordance[0] if fit.concordance else None)


def test_the_page_fetches_nothing_and_escapes_what_marketers_wrote(fit: Fit) -> None:
    page = fit_page(replace(fit, card="<script>alert(1)</script>", rules=[replace(fit.rules[0], name="<b>bold</b>")]))

    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "<script>" not in page
    assert "<b>bold" not in page


def test_a_goal_that_nobody_reached_is_said_in_words(fit: Fit) -> None:
    nobody = replace(fit, everybody=Share(500, 0), concordance=None)

    assert headline(nobody) == "Nobody converted"
    assert "Nobody converted" in fit_page(nobody)


def test_an_interval_that_leaves_the_picture_has_an_open_end() -> None:
    sure, unsure = Point("many", 0.02, Interval(0.01, 0.04)), Point("few", 0.0, Interval(0.0, 0.7))

    columns, rows = shares_chart([sure, unsure], "by score"), differences_chart([sure, unsure], "lifts")

    assert [columns.count(f'class="{kind}"') for kind in ("whisker", "whisker open")] == [1, 1]
    assert [rows.count(f'class="{kind}"') for kind in ("span bar", "span bar open")] == [1, 1]
