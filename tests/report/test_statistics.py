"""The statistics of reports against published values, and the laws they must keep."""

from math import comb, exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripeline.report.statistics import (
    benjamini_hochberg,
    chance_of_difference,
    chance_of_split,
    chi_square_tail,
    concordance,
    fisher,
    newcombe,
    wilson,
)

COUNTS = st.tuples(st.integers(1, 300), st.integers(1, 300)).flatmap(
    lambda trials: st.tuples(st.integers(0, trials[0]), st.just(trials[0]), st.integers(0, trials[1]), st.just(trials[1]))
)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
)
def test_a_share_has_the_interval_that_newcombe_prints_for_wilson(hits: int, trials: int, low: float, high: float) -> None:
    """Newcombe 1998, Statist. Med. 17, 857, table I, method 3."""
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_tried_nothing_is_known() -> None:
    assert (wilson(0, 0), newcombe(0, 0, 3, 9), chance_of_difference(0, 0, 3, 9)) == ((0, 1), (-1, 1), 1)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_has_the_interval_that_newcombe_prints(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """Newcombe 1998, Statist. Med. 17, 873, table II, method 10."""
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


@given(COUNTS)
def test_a_difference_the_other_way_round_is_its_mirror(counts: tuple[int, int, int, int]) -> None:
    hits, trials, other_hits, other_trials = counts

    there, back = newcombe(*counts), newcombe(other_hits, other_trials, hits, trials)

    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.low <= hits / trials - other_hits / other_trials <= there.high
    assert chance_of_difference(*counts) == pytest.approx(chance_of_difference(other_hits, other_trials, hits, trials))


@pytest.mark.parametrize(("cups", "chance"), [(4, 2 / 70), (3, 34 / 70), (2, 1.0)])
def test_the_lady_tasting_tea(cups: int, chance: float) -> None:
    """Fisher, The Design of Experiments, 1935: eight cups, four of each kind."""
    assert fisher(cups, 4, 4 - cups, 4) == pytest.approx(chance)


@given(st.integers(1, 25), st.integers(1, 25), st.data())
def test_fishers_chances_are_those_of_drawing_without_putting_back(trials: int, other: int, data: st.DataObject) -> None:
    hits, others = data.draw(st.integers(0, trials)), data.draw(st.integers(0, other))
    drawn = hits + others
    ways = [comb(trials, count) * comb(other, drawn - count) for count in range(max(0, drawn - other), min(trials, drawn) + 1)]

    rare = sum(way for way in ways if way <= comb(trials, hits) * comb(other, others))

    assert fisher(hits, trials, others, other) == pytest.approx(rare / comb(trials + other, drawn))


@pytest.mark.parametrize(
    ("value", "degrees", "tail"),
    [(3.841, 1, 0.05), (5.991, 2, 0.05), (7.815, 3, 0.05), (18.307, 10, 0.05), (6.635, 1, 0.01), (10.828, 1, 0.001), (16.266, 3, 0.001), (24.996, 15, 0.05)],
)
def test_chi_square_is_that_of_the_tables(value: float, degrees: int, tail: float) -> None:
    assert chi_square_tail(value, degrees) == pytest.approx(tail, rel=1e-3)


@given(st.floats(0.001, 400), st.integers(1, 40))
def test_chi_square_keeps_its_recurrence(value: float, degrees: int) -> None:
    """Q(x, k+2) = Q(x, k) + (x/2)^(k/2) e^(-x/2) / Γ(k/2+1), and Q(x, 2) = e^(-x/2)."""
    assert chi_square_tail(value, 2) == pytest.approx(exp(-value / 2))
    assert 0 <= chi_square_tail(value, degrees) <= chi_square_tail(value, degrees + 2) <= 1


def test_a_large_table_is_judged_by_chi_square_and_a_small_one_exactly() -> None:
    large = chance_of_difference(60, 200, 40, 200)
    small = chance_of_difference(3, 4, 1, 4)

    assert large == pytest.approx(chi_square_tail(400 * (60 * 160 - 40 * 140) ** 2 / (200 * 200 * 100 * 300), 1))
    assert small == pytest.approx(fisher(3, 4, 1, 4))


def test_discoveries_are_those_of_benjamini_and_hochbergs_own_example() -> None:
    """Their 1995 paper, section 4.1: of fifteen hypotheses four are rejected at 0.05, where Bonferroni rejects three."""
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]

    adjusted = benjamini_hochberg(list(reversed(chances)))[::-1]

    assert [chance <= 0.05 for chance in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[:5] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603])


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusting_never_makes_a_chance_smaller_nor_changes_the_order(chances: list[float]) -> None:
    adjusted = benjamini_hochberg(chances)

    assert all(mine >= raw for mine, raw in zip(adjusted, chances, strict=True))
    order = sorted(range(len(chances)), key=chances.__getitem__)
    assert [adjusted[index] for index in order] == sorted(adjusted)


def test_a_sample_ratio_that_looks_fair_and_is_not() -> None:
    """Kohavi, Tang and Xu, Trustworthy Online Controlled Experiments, 2020, chapter 21: 0.993 for 1, at 1.6 million users."""
    assert chance_of_split([821_588, 815_482], [1, 1]) == pytest.approx(1.8e-6, rel=0.02)
    assert chance_of_split([90, 10], [9, 1]) == 1
    assert chance_of_split([7, 0], [1, 0]) == chance_of_split([0, 0], [1, 1]) == 1


def test_a_score_that_knows_nothing_is_right_half_the_time() -> None:
    alike, apart = concordance([(5, 50)]), concordance([(0, 10), (10, 0)])

    assert alike is not None
    assert alike[0] == 0.5
    assert alike[1].low < 0.25
    assert apart == (1.0, (1.0, 1.0))
    assert concordance([(3, 0)]) is None


def test_concordance_has_the_error_of_hanley_and_mcneils_own_example() -> None:
    """Their 1982 paper, tables I and II: 58 normal and 51 abnormal images, an area of 0.893 with a standard error of 0.032."""
    ratings = [(3, 33), (2, 6), (2, 6), (11, 11), (33, 2)]

    found = concordance(ratings)

    assert found is not None
    assert found[0] == pytest.approx(0.893, abs=5e-4)
    assert (found[1].high - found[1].low) / 2 / 1.96 == pytest.approx(0.032, abs=1e-3)
