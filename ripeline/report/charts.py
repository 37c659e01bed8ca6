"""Charts as inline SVG, coloured by the page's own style sheet."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

HOURS = range(24)
WIDTH, HEIGHT = 528, 150
SLOT = WIDTH / 24
ROW = 26
LABEL, NUMBER = 92, 56
NARROW, TALL, LONGEST = 400, 44, 62
"""Of bars under their labels: the picture's width, the height of each, and the letters that fit into its line."""


@dataclass(frozen=True)
class Bar:
    """One horizontal bar. `ghost` is a part of a second kind, drawn after the first."""

    label: str
    value: int
    ghost: int = 0


def hours_chart(counts: Mapping[int, int], title: str, window: tuple[int, int] | None = None) -> Markup:
    """Return a column a clock hour. `window` (first hour, last hour excluded) is drawn as a band behind the columns."""
    top = max([*counts.values(), 1])
    band = (
        Markup('<rect class="band" x="{}" y="0" width="{}" height="{}" rx="4"/>').format(window[0] * SLOT, (window[1] - window[0]) * SLOT, HEIGHT)
        if window
        else Markup()
    )
    columns = Markup().join(_column(hour, counts.get(hour, 0), top) for hour in HOURS)
    ticks = Markup().join(
        Markup('<text x="{}" y="{}" text-anchor="middle">{:02}</text>').format(short((hour + 0.5) * SLOT), HEIGHT + 18, hour) for hour in HOURS if hour % 3 == 0
    )
    floor = Markup('<line class="rule" x1="0" x2="{}" y1="{}" y2="{}"/>').format(WIDTH, HEIGHT, HEIGHT)
    return drawn(WIDTH, HEIGHT + 24, title, band + columns + floor + ticks)


def _column(hour: int, count: int, top: int) -> Markup:
    if not count:
        return Markup()
    height = max(count / top * (HEIGHT - 26), 1.5)
    left, middle, y = hour * SLOT + 2, (hour + 0.5) * SLOT, HEIGHT - height
    bar = Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(short(left), short(y), short(SLOT - 4), short(height))
    return bar + Markup('<text class="value small" x="{}" y="{}" text-anchor="middle">{}</text>').format(short(middle), short(y - 5), count)


def bars_chart(bars: list[Bar], title: str) -> Markup:
    """Return a row a bar, its label before and its number behind it."""
    top = max([bar.value + bar.ghost for bar in bars] + [1])
    return drawn(520, len(bars) * ROW, title, Markup().join(_row(number, bar, top) for number, bar in enumerate(bars)))


def _row(number: int, bar: Bar, top: int) -> Markup:
    left, room = LABEL, 520 - LABEL - NUMBER
    first, second = bar.value / top * room, bar.ghost / top * room
    y = number * ROW
    label = Markup('<text x="0" y="{}">{}</text>').format(y + 17, bar.label)
    main = Markup('<rect class="bar" x="{}" y="{}" width="{}" height="16" rx="2"/>').format(left, y + 5, short(first)) if bar.value else Markup()
    ghost = (
        Markup('<rect class="ghost" x="{}" y="{}" width="{}" height="16" rx="2"/>').format(short(left + first), y + 5, short(second)) if bar.ghost else Markup()
    )
    value = Markup('<text class="value" x="{}" y="{}">{}</text>').format(short(left + first + second + 7), y + 17, f"{bar.value + bar.ghost:,}")
    return label + main + ghost + value


def long_bars_chart(bars: list[Bar], title: str) -> Markup:
    """Return a bar under each label, which may be a sentence: what finds no room is cut, and read by hovering."""
    top = max([bar.value for bar in bars] + [1])
    return drawn(NARROW, len(bars) * TALL, title, Markup().join(_under(number * TALL, bar, top) for number, bar in enumerate(bars)))


def _under(y: int, bar: Bar, top: int) -> Markup:
    said = bar.label if len(bar.label) <= LONGEST else bar.label[: LONGEST - 1] + "…"
    label = Markup('<text x="0" y="{}">{}<title>{}</title></text>').format(y + 13, said, bar.label)
    width = max(bar.value / top * (NARROW - NUMBER), 1.5)
    box = Markup('<rect class="bar" x="0" y="{}" width="{}" height="14" rx="2"/>').format(y + 19, short(width))
    return label + box + Markup('<text class="value" x="{}" y="{}">{}</text>').format(short(width + 7), y + 30, f"{bar.value:,}")


def drawn(width: int, height: int, title: str, body: Markup) -> Markup:
    """Return an SVG picture that fills the width it is given, up to a fourth more than its own, and says its title to those who cannot see it."""
    picture = Markup('<svg viewBox="0 0 {} {}" style="max-width:{}px" role="img" aria-label="{}">{}</svg>')
    return picture.format(width, height, width * 5 // 4, escape(title), body)


def short(value: float) -> str:
    """Return a coordinate as text, to a tenth."""
    return f"{value:.1f}"
