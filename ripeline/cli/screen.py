"""What commands share on the terminal: where the settings and the session come from, tables, progress, a question."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sqlmodel import Session

    from models import Lead
    from ripeline.settings import Settings
    from ripeline.sweep.run import Progress

FIRST_YEAR, LAST_YEAR = 1969, 2200
LONGEST_ID = 18  # digits that every database takes as a whole number


def settings() -> "Settings":
    """Return the settings of this process."""
    from ripeline.settings import load_settings

    return load_settings()


@contextmanager
def session(*, writes: bool = True) -> "Iterator[Session]":
    """Give a session on the configured database."""
    from ripeline.database import open_session

    with open_session(settings().url, writes=writes) as opened:
        yield opened


def instant(text: str | None) -> datetime | None:
    """Return the instant that ISO 8601 `text` names; None for None. Without an offset it is refused: nobody knows which zone was meant.

    So is a year outside 1970 to 2199: calendars end there, and nobody means it.
    """
    from datetime import UTC

    from ripeline.values import Refusal

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(f"'{text}' is not an instant: write it as ISO 8601, such as 2026-03-02T09:00Z") from error
    if moment.tzinfo is None:
        raise Refusal(f"'{text}' has no zone: add Z for UTC, or an offset such as +01:00")
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise Refusal(f"'{text}' lies too far away: give an instant between {FIRST_YEAR + 1} and {LAST_YEAR - 1}")
    return moment.astimezone(UTC)


def find_lead(opened: "Session", named: str, *, follow: bool = True) -> "Lead":
    """Return the lead with this id or address, or whose message bounced to this one (RIPELINE_BOUNCE_ADDRESS); raise Refusal where there is none.

    For one that went into another (`ripeline merge`), that other, and it says so; itself where `follow` is False.
    """
    from sqlmodel import col, select

    from models import Lead, Message
    from ripeline.return_path import read_return_path
    from ripeline.values import Refusal

    if named.isdecimal():
        found = opened.get(Lead, int(named)) if len(named) <= LONGEST_ID else None
    elif (bounced := read_return_path(settings(), named)) is not None:
        found = opened.exec(select(Lead).join(Message, col(Message.lead_id) == col(Lead.id)).where(col(Message.id) == bounced)).first()
    else:
        found = opened.exec(select(Lead).where(col(Lead.address_key) == _key_of(named))).first()
    if found is None:
        raise Refusal(f"no lead '{named}': give an id or an address, `ripeline leads` lists them")
    if follow and found.merged_into is not None:
        typer.echo(f"lead {found.id} went into lead {found.merged_into}, which is told of here", err=True)
        return opened.get_one(Lead, found.merged_into)
    return found


def _key_of(named: str) -> str:
    from ripeline.address import address_key
    from ripeline.values import Refusal

    if "@" not in named:
        raise Refusal(f"'{named}' is neither a lead's id nor an address: `ripeline leads` lists them")
    return address_key(named)


def say(text: str) -> None:
    """Print one line for a person."""
    typer.echo(text)


def show_json(value: Any) -> None:
    """Print a value as JSON for a program; instants as ISO 8601."""
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_as_text))


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def named(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """Return a row as a program reads it, by column: `local time` is local_time there."""
    return {column.replace(" ", "_"): cell for column, cell in zip(columns, row, strict=True)}


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, json: bool = False, title: str | None = None) -> None:
    """Print rows as a table for a person, or as a JSON list of objects for a program."""
    if json:
        show_json([named(columns, row) for row in rows])
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*("" if cell is None else _shown(cell) for cell in row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(drawn)


def _shown(cell: Any) -> str:
    from rich.markup import escape

    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}Z"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return escape(str(cell))


@contextmanager
def progress(title: str) -> "Iterator[Progress]":
    """Give a callback (done, total) that draws a bar; off a terminal it draws nothing."""
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def steps() -> "Iterator[Callable[[str], Progress]]":
    """Give a function that begins a step under a title and returns its callback (done, total); each step has a bar. Off a terminal it draws nothing."""
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip

    def begin(title: str) -> "Callable[[int, int], None]":
        task = bar.add_task(title, total=None)
        return lambda done, total: bar.update(task, completed=done, total=total)

    with bar:
        yield begin


def confirm(question: str, *, yes: bool) -> None:
    """Ask once, unless `yes`; a no, or nobody there to ask, raises Refusal."""
    import sys

    from ripeline.values import Refusal

    if yes:
        return
    if not sys.stdin.isatty():
        raise Refusal(f"{question} Nobody is here to ask: say --yes to go on")
    if not typer.confirm(question):
        raise Refusal("nothing was done, as you said", 1)
