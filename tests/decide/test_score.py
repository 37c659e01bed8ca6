"""Scores: what each kind of rule gives, what takes points away, and the laws that hold whatever the card."""

from datetime import timedelta
from fractions import Fraction

import polars as pl
import pytest
from cards import NOW, ago, card, facts, views
from hypothesis import example, given
from hypothesis import strategies as st
from laws import tried

from ripeline.decide.explain import PartKind, explain
from ripeline.decide.facts import Facts
from ripeline.decide.marks import collected, contributions
from ripeline.decide.points import divided
from ripeline.decide.rules import EventRule
from ripeline.decide.score import score


def points(text, at=NOW, **lead):
    """Return the total, in points, that a card of these lines gives a lead."""
    return score(facts(lead), card(text), at)["total"].item() / 100


def pricing(more):
    return f'[[engagement]]\nname = "Pricing"\nevent = "page_viewed"\nwhen = "path = \'/pricing\'"\npoints = 10\n{more}'


@pytest.mark.parametrize(
    ("more", "days_ago", "expected"),
    [
        pytest.param("", [1, 1, 400], 30, id="every view counts, for ever"),
        pytest.param('within = "30 days"', [29.99, 30, 31], 10, id="a window ends at its length, exactly"),
        pytest.param('fades = { half_life = "30 days" }', [0, 30, 60], 17.5, id="half after each half-life"),
        pytest.param('fades = { to_zero = "40 days" }', [0, 10, 40, 50], 17.5, id="evenly down to nothing"),
        pytest.param('fades = { half_life = "10 days" }\nwithin = "10 days"', [9, 11], 5.36, id="fading within a window"),
        pytest.param('count = { once_per = "day" }', [1, 1.1, 1.2, 2], 20, id="once a day"),
        pytest.param('count = { once_per = "week" }', [0, 1, 6], 20, id="once a week, from Monday"),
        pytest.param('count = { once_per = "day" }\nfades = { half_life = "1 day" }', [0.1, 0.4], 9.33, id="of several on a day the newest counts"),
        pytest.param("count = { at_least = 3 }", [1, 2], 0, id="two are not yet three"),
        pytest.param("count = { at_least = 3 }", [1, 2, 3], 30, id="with the third, all count"),
        pytest.param('count = { at_least = 2, once_per = "day" }', [1, 1], 0, id="twice on one day is one day"),
        pytest.param('count = { first = true }\nfades = { half_life = "10 days" }', [1, 10], 5, id="only the first time"),
        pytest.param("limit = { points = 15 }", [1, 2, 3], 15, id="no more points than the limit"),
        pytest.param('limit = { times = 2 }\nfades = { half_life = "10 days" }', [0, 10, 20], 15, id="no more times than the limit, the newest"),
    ],
)
def test_an_engagement_rule_counts_as_it_says(more, days_ago, expected):
    assert points(pricing(more), events=views("/pricing", *days_ago)) == expected


def test_points_may_be_given_by_the_size_of_a_property():
    rule = '[[engagement]]\nname = "Reading"\nevent = "page_viewed"\npoints = { give = 1, per = 60, of = "seconds" }'
    events = [("page_viewed", NOW, {"seconds": seconds}) for seconds in (90.0, None, -50.0, 1.0, float("nan"))]
    assert points(rule, events=events) == 1.52


def test_an_absurd_property_does_not_drown_a_lead():
    rule = '[[engagement]]\nname = "Reading"\nevent = "page_viewed"\npoints = { give = 1, per = 1, of = "seconds" }'
    assert points(rule, events=[("page_viewed", NOW, {"seconds": 1e300}), ("page_viewed", NOW, {"seconds": float("inf")})]) == 20_000


def test_different_values_of_a_property_count_once_each():
    rule = '[[engagement]]\nname = "Papers"\nevent = "asset_downloaded"\npoints = 5\ncount = { distinct = "asset" }'
    assert points(rule, events=[("asset_downloaded", ago(day), {"asset": asset}) for day, asset in enumerate("aab")]) == 10


BINS = """
[[fit]]
name = "Size"
number = "employees"
bins = [{ to = 9, points = -5 }, { from = 50, to = 500, points = 10 }, { from = 501, points = 4 }]
missing = 1
"""


