"""A simulation on a terminal: the same figures and words as the page."""

from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ripeline.simulate.figures import Figures
from ripeline.simulate.run import Outcome
from ripeline.simulate.words import busiest, by_reason, day, headline, in_difference, key_figures, period, stages_in_words, untouched

BAR = 36
MOST_ZONES = 10


def show_simulation(console: Console, outcome: Outcome) -> None:
    """Print the simulation; two playbooks are compared figure by figure, and told one after the other."""
    first = outcome.figures[0]
    console.print(f"\n[bold]{escape(headline(outcome))}[/bold]\n[dim]{escape(period(first))}[/dim]\n")
    console.print(_key_figures(outcome.figures))
    for told in outcome.figures:
        if len(outcome.figures) > 1:
            console.rule(escape(told.name), align="left")
        _show(console, told)
    console.print(f"\n[dim]{escape(untouched(outcome))}[/dim]")


def _show(console: Console, told: Figures) -> None:
    _part(console, f"Mails by week ({busiest(told)})", _bars(_weeks(told)))
    _part(console, "Mails by the reader's own hour", _bars({f"{hour:02}:00": count for hour, count in told.by_hour.items()}))
    _part(console, "Mails by zone", _bars({zone: sum(hours.values()) for zone, hours in list(told.by_zone.items())[:MOST_ZONES]}))
    _part(console, "Touch by touch", _touches(told))
    _part(console, "Put off, by what", _bars(told.put_off))
    _part(console, "Planned and not sent, by reason", _bars(by_reason(told.not_sent)))
    _part(console, "Leads without a touch left, by track", _bars(told.exhausted))
    _part(console, "Between tracks, from the first day to the last", _flows(told))
    stages = [(name, f"{before:,}", f"{after:,}") for name, before, after in stages_in_words(told.stages)]
    _part(console, "Stages, before and after", _rows(("", "before", "after"), stages))
    _part(console, "Hand-offs by rep", _reps(told))
    if told.calendar:
        moments = [(f"{each.local_at:%a %-d %b %H:%M}", each.what, each.detail) for each in told.calendar]
        _part(console, "The calendar of one lead, on its own clock", _rows(("", "", ""), moments, numbers=False))
    answers = [(rate.what, f"{rate.value:.2%}", rate.basis) for rate in told.rates if ":" not in rate.what or rate.what.startswith(("any mail", "hand-off"))]
    _part(console, "How people were taken to answer (touch by touch: --json, --html)", _rows(("", "", ""), answers, numbers=False))


def _key_figures(figures: Sequence[Figures]) -> Table:
    rows = [(label, *(f"{dict(key_figures(each))[label]:,}" for each in figures)) for label, _ in key_figures(figures[0])]
    if len(figures) == 1:
        return _rows(("", ""), rows)
    return _rows(
        ("", *(each.name for each in figures), "difference"),
        [(*row, in_difference(dict(key_figures(figures[1]))[row[0]] - dict(key_figures(figures[0]))[row[0]])) for row in rows],
    )


def _weeks(told: Figures) -> dict[str, int]:
    weeks: dict[str, int] = {}
    for on, count in told.by_day.items():
        week = f"{on:%G week %V}"
        weeks[week] = weeks.get(week, 0) + count
    return weeks


def _touches(told: Figures) -> Table:
    rows = [(f"{line.track}: {line.touch}", f"{line.sent:,}", f"{line.clicked:,}", f"{line.unsubscribed:,}") for line in told.touches]
    return _rows(("", "mails", "clicks", "unsubscribes"), rows)


def _flows(told: Figures) -> Table:
    rows = [
        (f"{day(told.checkpoints[each.checkpoint].date())}", f"{each.source} → {each.target}", f"{each.leads:,}")
        for each in told.flows
        if each.source != each.target
    ]
    return _rows(("from", "", "leads"), rows)


def _reps(told: Figures) -> RenderableType:
    lines = [line for line in told.reps if line.offered or line.fullest]
    rows = [(line.rep, f"{line.offered:,}", f"{line.busiest_day:,}", f"{line.fullest:,} of {line.capacity:,}", f"{line.days_full:,}") for line in lines]
    return _rows(("", "offered", "most on a day", "most open", "days at capacity"), rows) if rows else "nobody would be ready"


def _part(console: Console, title: str, body: RenderableType) -> None:
    console.print(f"\n[bold]{escape(title)}[/bold]")
    console.print(Padding(body, (0, 0, 0, 2), expand=False))


def _bars(counts: Mapping[str, int]) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_header=False)
    top = max([*counts.values(), 1])
    for word, count in counts.items():
        table.add_row(escape(word), f"{count:>6,}", "█" * max(round(count / top * BAR), 1 if count else 0))
    return table if counts else "none"


def _rows(columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> Table:
    table = Table(*columns, box=None, pad_edge=False, header_style="dim", show_header=any(columns))
    for column in table.columns[1:]:
        column.justify = "right" if numbers else "left"
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table
