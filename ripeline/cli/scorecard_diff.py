"""`ripeline scorecard diff`: what a change of the card would change, over the real base, before anybody sees it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ripeline.cli import screen

if TYPE_CHECKING:
    from ripeline.report.diff.numbers import Difference

ON_THE_PAGE = 500
WHICH = "'live', 'shadow', the start of a version's hash, a folder that holds playbook/, or a scorecard file."


def diff(
    old: Annotated[str, typer.Argument(help=f"What to compare against: {WHICH}")],
    new: Annotated[str, typer.Argument(help="What might come, named in the same way.")],
    now: Annotated[str | None, typer.Option(help="Judge by this instant (ISO 8601 with zone) instead of the database's clock.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help=f"At most so many leads; default: 50 here, {ON_THE_PAGE} on the page, all as JSON.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every lead that would stand elsewhere to this file, a line each, too.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one self-contained HTML page to this file, too.")] = None,
    shadow: Annotated[bool, typer.Option("--shadow", help="Put NEW in shadow, too: every rescore from now on scores by both cards and keeps both.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Score every lead by two cards at the same instant and tell who would change grade, stage, hold or hand-off, by market.

    Nothing is written, unless you ask for --shadow. Both sides are whole playbooks: fields, lists, markets, stages and hand-off count as they
    are in each. Ids only, no names.
    Examples: `ripeline scorecard diff live .` compares what is live with the files here, `ripeline scorecard diff live trial-card.toml` tries one card.
    """
    from ripeline.cli.scorecard_shadow import put
    from ripeline.database import database_now
    from ripeline.playbook.candidate import playbook_named
    from ripeline.report.diff.page import difference_page
    from ripeline.report.diff.reading import read_difference
    from ripeline.report.diff.words import as_csv, as_json
    from ripeline.report.frame import write_page

    home = screen.settings().home
    with screen.session(writes=False) as session:
        moment = screen.instant(now) or database_now(session)
        sides = [(name, playbook_named(session, name, home)) for name in (old, new)]
        engine = session.get_bind().engine
    with screen.progress("comparing") as tick:
        found = read_difference(engine, sides[0], sides[1], moment, tick)
    if csv:
        write_page(csv, as_csv(found))
    if html:
        write_page(html, difference_page(found, ON_THE_PAGE if limit is None else limit))
    said = put(new) if shadow else ""
    if json:
        screen.show_json(as_json(found, limit))
        return
    _show(found, 50 if limit is None else limit)
    if said:
        screen.say(f"\n{said}")


def _show(found: "Difference", most: int) -> None:
    from ripeline.report.diff.words import figures, grids, headline, said
    from ripeline.report.grid import Grid, console_for_reports, print_grid, print_heading

    console = console_for_reports()
    print_heading(console, headline(found), said(found))
    print_grid(console, Grid("Changes", "", ("leads", "#count"), figures(found)))
    for grid in grids(found, most):
        print_grid(console, grid)