@pytest.mark.parametrize(("employees", "expected"), [(9, -5), (10, 0), (50, 10), (500, 10), (501, 4), (None, 1)])
def test_bins_give_points_by_range_and_a_missing_number_is_its_own(employees, expected):
    assert points(BINS, employees=employees) == expected


def test_bins_may_ask_how_often_something_happened():
    rule = """
[[engagement]]
name = "Visits"
number = "times('page_viewed', within = '7 days')"
bins = [{ from = 2, to = 3, points = 4 }, { from = 4, points = 9 }]
"""
    assert points(rule, events=views("/a", 1, 2, 8)) == 4


SEQUENCE = """
[[engagement]]
name = "Product, pricing, contact"
sequence = [
  { event = "page_viewed", when = "path LIKE '/product%'" },
  { event = "page_viewed", when = "path = '/pricing'" },
  { event = "form_sent", when = "form = 'contact'" },
]
within = "7 days"
points = 20
"""


@pytest.mark.parametrize(
    ("product", "price", "contact", "expected"),
    [
        pytest.param([3], [2], [1], 20, id="in order"),
        pytest.param([2], [3], [1], 0, id="out of order"),
        pytest.param([9], [2], [1], 0, id="over too long a time"),
        pytest.param([8], [4], [1], 20, id="in exactly the span"),
        pytest.param([9, 3], [8, 2], [1], 20, id="begun twice, the later beginning counts"),
        pytest.param([3], [2], [], 0, id="not finished"),
        pytest.param([20, 3], [19, 2], [18, 1], 20, id="done twice, given once"),
    ],
)
def test_a_sequence_gives_points_once_it_happened_in_order(product, price, contact, expected):
    events = [*views("/product/x", *product), *views("/pricing", *price), *(("form_sent", ago(days), {"form": "contact"}) for days in contact)]
    assert points(SEQUENCE, events=events) == expected


def test_an_event_does_not_follow_itself():
    text = '[[engagement]]\nname = "Twice"\nsequence = [{ event = "page_viewed" }, { event = "page_viewed" }]\nwithin = "7 days"\npoints = 5'
    assert points(text, events=views("/a", 1)) == 0
    assert points(text, events=views("/a", 1, 1)) == 5


SILENT = '[[engagement]]\nname = "Silent"\nsilent = { event = "any", for = "30 days" }\npoints = -10'


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        pytest.param({"events": views("/a", 29)}, 0, id="seen 29 days ago"),
        pytest.param({"events": views("/a", 30)}, -10, id="seen 30 days ago"),
        pytest.param({"created_at": ago(31)}, -10, id="never seen, known for a month"),
        pytest.param({"created_at": ago(29)}, 0, id="never seen, known for a shorter time"),
        pytest.param({"events": [*views("/a", 40), ("mail_sent", ago(2))]}, -10, id="a mail of ours is no sign of life"),
    ],
)
def test_silence_costs_points(lead, expected):
    assert points(SILENT, **lead) == expected


def test_a_change_of_an_attribute_gives_points_while_its_condition_holds():
    text = '[[engagement]]\nname = "Left"\nchanged = "company"\nwhen = "in_list(email_domain, \'competitors\')"\npoints = -30'
    moved = {"changes": [("company", ago(5)), ("company", ago(3))]}
    assert points(text, email_domain="rival.example", **moved) == -30
    assert points(text, email_domain="friend.example", **moved) == 0


GROUPED = pricing('group = "web"') + '\n[[engagement]]\nname = "Vacancies"\nevent = "page_viewed"\nwhen = "path = \'/careers\'"\npoints = -4\ngroup = "web"\n'


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        pytest.param("[group.web]\ncap = 12", 12, id="a group's cap"),
        pytest.param("[group.web]\nfloor = 17", 17, id="a group's floor"),
        pytest.param("[group.web]\ncap = 50\n[total]\ncap = 10", 10, id="the total's cap"),
        pytest.param("[group.web]\ncap = 50\n[total]\nfloor = 20", 20, id="the total's floor"),
    ],
)
def test_groups_and_totals_are_held_within_bounds(bounds, expected):
    assert points(GROUPED + bounds, events=[*views("/pricing", 1, 2), *views("/careers", 1)]) == expected


