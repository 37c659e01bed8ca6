"""How often people do something: what was seen counts as far as it was seen often, and chance does not hang on the order."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.simulate.chance import Chance
from ripeline.simulate.rates import ASSUMED_ANSWERS, ASSUMED_VISITS, Counts, first_of, rates_of, smoothed


def test_where_nothing_is_known_the_assumption_stands_and_says_so() -> None:
    rates = rates_of(Counts())

    assert rates.of_touch("case-study", "mail_clicked") == ASSUMED_ANSWERS["mail_clicked"]
    assert rates.visits.value == ASSUMED_VISITS
    assert {rate.basis.split(":")[0] for rate in rates.listed()} == {"assumed"}


def test_a_touch_that_was_sent_often_speaks_for_itself() -> None:
    rates = rates_of(Counts(sent={"case-study": 10_000, "checklist": 4}, answers={("case-study", "mail_clicked"): 2_000}))

    assert rates.of_touch("case-study", "mail_clicked") == pytest.approx(0.2, abs=0.002)
    assert rates.of_touch("checklist", "mail_clicked") == pytest.approx(0.18, abs=0.02)
    assert rates.of_touch("never-sent", "mail_clicked") == rates.pooled["mail_clicked"].value


@given(seen=st.integers(0, 10**6), of=st.integers(0, 10**6), assumed=st.floats(0, 1), weight=st.integers(1, 1000))
def test_a_rate_lies_between_what_was_seen_and_what_was_assumed(seen: int, of: int, assumed: float, weight: int) -> None:
    share = min(seen, of) / of if of else assumed

    value = smoothed("x", seen, of, assumed, weight).value

    assert min(share, assumed) - 1e-9 <= value <= max(share, assumed) + 1e-9


def test_who_visited_more_will_visit_more_and_everybody_a_little() -> None:
    rates = rates_of(Counts(visits=900, lead_days=90_000))

    assert 0 < rates.visits_a_day(0) < rates.visits_a_day(1) < rates.visits_a_day(30) < 1 / 2


@given(st.integers(0, 2**32), st.lists(st.integers(0, 2**40), min_size=1, max_size=30, unique=True))
def test_chance_hangs_on_the_key_alone(seed: int, ids: list[int]) -> None:
    chance, frame = Chance(seed), pl.DataFrame({"lead_id": ids}, {"lead_id": pl.Int64})
    forwards = frame.with_columns(draw=chance.over("lead_id", "day"))
    backwards = frame.reverse().with_columns(draw=chance.over("lead_id", "day")).reverse()

    assert forwards.equals(backwards)
    assert forwards["draw"].is_between(0, 1, closed="left").all()
    assert chance.at("lead", ids[0]) == Chance(seed).at("lead", ids[0])


def test_another_seed_is_another_chance() -> None:
    assert Chance(1).at("lead", 1) != Chance(2).at("lead", 1)


def test_of_things_that_exclude_each_other_one_happens_at_most() -> None:
    chances = [("unsubscribed", 0.1), ("mail_clicked", 0.2)]

    assert [first_of(draw, chances) for draw in (0.05, 0.15, 0.31)] == ["unsubscribed", "mail_clicked", None]
