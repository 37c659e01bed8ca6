"""`ripeline scorecard`: the card in use, what markets make of it, and what another one would."""

import typer

from ripeline.cli import scorecard_diff, scorecard_fit, scorecard_shadow, scorecard_show

app = typer.Typer(no_args_is_help=True, help="Look at the scorecard: as written, as it counts in a market, as it is live; and judge it.")


app.command("show")(scorecard_show.show)
app.command("diff")(scorecard_diff.diff)
app.command("fit")(scorecard_fit.fit)
app.command("shadow")(scorecard_shadow.shadow)
