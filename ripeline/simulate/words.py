"""The words of a simulation: what terminal and page both say, so that they cannot disagree."""

from collections.abc import Mapping
from datetime import date

from ripeline.report.words import STAGES, plain
from ripeline.simulate.figures import Figures
from ripeline.simulate.run import Outcome

KEPT_BACK = ("cap of ", "gap of ")
"""What begins so was put off by a frequency cap."""

METHOD = (
    "The sweeps are the live ones, run on a private copy at every instant at which something was due; news, scores, tracks and hand-offs were "
    "judged at full steps (`--step`), and mails left at their own (`--mail-step`). Nothing was sent, and letters were not composed: `ripeline check` "
    "finds what is wrong with them. New leads, bounces and what a mail server refuses are not simulated."
)

REACTIONS = (
    "People answer by chance, at the rates below: what the base has seen, drawn towards what is assumed as far as it has seen little. A mail gets one "
    "answer at most, between two minutes and two days later; a click begins a visit. How often somebody visits follows from that lead's own last 90 "
    "days, drawn towards everybody's; what a visit holds is drawn from all recorded visits, at their hour of the day. The same seed gives the same chances."
)


def headline(outcome: Outcome) -> str:
    """Return the one sentence to remember."""
    first = outcome.figures[0]
    days = (first.until - first.since).days
    if len(outcome.figures) > 1:
        other = outcome.figures[1]
        return f"{days} days by two playbooks: {first.mails:,} mails, or {other.mails:,}"
    return f"{first.mails:,} mails in {days} days, and none of them sent"


def period(figures: Figures) -> str:
    """Return the time, in UTC, and whose mails are told."""
    told = f", track {figures.track} alone" if figures.track else ""
    return f"{figures.since:%-d %B %Y, %H:%M} to {figures.until:%-d %B %Y, %H:%M} UTC{told}"


def collisions(figures: Figures) -> int:
    """Return how often a frequency cap put a touch off."""
    return sum(count for by, count in figures.put_off.items() if by.startswith(KEPT_BACK))


def in_difference(difference: int) -> str:
    """Return by how much two counts differ, signed: 1200 → +1,200; 0 where they do not."""
    return f"{difference:+,}".replace("-", "−") if difference else "0"


def key_figures(figures: Figures) -> list[tuple[str, int]]:
    """Return the key figures as label and value, most telling first."""
    busiest = figures.busiest
    return [
        ("mails", figures.mails),
        ("people who get any", figures.readers),
        ("mails on the busiest day", busiest[1] if busiest else 0),
        ("put off by a cap", collisions(figures)),
        ("leads that run out of touches", sum(figures.exhausted.values())),
        ("clicks", figures.clicked),
        ("unsubscribes", figures.unsubscribed),
        ("hand-offs to reps", figures.handoffs),
        ("rep-days at capacity", sum(line.days_full for line in figures.reps)),
    ]


def busiest(figures: Figures) -> str:
    """Return which day has most mails, in words."""
    if figures.busiest is None:
        return "no mail goes out"
    day, count = figures.busiest
    return f"busiest day: {day:%A %-d %B}, {count:,} mails"


def untouched(outcome: Outcome) -> str:
    """Return the proof that the base is as it was, or who changed it."""
    read = f"The base was only read: {len(outcome.base)} tables, {outcome.rows:,} rows"
    if not outcome.changed:
        return f"{read}; row counts and hashes of all of them are the same before and after."
    others = ", ".join(f"{table} ({rows:+,} rows)" if rows else f"{table} (other rows)" for table, rows in outcome.changed.items())
    return f"{read}. Others worked on it meanwhile: {others}. This command's connection could not write."


def stages_in_words(stages: Mapping[str, tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Return each stage in the funnel's order, with how many stand in it before and after."""
    return [(name, *stages[stage]) for stage, name in STAGES.items() if stage in stages]


def said(reason: str) -> str:
    """Return a stored reason as people read it, without the condition of a track."""
    if reason.startswith("left the track: "):
        return "left the track before"
    return plain(reason)


def by_reason(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts by reason as people read them, most first."""
    told: dict[str, int] = {}
    for reason, count in counts.items():
        told[said(reason)] = told.get(said(reason), 0) + count
    return dict(sorted(told.items(), key=lambda each: (-each[1], each[0])))


def day(on: date) -> str:
    """Return a date as people read it in a calendar."""
    return f"{on:%a %-d %b}"
