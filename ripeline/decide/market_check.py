"""What a check finds wrong between markets: two of equal priority that want the same lead."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from ripeline.decide.condition import Condition
from ripeline.decide.fields import Field
from ripeline.decide.market import Market
from ripeline.decide.possible import Lists, in_words, possible_leads
from ripeline.decide.problem import Problem


def check_overlaps(
    markets: Mapping[str, Market], conditions: Mapping[str, Condition], fields: Mapping[str, Field], lists: Lists
) -> Iterator[tuple[str, Problem]]:
    """Yield (market, problem) for each pair of equal priority that may both hold of one lead; the second of them by name is told, as a warning.

    `conditions` are those that can be read. A lead still has one market: the first by name.
    """
    for one, other in combinations(sorted(conditions), 2):
        if markets[one].priority == markets[other].priority:
            shared = shared_lead(conditions[one], conditions[other], fields, lists)
            if shared is not None:
                what = f"market '{other}' and market '{one}' have priority {markets[one].priority} and may want the same lead, such as one with {shared}."
                yield other, Problem(("priority",), what, "Give one of them a higher priority; until then the first by name has it.", is_warning=True)


def shared_lead(one: Condition, other: Condition, fields: Mapping[str, Field], lists: Lists) -> str | None:
    """Return a lead of whom both conditions hold, in words; None where none was found."""
    found = possible_leads([one, other], fields, lists).filter(one.holds, other.holds).head(1)
    return in_words(found.row(0, named=True)) if found.height else None
