"""The command tree. Each command imports its own room when it runs, so that `ripeline --help` answers at once."""

import sys

import typer

from ripeline.cli import (
    apply,
    database,
    demo,
    doctor,
    explain,
    handoff,
    imports,
    lead,
    lists,
    merge,
    plan,
    preview,
    pseudo,
    report,
    run,
    scorecard,
    serve,
    simulate,
    stage,
    track,
    translations,
    up,
    why,
    zones,
)

app = typer.Typer(
    name="ripeline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help=(
        "Score leads, write to each in their own language at their own hour, hand the best to sales.\n\n"
        "First steps: `ripeline demo` shows everything on made-up people; `ripeline db upgrade`, `ripeline apply`, `ripeline import leads FILE` "
        "and `ripeline run all` do it with yours. What a marketer decides lies in playbook/, templates/ and locales/."
    ),
)

SEE = "See it work"
WORK = "Bring leads in and work them"
ASK = "Ask"
WRITE = "Author"
RUN = "Operate"

app.command("demo", rich_help_panel=SEE)(demo.demo)
app.command("up", rich_help_panel=SEE)(up.up)

app.add_typer(imports.app, name="import", rich_help_panel=WORK)
app.command("run", rich_help_panel=WORK)(run.run)
app.add_typer(handoff.app, name="handoff", rich_help_panel=WORK)
app.command("stage", rich_help_panel=WORK)(stage.stage)
app.command("merge", rich_help_panel=WORK)(merge.merge)

app.command("explain", rich_help_panel=ASK)(explain.explain)
app.command("why", rich_help_panel=ASK)(why.why)
app.command("lead", rich_help_panel=ASK)(lead.lead)
app.command("leads", rich_help_panel=ASK)(lists.leads)
app.command("messages", rich_help_panel=ASK)(lists.messages)
app.command("handoffs", rich_help_panel=ASK)(handoff.handoffs)
app.command("report", rich_help_panel=ASK)(report.report)
app.add_typer(track.app, name="track", rich_help_panel=ASK)
app.command("simulate", rich_help_panel=ASK)(simulate.simulate)
app.command("zones", rich_help_panel=ASK)(zones.zones)

app.command("check", rich_help_panel=WRITE)(apply.check)
app.command("plan", rich_help_panel=WRITE)(plan.plan)
app.command("apply", rich_help_panel=WRITE)(apply.apply)
app.command("fields", rich_help_panel=WRITE)(apply.fields)
app.add_typer(scorecard.app, name="scorecard", rich_help_panel=WRITE)
app.command("preview", rich_help_panel=WRITE)(preview.preview)
app.command("pseudo", rich_help_panel=WRITE)(pseudo.pseudo)
app.command("translations", rich_help_panel=WRITE)(translations.translations)

app.add_typer(database.app, name="db", rich_help_panel=RUN)
app.command("doctor", rich_help_panel=RUN)(doctor.doctor)
app.command("serve", rich_help_panel=RUN)(serve.serve)


STOPPED = 130


def main() -> None:
    """Run the command line. A Refusal is one sentence on standard error and its own exit code; Ctrl-C ends with 130."""
    from ripeline.values import Refusal

    _say_everything()
    try:
        app()
    except Refusal as refusal:
        _end(str(refusal), refusal.exit_code)
    except OSError as error:  # the machine's no; whoever knows a better remedy has raised a Refusal before
        what = f"'{error.filename}': " if error.filename else ""
        _end(f"the system refused: {what}{error.strerror or error}. Check that it is there, yours, and the disk has room", 3)
    except SystemExit as end:
        if end.code == STOPPED:  # typer made this of Ctrl-C
            _end("stopped; what was committed is kept, run it again to go on", STOPPED)
        raise


def _end(sentence: str, exit_code: int) -> None:
    typer.echo(f"ripeline: {sentence}", err=True)
    sys.exit(exit_code)


def _say_everything() -> None:
    """A terminal that cannot show 健 must not stop a command: it gets an escape instead."""
    import io

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