def test_an_exclusion_wins_over_any_sum():
    text = pricing("") + '\n[[exclude]]\nname = "Student"\nwhen = "seniority = \'student\'"\n'
    row = score(facts({"seniority": "student", "events": views("/pricing", 1)}), card(text), NOW).row(0, named=True)
    assert (row["fit"], row["engagement"], row["total"], row["grade"], row["excluded"]) == (0, 0, 0, "D4", "Student")
    assert row["reasons"] == "0=1000"


@pytest.mark.parametrize(("fit", "expected"), [(40, "A4"), (39.99, "B4"), (25, "B4"), (10, "C4"), (9.99, "D4"), (-5, "D4")])
def test_the_grade_comes_from_the_bands(fit, expected):
    text = f'[[fit]]\nname = "All"\nwhen = "country IS NULL"\npoints = {fit}'
    assert score(facts({}), card(text), NOW)["grade"].item() == expected


def test_many_leads_are_scored_like_each_alone():
    leads = [{"employees": size, "events": views("/pricing", *range(size % 5))} for size in (0, 49, 50, 502, 501)]
    text = BINS + "\n" + pricing("limit = { points = 15 }")
    together = score(facts(*leads), card(text), NOW)["total"].to_list()
    assert together == [score(facts(lead), card(text), NOW)["total"].item() for lead in leads]


READING = '[[engagement]]\nname = "Reading"\nevent = "page_viewed"\npoints = {{ give = {give}, per = {per}, of = "seconds" }}'


@tried(30)
@given(seconds=st.integers(0, 3000), give=st.integers(1, 3), per=st.integers(1, 400), others=st.integers(0, 9))
@example(seconds=17, give=1, per=40, others=0)  # 42.5 hundredths
@example(seconds=17, give=1, per=40, others=8)
def test_points_by_size_are_rounded_half_to_even_whoever_else_is_scored(seconds, give, per, others):
    lead = {"events": [("page_viewed", NOW, {"seconds": float(seconds)})]}

    totals = score(facts(*[lead] * (1 + others)), card(READING.format(give=give, per=per)), NOW)["total"]

    assert totals.unique().to_list() == [round(Fraction(seconds * give * 100, per))]


@tried(30)
@given(points_=st.integers(1, 40), days=st.integers(1, 90), hours=st.integers(0, 100 * 24), others=st.integers(0, 9))
@example(points_=3, days=25, hours=119, others=0)  # 240.5 hundredths
@example(points_=3, days=25, hours=119, others=8)
def test_what_goes_evenly_to_zero_is_rounded_half_to_even_whoever_else_is_scored(points_, days, hours, others):
    rule = pricing(f'fades = {{ to_zero = "{days} days" }}').replace("points = 10", f"points = {points_}")
    lead = {"events": views("/pricing", hours / 24)}

    totals = score(facts(*[lead] * (1 + others)), card(rule), NOW)["total"]

    assert totals.unique().to_list() == [round(Fraction(points_ * 100 * max(0, days * 24 - hours), days * 24))]


@given(amounts=st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=9), by=st.floats(0.001, 1e15))
def test_a_division_comes_out_alike_in_frames_of_any_size(amounts, by):
    assert pl.DataFrame({"amount": amounts}).select(divided(pl.col("amount"), by)).to_series().to_list() == [amount / by for amount in amounts]


