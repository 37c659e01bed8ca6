"""Tables that terminal and page show alike, so that they cannot disagree."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ripeline.report.frame import section, table, with_code


@dataclass(frozen=True)
class Grid:
    """One table under its title. A column whose name begins with # holds numbers. `otherwise` is said where there is no row."""

    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    otherwise: str = "none"


def console_for_reports() -> Console:
    """Return standard output as reports use it: as wide as the terminal, and wide enough where it is none."""
    console = Console()
    return console if console.is_terminal else Console(width=140)


def print_heading(console: Console, title: str, said: str) -> None:
    """Print the one sentence to remember, and what stands below it."""
    console.print(f"\n[bold]{escape(title)}[/bold]\n[dim]{escape(said)}[/dim]")


def print_grid(console: Console, grid: Grid) -> None:
    """Print a table with its title; what it is about stays on the page."""
    console.print(f"\n[bold]{escape(grid.title)}[/bold]")
    console.print(Padding(_as_rich(grid) if grid.rows else escape(grid.otherwise), (0, 0, 0, 2), expand=False))


def _as_rich(grid: Grid) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for name in grid.columns:
        drawn.add_column(escape(name.lstrip("#")), justify="right" if name.startswith("#") else "left")
    for row in grid.rows:
        drawn.add_row(*map(escape, row))
    return drawn


def grid_section(grid: Grid, *, chart: Markup | None = None) -> Markup:
    """Return the table as a part of a page, below its chart where it has one."""
    otherwise = grid.otherwise[:1].upper() + grid.otherwise[1:]
    body = Markup('<div class="card scroll">{}</div>').format(table(grid.columns, grid.rows)) if grid.rows else Markup("<p>{}.</p>").format(otherwise)
    return section(grid.title, with_code(grid.about), (chart or Markup()) + body)
