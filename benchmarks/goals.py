"""What the issues ask of speed: every goal has its place on the page, measured or not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One goal: where it is asked, and what, in the words of the issue as far as they are short. `size` is how a row of the size asked for names it."""

    name: str
    issue: int
    asked: str
    size: str = ""


REFERENCE = Goal(
    "reference",
    2,
    "200,000 leads with 2,000,000 events rescored end to end, beside hand-written SQL for the same card that writes only totals: no slower than twice the SQL "
    "on SQLite, faster than it on PostgreSQL, under 1.5 GiB",
)
IMPORT = Goal("import", 2, "Importing the same data: at least 50,000 events a second into SQLite")
FORTY = Goal(
    "forty",
    3,
    "A 40-rule card of all kinds, 1,000,000 leads, 10,000,000 events, reasons written: under 1.5 GiB, and faster than SQL that writes totals alone",
    size="1,000,000",
)
PLAIN = Goal("plain", 3, "At least 5 times faster than the same card evaluated lead by lead in plain Python")
NEWS = Goal("news", 3, "Incremental with 1 % of leads changed: at most 3 % of the full time plus one second")
STEADY = Goal("steady", 3, "Cost a lead constant from 10,000 to 1,000,000, within 20 %", size="1,000,000")
EXPLAIN = Goal("explain", 3, "`explain` answers in under 100 ms after start-up at 1,000,000 leads", size="1,000,000")
SCHEDULE = Goal("schedule", 4, "Scheduling 1,000,000 leads' next touch: at least 30,000 leads a second a process", size="1,000,000")
SEGMENT = Goal(
    "segment",
    4,
    "Segmenting 1,000,000 leads with 1 % moving: no slower than reading them three times; the first pass within five reads plus its writes",
    size="1,000,000",
)
SIMULATE = Goal(
    "simulate", 4, "Simulating 60 days × 100,000 leads: under 4 GiB and within 3 times the cost of the same sweeps run live", size="60 days × 100,000 leads"
)
COMPOSE = Goal(
    "compose", 5, "Composing: at least 0.5 of the rate of bare Jinja in the same run, at least 5 times the naive way; memory flat over 100,000 letters"
)
CHECK = Goal("check", 5, "`ripeline check` of 18 touches × 14 locales under 60 s on two cores")

GOALS = (REFERENCE, IMPORT, FORTY, PLAIN, NEWS, STEADY, EXPLAIN, SCHEDULE, SEGMENT, SIMULATE, COMPOSE, CHECK)
