"""A finding: what is off in the playbook, where, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ripeline.values import Refusal


@dataclass(frozen=True, order=True)
class Finding:
    """One line of `ripeline check`. A warning does not stop anything; `line` 0 means the whole file."""

    path: str
    line: int
    what: str
    remedy: str = ""
    is_warning: bool = False

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where:<40}  {'warning: ' if self.is_warning else ''}{self.what}{' ' + self.remedy if self.remedy else ''}"


class Unfit(Refusal):
    """The playbook has mistakes; `findings` are all of them, warnings included. `unseen`: a sentence on what was not looked at."""

    def __init__(self, findings: Sequence[Finding], unseen: str = "") -> None:
        self.findings = sorted(findings)
        mistakes = [finding for finding in self.findings if not finding.is_warning]
        listed = "\n".join([*(str(finding) for finding in self.findings), *([unseen] if unseen else [])])
        super().__init__(f"the playbook has {len(mistakes)} mistake{'' if len(mistakes) == 1 else 's'}; what is live stays live:\n{listed}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that offers the nearest known word, or an empty one."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else ""
