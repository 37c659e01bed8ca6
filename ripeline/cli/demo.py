"""`ripeline demo`: everything at work on made-up people."""

from pathlib import Path
from typing import Annotated

import typer

from ripeline.cli import screen


def demo(
    folder: Annotated[Path, typer.Option(help="Folder of the demonstration, below home unless absolute; made anew each time.")] = Path("demo"),
    leads: Annotated[int, typer.Option(min=1, max=50_000, help="How many people.")] = 2_000,
    days: Annotated[int, typer.Option(min=1, max=60, help="How many virtual days.")] = 10,
    seed: Annotated[int, typer.Option(help="Another number makes other people.")] = 2026,
) -> None:
    """See it work: made-up people are scored, written to in their language at their hour, handed to sales, over ten virtual days.

    Uses your playbook, templates and catalogues on a database of its own. The six flows run as Prefect flows on a server that is started
    for it and stopped afterwards; mail goes to a sink on this machine. Nothing leaves the machine, nothing of yours is touched, and it can
    be run again. Ends with a report here and in demo/report.html.
    """
    from rich.console import Console

    from ripeline.demo.commands import commands
    from ripeline.demo.run import run_demo
    from ripeline.report.page import report_page
    from ripeline.report.terminal import show_report

    settings = screen.settings()
    place = folder if folder.is_absolute() else settings.home / folder
    outcome = run_demo(settings.home, place, leads=leads, days=days, seed=seed, say=lambda line: typer.echo(line, err=True), progress=screen.progress)
    next_steps = commands(settings, place, outcome.lead)
    page = place / "report.html"
    page.write_text(report_page(outcome.numbers, outcome.mail, outcome.invite, next_steps), encoding="utf-8")
    console = Console()
    show_report(console if console.is_terminal else Console(width=120), outcome.numbers, outcome.mail, outcome.invite, next_steps)
    typer.echo(f"\nThe same as a page: {page}")
