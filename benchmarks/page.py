"""docs/benchmarks.md, out of the figures that are kept: every goal of the issues in its order, also where nothing was measured yet."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.goals import GOALS, Goal
from benchmarks.row import HEADS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"

OPENING = """# Benchmarks

`make bench` measures and writes this page anew; `python -m benchmarks NAME …` measures only some pieces (`--list` names them) and keeps the
others' figures, each with its day. Ratios within one run are what counts: both sides in turns on the same machine, the best of several rounds.
Nothing here is asserted in a test. Wherever two sides compute the same thing, every total is compared first: a run that finds one difference
ends without a figure.
*Stolen* is the share of all core time that the host gave to other guests meanwhile (/proc/stat); *load* is how many processes wanted to run;
*pace* is how many million turns of an empty Python loop the machine made a second: rates by the clock rise and fall with it, ratios much less."""


def page(figures: Sequence[Figure]) -> str:
    """Return the page."""
    machines = sorted({each.taken.machine for each in figures})
    parts = [OPENING, "Measured on: " + "; ".join(machines) + "." if machines else "Nothing was measured yet.", *_verdicts(figures)]
    for issue, goals in groupby(GOALS, lambda goal: goal.issue):
        parts.append(f"## Asked by issue {issue}")
        parts += [part for goal in goals for part in _section(goal, [each for each in figures if each.row.goal == goal])]
    return "\n\n".join(parts) + "\n"


def _verdicts(figures: Sequence[Figure]) -> Iterator[str]:
    told = {goal: verdict([each for each in figures if each.row.goal == goal]) for goal in GOALS}
    yield "\n".join(["| goal | issue | |", "|---|---|---|", *(f"| {goal.name} | {goal.issue} | {told[goal]} |" for goal in GOALS)])


def verdict(figures: Sequence[Figure]) -> str:
    """Return in a word what became of one goal."""
    asked = [each.row.is_met for each in figures if each.row.is_met is not None]
    if not asked:
        return "not measured yet"
    missed = asked.count(False)
    told = "met" if not missed else f"missed in {missed} of {len(asked)} rows"
    is_whole = any(each.row.goal.size in each.row.what for each in figures)
    return told if is_whole else f"{told}, at smaller sizes only"


def _section(goal: Goal, figures: Sequence[Figure]) -> Iterator[str]:
    yield f"**{goal.name}**: {goal.asked}."
    if not figures:
        yield "Not measured yet."
        return
    lines = ["| " + " | ".join((*HEADS, "measured")) + " |", "|" + "---|" * (len(HEADS) + 1)]
    yield "\n".join(lines + ["| " + " | ".join((*each.row.cells(), str(each.taken))) + " |" for each in figures])
