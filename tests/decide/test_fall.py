"""Falls: when age alone takes points below a boundary, to the microsecond, as scoring itself says."""

from datetime import timedelta

import pytest
from cards import NOW, ago, card, facts, views
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.decide.boundary import Boundary
from ripeline.decide.counterfactual.fall import Fall, falls
from ripeline.decide.facts import Facts
from ripeline.decide.score import score
from ripeline.decide.scorecard import BoundCard
from ripeline.decide.scoring import Scoring

MICROSECOND = timedelta(microseconds=1)


def pricing(more: str, name: str = "Pricing", points: float = 10) -> str:
    return f'[[engagement]]\nname = "{name}"\nevent = "page_viewed"\nwhen = "path = \'/pricing\'"\npoints = {points}\n{more}\n'


RULES = [
    pricing("", "For ever"),
    pricing('within = "20 days"', "In a window"),
    pricing('fades = { half_life = "7 days" }', "By half-life"),
    pricing('fades = { half_life = "30 days" }\nlimit = { points = 22 }\ngroup = "web"', "With a limit"),
    pricing('fades = { to_zero = "25 days" }\ncount = { once_per = "day" }\ngroup = "web"', "Evenly"),
    pricing('fades = { half_life = "11 days" }\nlimit = { times = 2 }', "A penalty that fades", -7),
    pricing('fades = { to_zero = "9 days" }\nwithin = "5 days"', "A penalty that ends", -12),
    '[[engagement]]\nname = "Silent"\nsilent = { event = "any", for = "30 days" }\npoints = -10\n',
]
CARDS = st.sets(st.sampled_from(RULES), min_size=1, max_size=6).map(lambda rules: card("".join(sorted(rules)) + "[group.web]\nfloor = 3\ncap = 30"))
LEADS = st.lists(st.integers(0, 40 * 24).map(lambda hours: hours / 24), min_size=1, max_size=8).map(lambda days: {"events": views("/pricing", *days)})


def fall(known: Facts, bound: BoundCard, *boundaries: Boundary) -> list[Fall]:
    return falls(known, Scoring(bound), NOW, boundaries)


def test_points_that_halve_are_below_half_a_hundredth_later_than_a_half_life() -> None:
    bound = card(pricing('fades = { half_life = "30 days" }').replace("points = 10", "points = 40"))
    (found,) = fall(facts({"events": views("/pricing", 0)}), bound, ("total", 2000))
    assert found.at is not None
    assert timedelta(0) <= found.at - ago(-30) < timedelta(minutes=30)


def test_a_boundary_that_is_not_reached_is_not_fallen_below() -> None:
    assert fall(facts({"events": views("/pricing", 0)}), card(pricing("")), ("total", 2000)) == []


def test_what_never_fades_never_falls() -> None:
    assert fall(facts({"events": views("/pricing", 0)}), card(pricing("")), ("total", 1000)) == [Fall(("total", 1000), None)]


def test_a_window_lets_points_fall_on_its_day() -> None:
    assert fall(facts({"events": views("/pricing", 10, 3)}), card(pricing('within = "30 days"')), ("total", 2000)) == [Fall(("total", 2000), ago(-20))]


def test_a_limit_holds_points_up_until_there_is_no_more_behind_it() -> None:
    bound = card(pricing('fades = { half_life = "10 days" }\nlimit = { points = 10 }'))
    (found,) = fall(facts({"events": views("/pricing", *[0] * 8)}), bound, ("total", 1000))
    assert found.at is not None
    assert timedelta(0) <= found.at - ago(-30) < timedelta(hours=2)


@pytest.mark.parametrize("boundaries", [(("total", 700), ("engagement", 1500))])
def test_falls_come_in_the_order_of_time(boundaries: tuple[Boundary, ...]) -> None:
    bound = card(pricing('fades = { to_zero = "20 days" }'))
    found = fall(facts({"events": views("/pricing", 0, 0)}), bound, *boundaries)
    assert [(each.boundary, each.at and each.at - NOW < timedelta(days=14)) for each in found] == [(boundaries[1], True), (boundaries[0], True)]


@tried(6)
@given(bound=CARDS, lead=LEADS, start=st.integers(100, 4000), shares=st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=3))
def test_scoring_says_the_same(bound: BoundCard, lead: dict[str, object], start: int, shares: list[float]) -> None:
    known, boundary = facts(lead), ("total", start)
    for found in fall(known, bound, boundary):
        end = found.at or ago(-400)
        meanwhile = [NOW + timedelta(microseconds=int((end - NOW) / MICROSECOND * share)) for share in shares]
        for at in (NOW, *meanwhile, end - MICROSECOND):
            assert score(known, bound, at)["total"].item() >= start
        if found.at is not None:
            assert score(known, bound, found.at)["total"].item() < start


FADES = st.builds('fades = {{ {} = "{} days" }}'.format, st.sampled_from(["half_life", "to_zero"]), st.integers(2, 90))


def test_a_fall_is_found_though_a_penalty_fades_beside_it() -> None:
    bound = card(pricing('fades = { half_life = "30 days" }', "Falls", 60) + pricing('fades = { half_life = "10 days" }', "Rises", -20))
    (found,) = fall(facts({"events": views("/pricing", 0)}), bound, ("total", 2500))
    assert found.at is not None
    assert timedelta(days=34) < found.at - NOW < timedelta(days=36)


def test_what_rises_as_fast_as_the_rest_falls_never_falls() -> None:
    fades = 'fades = { half_life = "9 days" }'
    bound = card(pricing("", "For ever", 40) + pricing(fades, "Falls", 0.5) + pricing(fades, "Rises", -0.5))
    assert fall(facts({"events": views("/pricing", 2)}), bound, ("total", 4000)) == [Fall(("total", 4000), None)]


@tried(12)
@given(falls=FADES, rises=FADES, takes=st.integers(5, 60), days=st.lists(st.integers(0, 40), min_size=1, max_size=4), share=st.floats(0.02, 1))
def test_a_first_fall_is_the_first_of_many_instants_scored(falls: str, rises: str, takes: int, days: list[int], share: float) -> None:
    bound = card(pricing(falls, "Falls", 60) + pricing(rises, "Rises", -takes) + pricing("", "Stays", 1))
    known = facts({"events": views("/pricing", *days)})
    start = max(1, int(score(known, bound, NOW)["total"].item() * share))
    (found,) = fall(known, bound, ("total", start))[:1] or [None]
    if found is not None:
        ages = [hours / 24 for hours in range(0, 300 * 24, 24)]
        older = facts(*({"events": views("/pricing", *(day + age for day in days))} for age in ages))
        totals = score(older, bound, NOW).sort("lead_id")["total"]
        below = next((ago(-age) for age, total in zip(ages, totals, strict=True) if total < start), None)
        assert below is None or (found.at is not None and found.at <= below)
        assert found.at is None or score(known, bound, found.at)["total"].item() < start
        assert found.at is None or score(known, bound, found.at - MICROSECOND)["total"].item() >= start
