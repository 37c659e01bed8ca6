"""The statistics that reports stand on: plain functions of counts, each with the paper it follows.

Nothing here is fitted or simulated: the same counts give the same figures on every machine.
"""

from collections.abc import Iterable, Sequence
from math import erfc, exp, lgamma, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95
"""Of how many intervals, in the long run, the true value lies inside."""

FALSE_DISCOVERIES = 0.05
"""Of those called different from zero, at most so great a share is expected not to be."""

SUSPICIOUS_RATIO = 0.001
"""Below this a split cannot be chance: the usual line for sample ratios (Fabijan et al., KDD 2019), far below 0.05, since every report asks."""

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_SMALL_CELL = 5  # Cochran 1954: below this the chi-square distribution is a poor guide
_ROUNDING = 1 + 1e-7


class Interval(NamedTuple):
    """Between which values the true one lies, at the CONFIDENCE stated above."""

    low: float
    high: float

    @property
    def has_zero(self) -> bool:
        """Tell whether the true value may be zero."""
        return self.low <= 0 <= self.high


def share_of(hits: int, trials: int) -> float | None:
    """Return the observed share; None where nothing was tried."""
    return hits / trials if trials else None


def wilson(hits: int, trials: int) -> Interval:
    """Return the score interval of a share (Wilson, JASA 22, 1927); of nothing tried, nothing is known: 0 to 1."""
    if not trials:
        return Interval(0.0, 1.0)
    share, square = hits / trials, _Z * _Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return Interval(max(middle - half, 0.0) if hits else 0.0, min(middle + half, 1.0) if hits < trials else 1.0)


def newcombe(hits: int, trials: int, other_hits: int, other_trials: int) -> Interval:
    """Return the interval of the first share less the other one, from their two score intervals (Newcombe, Statist. Med. 17, 1998, method 10)."""
    if not trials or not other_trials:
        return Interval(-1.0, 1.0)
    share, other = hits / trials, other_hits / other_trials
    mine, theirs = wilson(hits, trials), wilson(other_hits, other_trials)
    below = sqrt((share - mine.low) ** 2 + (theirs.high - other) ** 2)
    above = sqrt((mine.high - share) ** 2 + (other - theirs.low) ** 2)
    return Interval(share - other - below, share - other + above)


def chance_of_difference(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """Return how likely shares that are truly equal would differ as much as these: the p-value, two-sided.

    Pearson's chi-square without correction; Fisher's exact test where a cell would be expected below 5. 1 where there is nothing to compare.
    """
    every, all_hits = trials + other_trials, hits + other_hits
    if not trials or not other_trials or all_hits in (0, every):
        return 1.0
    if min(trials, other_trials) * min(all_hits, every - all_hits) < _SMALL_CELL * every:
        return fisher(hits, trials, other_hits, other_trials)
    apart = hits * (other_trials - other_hits) - other_hits * (trials - hits)
    return chi_square_tail(every * apart * apart / (trials * other_trials * all_hits * (every - all_hits)), 1)


def fisher(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """Return the two-sided p-value of Fisher's exact test: all tables with these margins that are no likelier than the one seen."""
    all_hits = hits + other_hits
    possible = range(max(0, all_hits - other_trials), min(trials, all_hits) + 1)
    whole = _log_choose(trials + other_trials, all_hits)
    chances = [exp(_log_choose(trials, count) + _log_choose(other_trials, all_hits - count) - whole) for count in possible]
    seen = chances[hits - possible.start]
    return min(sum(chance for chance in chances if chance <= seen * _ROUNDING), 1.0)


def _log_choose(among: int, chosen: int) -> float:
    return lgamma(among + 1) - lgamma(chosen + 1) - lgamma(among - chosen + 1)


def chi_square_tail(value: float, degrees: int) -> float:
    """Return the chance of a chi-square variable of so many degrees of freedom being at least `value` (Abramowitz and Stegun 26.4.4, 26.4.5)."""
    if value <= 0:
        return 1.0
    half = value / 2
    start = 0.0 if degrees % 2 == 0 else erfc(sqrt(half))
    powers = [number / 2 for number in range(degrees % 2, degrees, 2)]
    return min(start + sum(exp(power * log(half) - half - lgamma(power + 1)) for power in powers), 1.0)


def benjamini_hochberg(chances: Sequence[float]) -> list[float]:
    """Return p-values adjusted for how many questions were asked at once (Benjamini and Hochberg, JRSS B 57, 1995), in the same order.

    Those at or below FALSE_DISCOVERIES are discoveries at that false discovery rate.
    """
    adjusted, least = [1.0] * len(chances), 1.0
    for rank, index in sorted(enumerate(sorted(range(len(chances)), key=chances.__getitem__), start=1), reverse=True):
        least = min(least, chances[index] * (len(chances) / rank))
        adjusted[index] = least
    return adjusted


def chance_of_split(seen: Sequence[int], expected: Sequence[float]) -> float:
    """Return how likely a fair draw would stray as far from the `expected` counts (any scale) as those `seen`: Pearson's goodness of fit.

    1 where there is no choice to judge: fewer than two arms that expect anybody, or nobody drawn.
    """
    arms = [(count, weight) for count, weight in zip(seen, expected, strict=True) if weight > 0]
    drawn, weights = sum(count for count, _ in arms), sum(weight for _, weight in arms)
    if len(arms) < 2 or not drawn:
        return 1.0
    return chi_square_tail(sum((count - drawn * weight / weights) ** 2 / (drawn * weight / weights) for count, weight in arms), len(arms) - 1)


def concordance(counts: Iterable[tuple[int, int]]) -> tuple[float, Interval] | None:
    """Return how often one who converted had scored higher than one who did not, ties counted half (the area under the ROC curve), and its interval.

    `counts` are (converted, not converted) at each score, the lowest score first. Interval by Hanley and McNeil (Radiology 143, 1982). None
    where there is nobody of one kind.
    """
    pairs = list(counts)
    hits, misses = sum(hit for hit, _ in pairs), sum(miss for _, miss in pairs)
    if not hits or not misses:
        return None
    below, won = 0, 0.0
    for hit, miss in pairs:
        won += hit * (below + miss / 2)
        below += miss
    area = won / (hits * misses)
    twice_hit, twice_miss = area / (2 - area), 2 * area * area / (1 + area)
    spread = area * (1 - area) + (hits - 1) * (twice_hit - area * area) + (misses - 1) * (twice_miss - area * area)
    half = _Z * sqrt(max(spread, 0.0) / (hits * misses))
    return area, Interval(max(area - half, 0.0), min(area + half, 1.0))
