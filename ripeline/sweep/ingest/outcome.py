"""What became of a file: every row in exactly one count, and what else came of it."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ripeline.values import Tally

ROW_WORDS = ("imported", "merged", "corrected", "unchanged", "parked", "refused")
"""What a row can become: imported (new), merged (into a lead that knew less), corrected (an event that was no human's after all), unchanged, parked
(an event whose lead is unknown), refused."""

SHOWN = 10


@dataclass(slots=True)
class Outcome:
    """Counts of rows, counts of what they brought along, fields nobody declared by how often they came, and the first refusals.

    `refusals` quote cells: they are for the person who gave the file, and for no log.
    """

    rows: Counter[str] = field(default_factory=Counter)
    brought: Counter[str] = field(default_factory=Counter)
    undeclared: Counter[str] = field(default_factory=Counter)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    rejects: Path | None = None

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.rows + other.rows,
            self.brought + other.brought,
            self.undeclared + other.undeclared,
            (self.refusals + other.refusals)[:SHOWN],
            self.rejects or other.rejects,
        )

    @property
    def total(self) -> int:
        """Return how many rows the file had."""
        return sum(self.rows.values())

    def tally(self) -> Tally:
        """Return the counts as those of a sweep, without a word from the file."""
        return Tally(dict(self.rows) | dict(self.brought) | ({"undeclared_fields": len(self.undeclared)} if self.undeclared else {}))

    def as_record(self) -> dict[str, object]:
        """Return the outcome for a program."""
        return {
            "rows": self.total,
            **{word: self.rows[word] for word in ROW_WORDS},
            "brought": dict(self.brought),
            "undeclared": dict(self.undeclared),
            "refusals": [{"line": line, "reason": reason} for line, reason in self.refusals],
            "rejects": str(self.rejects) if self.rejects else None,
        }