RULES = [
    pricing(""),
    pricing('within = "20 days"').replace("Pricing", "Pricing lately"),
    pricing('fades = { half_life = "7 days" }').replace("Pricing", "Pricing fading"),
    pricing('fades = { half_life = "30 days" }\nlimit = { points = 22 }\ngroup = "web"').replace("Pricing", "Pricing limited"),
    pricing('fades = { to_zero = "25 days" }\ncount = { once_per = "day" }\ngroup = "web"').replace("Pricing", "Pricing by day"),
    pricing('fades = { half_life = "11 days" }\nlimit = { times = 2 }').replace("points = 10", "points = -7").replace("Pricing", "Pricing bad"),
    pricing('within = "15 days"\ncount = { at_least = 3 }\nlimit = { times = 2 }').replace("Pricing", "Pricing thrice"),
    pricing('within = "9 days"\ncount = { first = true }').replace("Pricing", "Pricing first"),
    pricing('fades = { half_life = "5 days" }\ncount = { distinct = "seconds" }').replace("Pricing", "Pricing distinct"),
    '[[engagement]]\nname = "Reading"\nevent = "page_viewed"\npoints = { give = 3, per = 60, of = "seconds" }\nfades = { to_zero = "60 days" }',
    "[[engagement]]\nname = \"Often\"\nnumber = \"times('page_viewed', within = '12 days')\"\nbins = [{ from = 2, points = 6.5 }]",
    """
[[engagement]]
name = "Long ago"
number = "days_since('page_viewed')"
bins = [{ to = 6, points = 5 }, { from = 7, to = 20, points = 2 }]
missing = 1
""",
    SEQUENCE.replace("points = 20", 'points = 20\nfades = { half_life = "9 days" }'),
    SILENT,
    BINS,
    '[[engagement]]\nname = "Moved"\nchanged = "company"\nwithin = "14 days"\npoints = 8',
]
CARDS = st.builds(
    lambda rules, extra: card("\n".join([*sorted(rules, key=RULES.index), "[group.web]\nfloor = 3\ncap = 30", *extra]), BOUNDARIES),
    st.sets(st.sampled_from(RULES), min_size=1, max_size=6),
    st.lists(st.sampled_from(["[total]\nfloor = 0\ncap = 60", '[[exclude]]\nname = "Big"\nwhen = "employees > 500"']), unique=True),
)
BOUNDARIES = frozenset({("total", 500), ("total", 2500), ("total", 5000)})
EVENTS = st.one_of(
    st.tuples(
        st.just("page_viewed"),
        st.integers(0, 40 * 24).map(lambda hours: ago(hours / 24)),
        st.fixed_dictionaries({"path": st.sampled_from(["/pricing", "/pricing", "/product/x"]), "seconds": st.sampled_from([None, 30.0, 200.0])}),
    ),
    st.tuples(st.just("form_sent"), st.integers(0, 40).map(ago), st.just({"form": "contact"})),
)
LEADS = st.fixed_dictionaries(
    {"created_at": st.integers(0, 50).map(ago), "employees": st.sampled_from([None, 9, 50, 501]), "events": st.lists(EVENTS, max_size=12)},
    optional={"changes": st.lists(st.tuples(st.just("company"), st.integers(0, 20).map(ago)), max_size=2)},
)


@tried(20)
@given(bound=CARDS, lead=LEADS)
def test_the_parts_sum_to_the_total_exactly(bound, lead):
    known = facts(lead)
    why, row = explain(known, bound, NOW), score(known, bound, NOW).row(0, named=True)

    assert sum(part.points for part in why.parts) == why.total == row["total"]
    assert all(sum(each.given for each in part.evidence) == part.points for part in why.parts if part.evidence)
    assert (why.fit, why.engagement, why.grade, why.excluded, why.reasons) == (row["fit"], row["engagement"], row["grade"], row["excluded"], row["reasons"])
    if not any(part.kind in (PartKind.GROUP, PartKind.BOUNDS, PartKind.EXCLUSION) and part.points for part in why.parts):
        assert sum(int(reason.split("=")[1]) for reason in row["reasons"].split(";") if reason) == row["total"]


@tried(20)
@given(bound=CARDS, lead=LEADS)
def test_a_rule_that_is_silent_at_a_glance_gives_nothing(bound, lead):
    known = facts(lead)
    at_a_glance = {number for number, rule in bound.rules if isinstance(rule, EventRule) and rule.is_silent(known)}

    assert all(frame.is_empty() for number, frame in collected(contributions(known, bound, NOW)).items() if number in at_a_glance)


def test_a_sequence_is_silent_while_one_of_its_steps_never_happened():
    (_, rule), *_ = card(SEQUENCE).rules
    looked = [("page_viewed", ago(days), {"path": path}) for days, path in ((3, "/product/x"), (2, "/pricing"))]

    assert rule.is_silent(facts({"events": looked}))
    assert not rule.is_silent(facts({"events": [*looked, ("form_sent", ago(1), {"form": "contact"})]}))


