"""`ripeline track report`: what tracks, touches and variants achieve."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.report.results.numbers import Results


def report(
    track: Annotated[str | None, typer.Argument(help="Only this track: a file of playbook/tracks/, without .toml.")] = None,
    market: Annotated[str | None, typer.Option(help="Only leads of this market.")] = None,
    since: Annotated[str | None, typer.Option(help="Who entered from this instant on (ISO 8601 with zone); default: everybody.")] = None,
    until: Annotated[str | None, typer.Option(help="Who entered up to this instant; default: now.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one self-contained HTML page to this file, too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Count who entered, what was sent, clicked, who reached the goal and who left: by track, touch, variant and market.

    Variants are compared with those held out, with an interval, and the split is checked against the playbook's. Numbers only, nobody is named.
    Example: `ripeline track report decision --html decision.html`.
    """
    from models.columns import EPOCH
    from ripeline.database import database_now
    from ripeline.report.frame import write_page
    from ripeline.report.results.page import results_page
    from ripeline.report.results.reading import read_results
    from ripeline.report.results.words import as_json

    with screen.session(writes=False) as session, screen.progress("counting") as tick:
        end = screen.instant(until) or database_now(session)
        start = screen.instant(since) or EPOCH
        found = read_results(session, start, end, track=track, market=market, tick=tick)
    if html:
        write_page(html, results_page(found))
    if json:
        screen.show_json(as_json(found))
        return
    _show(found)


def _show(found: "Results") -> None:
    from ripeline.report.grid import console_for_reports, print_grid, print_heading
    from ripeline.report.results.words import grids, headline, method, said, warnings

    console = console_for_reports()
    print_heading(console, headline(found), said(found))
    for sentence in warnings(found):
        screen.say(f"\n! {sentence}")
    for grid in grids(found):
        print_grid(console, grid)
    console.print()
    for sentence in method():
        screen.say(f"  {sentence}")
