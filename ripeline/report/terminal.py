"""The report on a terminal: the same numbers and words as the page, as tables and bars of characters."""

from collections.abc import Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ripeline.report.grid import print_grid
from ripeline.report.numbers import HandoffLine, Numbers, RepLine, Sample
from ripeline.report.words import STAGES, coverage, figures, headline, period, plain

BAR = 36
LINES_OF_MAIL = 16


def show_report(console: Console, numbers: Numbers, mail: Sample | None = None, invite: Sample | None = None, commands: Sequence[tuple[str, str]] = ()) -> None:
    """Print the report. Samples and commands are left out where there are none."""
    console.print(f"\n[bold]{headline(numbers)}[/bold]\n[dim]{period(numbers)}[/dim]\n")
    console.print(_pairs(figures(numbers)))
    _part(console, "Letters by the reader's own hour", _bars({f"{hour:02}:00": count for hour, count in sorted(numbers.by_local_hour.items())}))
    _part(console, "Letters by language", _bars(numbers.by_locale))
    if numbers.fallback:
        _part(console, "Letters in English, by the language the reader would have liked", _bars(numbers.fallback))
    _part(console, "Leads by stage and grade", _grades(numbers))
    if numbers.coverage:
        print_grid(console, coverage(numbers))
    _part(console, "Tracks", _bars(numbers.tracks))
    _part(console, "Messages", _bars({plain(state): count for state, count in numbers.states.items()}))
    if numbers.held_back:
        _part(console, "Not sent because", _bars(numbers.held_back))
    _part(console, "Handed to sales", _handoffs(numbers.reps))
    for sample in (mail, invite):
        if sample:
            _part(console, f"{sample.title}, {sample.locale} ({sample.file})", _sample(sample))
    if commands:
        _part(console, "Look further", _pairs(commands))


def _part(console: Console, title: str, body: RenderableType) -> None:
    console.print(f"\n[bold]{escape(title)}[/bold]")
    console.print(Padding(body, (0, 0, 0, 2), expand=False))


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style="dim", show_header=any(columns))


def _pairs(rows: Sequence[tuple[str, str]]) -> Table:
    table = _table("", "")
    for label, value in rows:
        table.add_row(escape(label), escape(value))
    return table


def _bars(counts: Mapping[str, int]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    top = max([*counts.values(), 1])
    for word, count in counts.items():
        table.add_row(escape(word), f"{count:>6,}", "█" * max(round(count / top * BAR), 1 if count else 0))
    return table


def _grades(numbers: Numbers) -> Table:
    grades = sorted({grade for counts in numbers.stages.values() for grade in counts})
    table = _table("", *grades, "all")
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, name in STAGES.items():
        if counts := numbers.stages.get(stage):
            table.add_row(name, *(f"{counts[grade]:,}" if grade in counts else "[dim]·[/dim]" for grade in grades), f"{sum(counts.values()):,}")
    return table


def _handoffs(reps: Sequence[RepLine]) -> RenderableType:
    table = _table("rep", "leads", "took", "gave back", "first meeting, lead's clock", "the same, rep's clock")
    for column in table.columns[1:4]:
        column.justify = "right"
    for each in reps:
        meeting = _meeting(each.first) if each.first else ("", "")
        table.add_row(escape(each.rep or "nobody fits yet"), f"{each.count}", f"{each.accepted}", f"{each.rejected}", *meeting)
    return table if reps else "nobody was ready yet"


def _meeting(line: HandoffLine) -> tuple[str, str]:
    if line.starts_lead is None or line.starts_rep is None:
        return "", ""
    return f"{line.starts_lead:%a %-d %b, %H:%M} {line.zone_lead}", f"{line.starts_rep:%a %-d %b, %H:%M} {line.zone_rep}"


def _sample(sample: Sample) -> Group:
    lines = sample.text.strip().splitlines()
    shown = [*lines[:LINES_OF_MAIL], *(["…"] if len(lines) > LINES_OF_MAIL else [])]
    return Group(f"[bold]{escape(sample.subject)}[/bold]", *(escape(line) for line in shown))