@tried(15)
@given(bound=CARDS, leads=st.lists(LEADS, min_size=2, max_size=6), seed=st.integers(0, 1000))
def test_the_order_of_facts_means_nothing(bound, leads, seed):
    known = facts(*leads)
    shuffled = Facts(*(frame.sample(fraction=1, shuffle=True, seed=seed) for frame in (known.leads, known.events, known.changes)))
    assert score(shuffled, bound, NOW).equals(score(known, bound, NOW))


def _verdict(bound, row):
    return row["grade"], row["excluded"], tuple(row["total"] >= start for _, start in sorted(bound.boundaries))


@tried(20)
@given(bound=CARDS, lead=LEADS, share=st.floats(0, 1, exclude_max=True))
def test_until_its_review_a_score_passes_no_boundary(bound, lead, share):
    known = facts(lead)
    now = score(known, bound, NOW).row(0, named=True)
    horizon = (now["next_review_at"] or NOW + timedelta(days=400)) - NOW
    meanwhile = NOW + timedelta(microseconds=int(horizon / timedelta(microseconds=1) * share))

    assert _verdict(bound, score(known, bound, meanwhile).row(0, named=True)) == _verdict(bound, now)


def test_the_review_of_one_fading_rule_comes_close_to_the_crossing():
    text = pricing('fades = { half_life = "30 days" }').replace("points = 10", "points = 40")
    review = score(facts({"events": views("/pricing", 0)}), card(text), NOW)["next_review_at"].item()
    assert timedelta(days=20) < review - NOW < timedelta(days=20.4)  # 40 falls below 25 after 30 * log2(40 / 25) = 20.34 days


def test_a_review_is_not_asked_for_where_time_changes_nothing():
    assert score(facts({"events": views("/pricing", 1)}), card(pricing("")), NOW)["next_review_at"].item() is None


def test_a_million_events_of_one_lead_are_counted_like_any():
    hits = pl.DataFrame({"at": pl.datetime_range(ago(30), NOW, interval="3s", eager=True, time_unit="us")})
    known = facts({})
    events = hits.with_columns(lead_id=pl.lit(1, pl.Int64), id=pl.int_range(pl.len()), kind=pl.lit("page_viewed"), path=pl.lit("/pricing"))
    crowd = Facts(known.leads, pl.concat([known.events, events], how="diagonal_relaxed"), known.changes)
    assert score(crowd, card(pricing('count = { once_per = "day" }\nlimit = { points = 30 }')), NOW)["total"].item() == 3000


@pytest.mark.parametrize(
    ("condition", "created", "days"),
    [
        pytest.param("days_since(created_at) >= 29.5", 0, 30, id="half a day counts from the next whole one"),
        pytest.param("days_since(created_at) > 29.5", 0, 30, id="more than that too"),
        pytest.param("days_since(created_at) >= -10", -30, 20, id="days that are still to come"),
    ],
)
def test_a_review_comes_with_the_day_a_condition_turns(condition, created, days):
    bound = card(f'[[fit]]\nname = "Age"\nwhen = "{condition}"\npoints = 5')
    row = score(facts({"created_at": ago(created)}), bound, NOW).row(0, named=True)

    assert (row["fit"], row["next_review_at"]) == (0, ago(-days))
    assert score(facts({"created_at": ago(created)}), bound, ago(-days))["fit"].item() == 500


def test_a_review_comes_with_the_day_a_changed_lead_no_longer_meets_the_condition():
    text = '[[engagement]]\nname = "Moved"\nchanged = "company"\nwhen = "did(\'page_viewed\', within = \'30 days\')"\npoints = 8'
    known = facts({"changes": [("company", ago(3))], "events": views("/a", 10)})
    assert score(known, card(text), NOW)["next_review_at"].item() == ago(-20)


def test_what_was_just_scored_is_looked_at_later():
    fading = pricing('fades = { half_life = "30 days" }').replace("points = 10", "points = 25")
    review = score(facts({"events": views("/pricing", 0)}), card(fading), NOW)["next_review_at"].item()
    assert review > NOW
