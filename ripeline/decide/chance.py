"""The link from a total to a chance: points as odds, the way scorecards are written since credit was scored."""

from pydantic import Field

from ripeline.decide.entry import Entry
from ripeline.decide.points import Points

MOST_DOUBLINGS = 1_000.0
SURE = 0.9995


class Probability(Entry):
    """What totals mean: with `at` points the chance is `base`, and every `doubles` points more double the odds. `of` says the chance of what.

    The odds of a chance p are p / (1 - p): doubled odds are not a doubled chance, and no total makes it 0 or 1.
    """

    base: float = Field(gt=0, lt=1)
    at: Points = 0
    doubles: Points = Field(gt=0)
    of: str = Field(min_length=1, max_length=120)

    def chance(self, total: int) -> float:
        """Return the chance that goes with a total in hundredths, between 0 and 1."""
        doublings = min(max((total - self.at) / self.doubles, -MOST_DOUBLINGS), MOST_DOUBLINGS)
        odds: float = self.base / (1 - self.base) * 2.0**doublings
        return odds / (1 + odds) if odds < 1 else 1 / (1 + 1 / odds)


def chance_told(chance: float) -> str:
    """Return a chance in words. What is nearly sure is never told as sure: rounding would make an outcome of it."""
    if chance >= SURE:
        return "over 99.9 %"
    return "under 0.1 %" if chance <= 1 - SURE else f"{chance * 100:.1f} %"
