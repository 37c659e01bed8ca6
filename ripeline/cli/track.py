"""`ripeline track`: what tracks achieve."""

import typer

from ripeline.cli import track_report

app = typer.Typer(no_args_is_help=True, help="Look at tracks: what they achieve.")


@app.callback()
def track() -> None:
    """Look at tracks: what they achieve, by touch, variant and market."""


app.command("report")(track_report.report)
