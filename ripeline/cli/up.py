"""`ripeline up`: the standing system on this machine, in the foreground."""

import typer

from ripeline.cli import screen


def up() -> None:
    """Keep everything running here until Ctrl-C: Prefect with its pages, the six flows on their schedules, a worker, the web process.

    Mail goes to a sink that keeps every mail in var/sink and passes none on, until RIPELINE_CHANNEL or RIPELINE_SMTP_HOST says otherwise. The
    tables are brought up to date and the playbook is applied at the first start. Logs lie in var/log; if one part ends by itself, all of it
    stops and the end of its log is shown. For a server of your own see docs/operating.md.
    """
    from ripeline.standing.up import stand_up

    stand_up(screen.settings(), lambda line: typer.echo(line, err=True))
