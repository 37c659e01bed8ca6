"""Heat maps as inline SVG: a calendar of days, or any grid of counts, the more the darker."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from markupsafe import Markup

from ripeline.report.charts import drawn, short

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CELL, GAP, HEAD = 26, 3, 18
NARROW = 22
LETTER = 6.6
"""About how wide a letter of the page's small text is."""

_WEEK = timedelta(days=7)


def calendar_chart(counts: Mapping[date, int], first: date, last: date, title: str) -> Markup:
    """Return a calendar from the week of `first` to that of `last`: a column a week, a row a weekday, Monday first."""
    monday = first - timedelta(days=first.weekday())
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    heads = [f"{monday + number * _WEEK:%-d %b}" if number % 2 == 0 else "" for number in range((last - monday).days // 7 + 1)]
    cells = {(day.weekday(), (day - monday).days // 7): counts.get(day, 0) for day in days}
    return heat_chart(DAYS, heads, cells, title, width=38)


def heat_chart(
    rows: Sequence[str], columns: Sequence[str], counts: Mapping[tuple[int, int], int], title: str, *, width: int = NARROW, top: int | None = None
) -> Markup:
    """Return a grid of counts by (row, column). A place that is not in `counts` is left blank, a zero is a pale cell; `top` None: the largest count."""
    most = max(top or 0, *counts.values(), 1)
    left = max([len(name) for name in rows] + [1]) * LETTER + 8
    names = Markup().join(Markup('<text x="0" y="{}">{}</text>').format(short(HEAD + number * (CELL + GAP) + 17), name) for number, name in enumerate(rows))
    heads = Markup().join(
        Markup('<text x="{}" y="10" text-anchor="middle">{}</text>').format(short(left + number * (width + GAP) + width / 2), name)
        for number, name in enumerate(columns)
        if name
    )
    places = ((left + column * (width + GAP), HEAD + row * (CELL + GAP), count) for (row, column), count in sorted(counts.items()))
    cells = Markup().join(_cell(x, y, width, count, most) for x, y, count in places)
    return drawn(round(left + len(columns) * (width + GAP)), HEAD + len(rows) * (CELL + GAP), title, heads + names + cells)


def _cell(x: float, y: float, width: int, count: int, most: int) -> Markup:
    """Return one cell; what is there at all is shaded so that it can be told from nothing."""
    place = Markup('x="{}" y="{}" width="{}" height="{}" rx="4"').format(short(x), short(y), width, CELL)
    paper = Markup('<rect class="band" {}/>').format(place)
    if not count:
        return paper
    share = count / most
    shade = Markup('<rect class="bar" fill-opacity="{}" {}><title>{}</title></rect>').format(f"{0.14 + 0.86 * share:.2f}", place, f"{count:,}")
    kind = "value small strong" if share > 0.55 else "value small"
    number = Markup('<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>').format(kind, short(x + width / 2), short(y + 17), _brief(count))
    return paper + shade + number


def _brief(count: int) -> str:
    return f"{count:,}" if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count // 1000}k"
