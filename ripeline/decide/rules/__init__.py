"""Rule kinds. A new kind is one class in this folder, named in `Rule`."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from ripeline.decide.rules.bins import BinsRule
from ripeline.decide.rules.change import ChangeRule
from ripeline.decide.rules.levels import LevelsRule
from ripeline.decide.rules.occurrence import OccurrenceRule
from ripeline.decide.rules.rule import EventRule, LeadRule, RuleKind
from ripeline.decide.rules.sequence import SequenceRule
from ripeline.decide.rules.silence import SilenceRule
from ripeline.decide.rules.when import WhenRule

__all__ = ["KINDS", "EventRule", "LeadRule", "Rule", "RuleKind"]

KINDS: tuple[type[RuleKind], ...] = (SequenceRule, SilenceRule, ChangeRule, BinsRule, LevelsRule, OccurrenceRule, WhenRule)
"""In the order in which their marks are looked for: `when` comes last, since others have one too."""


_KNOWN = frozenset(name for kind in KINDS for name in kind.model_fields)


def _kind(value: Any) -> str | None:
    """Return the mark of the one kind that a rule is; None where it is of two kinds, or of none. A mistyped mark is told as an unknown key."""
    if isinstance(value, RuleKind):
        return value.marked_by
    keys = value if isinstance(value, dict) else {}
    marks = [kind.marked_by for kind in KINDS if kind.marked_by in keys]
    if len(marks) > 1 and marks[-1] == WhenRule.marked_by:
        marks.pop()
    if len(marks) == 1:
        return marks[0]
    return WhenRule.marked_by if not marks and not keys.keys() <= _KNOWN else None


Rule = Annotated[
    Annotated[SequenceRule, Tag("sequence")]
    | Annotated[SilenceRule, Tag("silent")]
    | Annotated[ChangeRule, Tag("changed")]
    | Annotated[BinsRule, Tag("bins")]
    | Annotated[LevelsRule, Tag("levels")]
    | Annotated[OccurrenceRule, Tag("event")]
    | Annotated[WhenRule, Tag("when")],
    Discriminator(
        _kind,
        custom_error_type="rule_of_one_kind",
        custom_error_message="a rule is of one kind, and says which by exactly one of event, sequence, silent, changed, bins and levels; or by 'when' alone.",
    ),
]
"""Any rule of a scorecard, told apart by the key that only its kind has, so that a mistake is told about that kind alone."""
