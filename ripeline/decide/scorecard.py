"""Scorecards: rules and thresholds as a marketer writes them, playbook/scoring/*.toml."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Self

from pydantic import Field, model_validator

from ripeline.decide.bands import USUAL, Bands
from ripeline.decide.chance import Probability
from ripeline.decide.condition import Condition
from ripeline.decide.entry import Entry, misplaced
from ripeline.decide.facts import Needs
from ripeline.decide.feature import Feature
from ripeline.decide.fields import Fields
from ripeline.decide.points import Points
from ripeline.decide.problem import Place
from ripeline.decide.rules import Rule
from ripeline.decide.rules.rule import Section
from ripeline.decide.vocabulary import Question, Vocabulary, features_of, needs_of

FORMULA = 1
"""Raised whenever the same card and facts would give other points than before: stored scores are then computed anew."""


UNSCORED = {"title", "example", "probability"}
"""Keys of a card that no stored score hangs on."""


class Bounds(Entry):
    """Between which sums points are held. None: no bound."""

    floor: Points | None = None
    cap: Points | None = None

    @model_validator(mode="after")
    def _floor_is_below_cap(self) -> Self:
        if self.floor is not None and self.cap is not None and self.floor >= self.cap:
            raise ValueError("floor is not below cap: nobody could lie between them")
        return self


class Exclusion(Entry):
    """What wins over any sum: a lead for whom `when` holds has no points, and the worst grade."""

    name: str = Field(min_length=1, max_length=120)
    when: str

    @property
    def question(self) -> Question:
        return Question(("when",), self.when)


class Example(Entry):
    """A lead as the card's author thinks of one: attributes, `events` and `changes` under `given`, and what must come out under `expect`."""

    name: str
    given: dict[str, Any]
    expect: dict[str, Any] = Field(min_length=1)


class Scorecard(Entry):
    """A whole card. Rules are numbered from 0, those of `fit` first."""

    title: str
    fit: tuple[Rule, ...] = ()
    engagement: tuple[Rule, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    group: Mapping[str, Bounds] = Field(default_factory=dict)
    total: Bounds = Bounds()
    bands: Bands = USUAL
    probability: Probability | None = None
    example: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        seen: set[str] = set()
        for place, name in self.names():
            if name in seen:
                raise misplaced(place, f"two rules are called '{name}': sales reads these names, so let each say what only it means")
            seen.add(name)
        return self

    def names(self) -> Iterator[tuple[Place, str]]:
        """Yield the name of each rule and exclusion, and where it stands."""
        yield from (((section, position, "name"), rule.name) for section, position, rule in self.placed())
        yield from ((("exclude", position, "name"), each.name) for position, each in enumerate(self.exclude))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return all rules; a rule's position is its number."""
        return (*self.fit, *self.engagement)

    def placed(self) -> Iterator[tuple[Section, int, Rule]]:
        """Yield (section, position in it, rule), in the order of `rules`."""
        yield from (("fit", position, rule) for position, rule in enumerate(self.fit))
        yield from (("engagement", position, rule) for position, rule in enumerate(self.engagement))


@dataclass(frozen=True)
class BoundCard:
    """A card bound to what its words mean, ready to score.

    `boundaries` are (`fit`, `engagement` or `total`, hundredths B) where somebody outside the card asks whether `points >= B`:
    thresholds of stages, tracks and hand-off. They decide when a score must be looked at again. Rules named in `off` give nothing:
    a market switched them off, and the numbers of the others stay.
    """

    card: Scorecard
    words: Vocabulary
    boundaries: frozenset[tuple[str, int]] = frozenset()
    off: frozenset[str] = frozenset()

    @cached_property
    def exclusions(self) -> list[Condition]:
        return [self.words.read(each.question) for each in self.card.exclude]

    @cached_property
    def rules(self) -> list[tuple[int, Rule]]:
        """Return the rules that count, with their numbers."""
        return [(number, rule) for number, rule in enumerate(self.card.rules) if rule.name not in self.off]

    @cached_property
    def features(self) -> list[Feature]:
        """Return every feature that rules about leads and exclusions stand on."""
        return [feature for _, rule in self.rules for feature in rule.features(self.words)] + features_of(self.exclusions)

    @cached_property
    def needs(self) -> Needs:
        """Return what scoring asks of the facts."""
        return reduce(lambda left, right: left | right, (rule.needs(self.words) for _, rule in self.rules), needs_of(self.exclusions))

    @cached_property
    def version(self) -> str:
        """Return 128 bits of BLAKE2b over all that a stored score hangs on: the card, its lists, its fields, the boundaries."""
        told = {
            "formula": FORMULA,
            "card": self.card.model_dump(mode="json", by_alias=True, exclude=UNSCORED),
            "lists": {name: sorted(entries) for name, entries in sorted(self.words.lists.items()) if name in repr(self.card)},
            "types": {name: [each.type, *each.choices] for name, each in sorted(self.words.fields.lead.items()) if name in self.needs.attributes},
            "properties": sorted(
                (kind, name, each.type) for kind, known in self.words.fields.event.items() for name, each in known.items() if name in self.needs.properties
            ),
            "boundaries": sorted(self.boundaries),
            "off": sorted(self.off),
        }
        return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()


def bind(card: Scorecard, fields: Fields, lists: Mapping[str, frozenset[str]], boundaries: frozenset[tuple[str, int]] = frozenset()) -> BoundCard:
    """Return `card` ready to score; a card that `check_scorecard` finds fault with raises BadCondition when it is used."""
    return BoundCard(card, Vocabulary(fields, lists), boundaries)
