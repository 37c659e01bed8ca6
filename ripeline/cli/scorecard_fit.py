"""`ripeline scorecard fit`: does the card tell who converts? Judged on the past of the real base."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ripeline.decide.condition import Condition
    from ripeline.playbook.playbook import Playbook
    from ripeline.report.fit.numbers import Fit


def fit(
    goal: Annotated[str, typer.Option(help="What counts as a conversion: a condition, such as \"did('meeting_booked')\".")],
    which: Annotated[str, typer.Argument(help="The card to judge: 'live', 'shadow', a version's hash or its start, a folder, or a scorecard file.")] = "live",
    at: Annotated[str | None, typer.Option(help="The cut-off (ISO 8601 with zone): score as of then; default: so long ago that --within ends now.")] = None,
    within: Annotated[str, typer.Option(help="How long after the cut-off a conversion counts.")] = "90 days",
    hindsight: Annotated[
        bool, typer.Option("--hindsight", help="Take facts from when they happened, whenever we heard of them: for a base imported at once.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write the report with its plots as one self-contained HTML page to this file, too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Score every lead as of a past instant and tell how well that told who would convert: by band, by grade, by rule, by segment.

    With intervals throughout; rules whose lift cannot be told from zero are marked. No future leaks in: facts as known at the cut-off,
    conversions after it. Example: `ripeline scorecard fit --goal "did('meeting_booked')" --within "60 days" --html fit.html`.
    """
    from ripeline.database import database_now
    from ripeline.playbook.candidate import playbook_named
    from ripeline.report.fit.page import fit_page
    from ripeline.report.fit.reading import read_fit
    from ripeline.report.fit.words import as_json
    from ripeline.report.frame import write_page
    from ripeline.sweep.backtest import Trial

    with screen.session(writes=False) as session:
        playbook, now = playbook_named(session, which, screen.settings().home), database_now(session)
        engine = session.get_bind().engine
    start, end = _window(screen.instant(at), _span(within), now)
    trial = Trial(start, end, _goal(goal, playbook), hindsight)
    with screen.progress("judging") as tick:
        found = read_fit(engine, which, playbook, trial, now, tick)
    if html:
        write_page(html, fit_page(found))
    if json:
        screen.show_json(as_json(found))
        return
    _show(found)


def _span(within: str) -> "timedelta":
    from ripeline.decide.duration import Duration
    from ripeline.values import Refusal

    try:
        span = Duration.parse(within).span
    except ValueError as error:
        raise Refusal(f"--within {error}") from error
    if not span:
        raise Refusal(f"--within '{within}' is no time at all: nobody can convert in it")
    return span


def _window(at: "datetime | None", span: "timedelta", now: "datetime") -> "tuple[datetime, datetime]":
    from ripeline.values import Refusal

    start = at or now - span
    if start + span > now:
        raise Refusal(f"the window ends at {start + span:%Y-%m-%d %H:%M}Z, which is still to come: give an earlier --at, or a shorter --within")
    return start, start + span


def _goal(text: str, playbook: "Playbook") -> "Condition":
    from ripeline.decide.condition import BadCondition, parse_condition
    from ripeline.values import Refusal

    try:
        return parse_condition(text, playbook.fields.lead, playbook.fields.event, playbook.lists)
    except BadCondition as error:
        raise Refusal(f"--goal {text!r}: {error}") from error


def _show(found: "Fit") -> None:
    from ripeline.report.fit.words import figures, grids, headline, method, said
    from ripeline.report.grid import Grid, console_for_reports, print_grid, print_heading

    console = console_for_reports()
    print_heading(console, headline(found), said(found))
    print_grid(console, Grid("In short", "", ("", "#"), figures(found)))
    for grid in grids(found):
        print_grid(console, grid)
    console.print()
    for sentence in method(found):
        screen.say(f"  {sentence}")
