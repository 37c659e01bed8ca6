"""`ripeline report`: what became of the leads, as numbers."""

from pathlib import Path
from typing import Annotated

import typer

from ripeline.cli import screen


def report(
    since: Annotated[str | None, typer.Option(help="Count letters from this instant on (ISO 8601 with zone); default: 30 days before --until.")] = None,
    until: Annotated[str | None, typer.Option(help="Count letters up to this instant; default: now.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one self-contained HTML page to this file, too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON for a program.")] = False,
) -> None:
    """Show leads by stage and grade, rules left out for want of facts, letters by language and by the reader's own hour, hand-offs with meetings.

    No names and no addresses: lead ids only, which `ripeline lead ID` tells more of.
    """
    from dataclasses import asdict
    from datetime import timedelta

    from rich.console import Console

    from ripeline.database import database_now
    from ripeline.playbook.applied import applied_playbook
    from ripeline.report.frame import write_page
    from ripeline.report.page import report_page
    from ripeline.report.reading import read_numbers
    from ripeline.report.terminal import show_report

    with screen.session(writes=False) as session:
        end = screen.instant(until) or database_now(session)
        numbers = read_numbers(session, applied_playbook(session), screen.instant(since) or end - timedelta(days=30), end)
    if html:
        write_page(html, report_page(numbers))
    if json:
        screen.show_json(asdict(numbers))
        return
    console = Console()
    show_report(console if console.is_terminal else Console(width=120), numbers)
