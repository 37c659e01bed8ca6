"""`ripeline simulate`: what would happen, before anybody is mailed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ripeline.simulate.run import Candidate, Wish


def simulate(
    days: Annotated[int, typer.Option(min=1, max=730, help="How many days pass.")] = 60,
    track: Annotated[str | None, typer.Option(help="Tell of this track alone; all of them run, since caps count over all.")] = None,
    playbook: Annotated[Path | None, typer.Option(help="By the playbook in this folder, applied or not, instead of the live one.")] = None,
    against: Annotated[Path | None, typer.Option(help="And by the playbook in this folder, side by side.")] = None,
    lead: Annotated[str | None, typer.Option(help="Tell the calendar of this lead, too: an id or an address.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed, other chances; the same seed, the same answer.")] = 1,
    now: Annotated[str | None, typer.Option(help="Begin at this instant (ISO 8601 with zone) instead of the database's clock.")] = None,
    step: Annotated[str, typer.Option(help="Judge news, scores, tracks and hand-offs at full steps of this length, in which something is due.")] = "1 hour",
    mail_step: Annotated[str, typer.Option(help="Let mails that are due go at full steps of this length; live they go every minute.")] = "1 minute",
    html: Annotated[Path | None, typer.Option(help="Write the whole report as one self-contained HTML page to this file, too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON for a program.")] = False,
) -> None:
    """Let days pass over a private copy of the base: mails by day, hour and zone, caps, hand-offs, leads between tracks. Sends and changes nothing.

    The very same sweeps run on a virtual clock. How people answer is drawn from what the base has seen, or assumed where it has seen little.

    `ripeline simulate --days 60 --html report.html` shows the live playbook; `ripeline simulate --against . ` compares it with the folder you work in.
    """
    from rich.console import Console

    from ripeline.report.frame import write_page
    from ripeline.simulate.page import simulation_page
    from ripeline.simulate.plain import as_plain
    from ripeline.simulate.run import simulate as let_days_pass
    from ripeline.simulate.terminal import show_simulation

    settings = screen.settings()
    steps_of = _step("--step", step), _step("--mail-step", mail_step)
    wish = _wish(days, track, playbook, against, lead, seed, screen.instant(now), steps_of)
    with screen.steps() as steps:
        outcome = let_days_pass(settings.url, settings, wish, steps)
    if html:
        write_page(html, simulation_page(outcome))
    if json:
        screen.show_json(as_plain(outcome))
        return
    console = Console()
    show_simulation(console if console.is_terminal else Console(width=120), outcome)


def _wish(
    days: int, track: str | None, playbook: Path | None, against: Path | None, lead: str | None, seed: int, now: "datetime | None",
    steps: "tuple[timedelta, timedelta]",
) -> "Wish":  # fmt: skip
    from ripeline.database import database_now
    from ripeline.simulate.machine import Journey
    from ripeline.simulate.run import Wish

    with screen.session(writes=False) as session:
        start = now or database_now(session)
        lead_id = None if lead is None else screen.find_lead(session, lead).id
    candidates = [_candidate(playbook), *([_candidate(against)] if against else [])]
    return Wish(Journey(start, days, steps[0], seed, steps[1]), candidates, track, lead_id)


def _candidate(folder: Path | None) -> "Candidate":
    from ripeline.playbook.files import read_candidate
    from ripeline.simulate.run import LIVE, Candidate

    return LIVE if folder is None else Candidate(str(folder), read_candidate(folder, screen.settings().home))


def _step(option: str, text: str) -> "timedelta":
    from datetime import timedelta

    from ripeline.decide.duration import Duration
    from ripeline.values import Refusal

    try:
        step = Duration.parse(text)
    except ValueError as error:
        raise Refusal(f"{option}: {error}") from error
    if step.is_business or not timedelta(minutes=1) <= step.span <= timedelta(days=1):
        raise Refusal(f"{option} '{text}': write a length from 1 minute to 1 day, such as \"1 hour\"")
    return step.span
