"""A simulation as one HTML page: style and charts inside, nothing fetched from anywhere. Ids only; one lead's calendar holds what it does."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from markupsafe import Markup

from ripeline.report.charts import Bar, hours_chart, long_bars_chart
from ripeline.report.frame import figure, framed, head, section, table
from ripeline.report.heatmap import DAYS, calendar_chart, heat_chart
from ripeline.report.sankey import Stream, sankey
from ripeline.simulate.figures import Figures
from ripeline.simulate.run import Outcome
from ripeline.simulate.words import (
    METHOD,
    REACTIONS,
    busiest,
    by_reason,
    collisions,
    headline,
    in_difference,
    key_figures,
    period,
    stages_in_words,
    untouched,
)  # fmt: skip

MOST_ZONES = 12
MOST_BARS = 12
_DAY = timedelta(days=1)

Draw = Callable[[Figures], tuple[Markup, str]]
"""Draws one thing of one playbook: the picture, and what to say below it."""


def simulation_page(outcome: Outcome) -> str:
    """Return the whole page; two playbooks stand side by side."""
    told = outcome.figures
    figures = [(label, f"{value:,}") for label, value in key_figures(told[0])] if len(told) == 1 else []
    said = f"{' against '.join(each.name for each in told)}. {period(told[0])}. {_upper(busiest(told[0]))}."
    sections = [head(headline(outcome), said, figures)]
    sections += [_side_by_side(told)] if len(told) > 1 else []
    sections += [_when(told), _held(told), _flows(told), _touches(told), _sales(told)]
    sections += [_lead(told)] if any(each.calendar for each in told) else []
    sections += [_rates(told[0]), section("What this rests on", METHOD, Markup("<p>{}</p>").format(untouched(outcome)))]
    return framed(headline(outcome), sections)


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _side_by_side(told: Sequence[Figures]) -> Markup:
    rows = [
        (label, f"{one:,}", f"{other:,}", in_difference(other - one))
        for (label, one), (_, other) in zip(key_figures(told[0]), key_figures(told[1]), strict=True)
    ]
    columns = ("", f"#{told[0].name}", f"#{told[1].name}", "#difference")
    about = "The same base, the same days, the same seed: what differs is the playbook, and what follows from it."
    return section("Side by side", about, Markup('<div class="card scroll">{}</div>').format(table(columns, rows)))


def _pair(cards: Iterable[Markup]) -> Markup:
    return Markup('<div class="pair">{}</div>').format(Markup().join(cards))


def _each(told: Sequence[Figures], *draws: Draw) -> Markup:
    """Return what is drawn, of each playbook in turn, beside each other."""
    named = len(told) > 1
    cards = [figure(picture, f"{each.name}: {said}" if named else said) for draw in draws for each in told for picture, said in [draw(each)]]
    return _pair(cards)


def _wide(told: Sequence[Figures], draw: Draw) -> Markup:
    named = len(told) > 1
    cards = (figure(picture, f"{each.name}: {said}" if named else said) for each in told for picture, said in [draw(each)])
    return Markup().join(Markup('<div style="margin-top:1.25rem">{}</div>').format(card) for card in cards)


def _when(told: Sequence[Figures]) -> Markup:
    about = "Days and hours are those of the readers’ own clocks. Weekends and holidays of each country show as pale cells."
    return section("When people hear from us", about, _each(told, _calendar, _hours, _week, _zones))


def _calendar(told: Figures) -> tuple[Markup, str]:
    first, last = told.since.date(), (told.until - _DAY).date()
    return calendar_chart(told.by_day, first, last, "Mails by day"), f"Mails by day; {busiest(told)}."


def _hours(told: Figures) -> tuple[Markup, str]:
    return hours_chart(told.by_hour, "Mails by local hour"), "Mails by hour of the reader’s day."


def _week(told: Figures) -> tuple[Markup, str]:
    counts = {(day, hour): told.by_weekday.get(day, {}).get(hour, 0) for day in range(7) for hour in _open_hours(told)}
    return _hour_grid(DAYS, counts, told, "Mails by weekday and local hour"), "Mails by weekday and hour of the reader’s day."


def _zones(told: Figures) -> tuple[Markup, str]:
    zones = list(told.by_zone)[:MOST_ZONES]
    counts = {(number, hour): told.by_zone[zone].get(hour, 0) for number, zone in enumerate(zones) for hour in _open_hours(told)}
    rest = len(told.by_zone) - len(zones)
    more = f" {rest} more zones are not shown." if rest else ""
    return _hour_grid(zones, counts, told, "Mails by zone and local hour"), f"Mails by zone, the fullest first, and hour of the reader’s day.{more}"


def _open_hours(told: Figures) -> range:
    hours = [hour for hour, count in told.by_hour.items() if count] or [9]
    return range(min(hours), max(hours) + 1)


def _hour_grid(rows: Sequence[str], counts: dict[tuple[int, int], int], told: Figures, title: str) -> Markup:
    hours = _open_hours(told)
    return heat_chart(rows, [f"{hour:02}" for hour in hours], {(row, hour - hours.start): count for (row, hour), count in counts.items()}, title, width=34)


def _held(told: Sequence[Figures]) -> Markup:
    about = "What the caps would move to a later day, what would not go at all and why, and how many people reach the end of a track with nothing left to read."
    return section("Put off, held back, run out", about, _each(told, _put_off, _not_sent, _exhausted))


def _bars(counts: dict[str, int], title: str) -> Markup:
    bars = [Bar(label, count) for label, count in list(counts.items())[:MOST_BARS]]
    return long_bars_chart(bars, title) if bars else Markup("<p>none</p>")


def _put_off(told: Figures) -> tuple[Markup, str]:
    return _bars(dict(told.put_off), "Touches put off"), f"Touches put off to a later time, by what put them off: {collisions(told):,} by frequency caps."


def _not_sent(told: Figures) -> tuple[Markup, str]:
    return _bars(by_reason(told.not_sent), "Touches that did not go"), "Touches planned that did not go, by reason."


def _exhausted(told: Figures) -> tuple[Markup, str]:
    return _bars(dict(told.exhausted), "Leads without a touch left"), "Leads that were sent all their track has, by track."


def _flows(told: Sequence[Figures]) -> Markup:
    about = "Where people are at four instants, and how they move between them. Leads that are in no track all the time are left out. Hover to read a stream."
    return section("How leads move between tracks", about, _wide(told, _flow))


def _flow(told: Figures) -> tuple[Markup, str]:
    columns = [f"{at:%-d %b}" for at in told.checkpoints]
    return sankey([Stream(each.checkpoint, each.source, each.target, each.leads) for each in told.flows], columns, "Leads between tracks"), _stages(told)


def _stages(told: Figures) -> str:
    moved = [f"{name} {before:,} → {after:,}" for name, before, after in stages_in_words(told.stages)]
    return f"Funnel stages before and after: {', '.join(moved)}."


def _touches(told: Sequence[Figures]) -> Markup:
    columns = ("track", "touch", "#mails", "#clicks", "#unsubscribes")
    parts = [
        figure(table(columns, [(line.track, line.touch, f"{line.sent:,}", f"{line.clicked:,}", f"{line.unsubscribed:,}") for line in each.touches]), each.name)
        for each in told
    ]
    return section("Touch by touch", "Clicks and unsubscribes are drawn by the rates at the end of this page.", _pair(parts))


def _sales(told: Sequence[Figures]) -> Markup:
    waiting = sum(max(each.waiting.values(), default=0) for each in told[:1])
    wait = f" At worst {waiting:,} hand-offs waited for a rep at the end of a day." if waiting else " None waited for a rep overnight."
    about = "Hand-offs open at the end of each day, on the rep’s own clock, as a share of what the rep can hold."
    return section("What sales would get", about + wait, _wide(told, _desk) + _wide(told, _reps))


def _desk(told: Figures) -> tuple[Markup, str]:
    reps = [line for line in told.reps if line.offered or line.fullest]
    first = told.since.date()
    days = [first + number * _DAY for number in range((told.until - told.since).days)]
    rows = {line.rep: number for number, line in enumerate(reps)}
    held = {
        (rows[each.rep], (each.on - first).days): round(100 * each.open / _capacity(told, each.rep))
        for each in told.rep_days
        if each.rep in rows and each.on >= first
    }
    counts = {(row, column): held.get((row, column), 0) for row in range(len(reps)) for column in range(len(days))}
    heads = [f"{day:%-d %b}" if number % 7 == 0 else "" for number, day in enumerate(days)]
    width = max(8, min(26, 900 // max(len(days), 1)))
    picture = heat_chart([line.rep for line in reps], heads, counts, "Hand-offs open by rep and day", width=width, top=100)
    return picture, "Per cent of capacity in use, by rep and day."


def _capacity(told: Figures, rep: str) -> int:
    return next(line.capacity for line in told.reps if line.rep == rep)


def _reps(told: Figures) -> tuple[Markup, str]:
    columns = ("rep", "#offered", "#most on a day", "#most open at once", "#capacity", "#days at capacity")
    rows = [(line.rep, f"{line.offered:,}", f"{line.busiest_day:,}", f"{line.fullest:,}", f"{line.capacity:,}", f"{line.days_full:,}") for line in told.reps]
    return table(columns, rows), f"{told.handoffs:,} hand-offs, {told.sales_mails:,} cards and invites."


def _lead(told: Sequence[Figures]) -> Markup:
    columns = ("on its own clock", "what", "")
    parts = [figure(table(columns, [(f"{each.local_at:%a %-d %b, %H:%M}", each.what, each.detail) for each in one.calendar]), one.name) for one in told]
    return section("The calendar of one lead", "All that would happen to it, and all that chance lets it do.", _pair(parts))


def _rates(told: Figures) -> Markup:
    rows = [(rate.what, f"{rate.value:.2%}", rate.basis) for rate in told.rates]
    return section("How people were taken to answer", REACTIONS, Markup('<div class="card scroll">{}</div>').format(table(("what", "#rate", "from"), rows)))
