"""`ripeline db`: the tables."""

import typer

from ripeline.cli import screen

app = typer.Typer(no_args_is_help=True, help="Make and upgrade the database's tables.")


@app.callback()
def family() -> None:
    """Make and upgrade the database's tables."""


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest revision; safe to run again.

    The database is RIPELINE_DATABASE_URL: `sqlite:///path` or `postgresql://user:password@host/name`. Without it, a SQLite file in var/.
    """
    import sqlalchemy as sa

    from ripeline.migrations import upgrade as bring_up

    url = screen.settings().url
    before, after = bring_up(url)
    shown = sa.engine.make_url(url).render_as_string(hide_password=True)
    screen.say(f"{shown}: {'already at' if before == after else 'now at'} revision {after}")
