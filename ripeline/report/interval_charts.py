"""Charts of shares and differences with their intervals, as inline SVG coloured by the page's own style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from ripeline.report.charts import drawn, short
from ripeline.report.statistics import Interval

WIDTH, HEIGHT = 1000, 260
LEFT, BOTTOM = 52, 46
WIDE = 0.2
"""An interval this wide says little, and would press the others flat: it may leave the picture, and is drawn dashed then, with an open end."""

ROW, NAMES, FIGURES = 26, 330, 120


@dataclass(frozen=True)
class Point:
    """One estimate with its interval, all shares of 1. `told` stands below or behind it; `kind` is the class of its colour: bar, ghost or good."""

    name: str
    value: float
    interval: Interval
    told: str = ""
    kind: str = "bar"


def shares_chart(points: Sequence[Point], title: str) -> Markup:
    """Return a column a share, its interval as a whisker, the scale at the left in per cent."""
    sure = [point.interval.high for point in points if point.interval.high - point.interval.low < WIDE]
    top = _round_up(max([*sure, *(point.value for point in points), 0.01]))
    slot = (WIDTH - LEFT) / max(len(points), 1)
    scale = Markup().join(_level(step / 4 * top, step / 4) for step in range(5))
    columns = Markup().join(_column(point, LEFT + (number + 0.5) * slot, min(slot * 0.6, 56), top) for number, point in enumerate(points))
    return drawn(WIDTH, HEIGHT + BOTTOM, title, scale + columns)


def _level(share: float, height: float) -> Markup:
    y = short(HEIGHT - height * HEIGHT)
    line = Markup('<line class="rule" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, WIDTH, y, y)
    return line + Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(LEFT - 8, short(float(y) + 4), per_cent(share))


def _column(point: Point, middle: float, width: float, top: float) -> Markup:
    low, value, high = (short(HEIGHT - min(share / top, 1) * HEIGHT) for share in (point.interval.low, point.value, point.interval.high))
    bar = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        point.kind, short(middle - width / 2), value, short(width), short(HEIGHT - float(value))
    )
    is_open = point.interval.high > top
    caps = "M{3} {1}H{4}" + ("" if is_open else "M{3} {2}H{4}")
    drawn_whisker = Markup('<path class="whisker{5}" d="M{0} {1}V{2}' + caps + '"/>')
    whisker = drawn_whisker.format(short(middle), low, high, short(middle - 5), short(middle + 5), " open" if is_open else "")
    names = Markup('<text class="value" x="{}" y="{}" text-anchor="middle">{}</text>').format(short(middle), HEIGHT + 18, point.name)
    return bar + whisker + names + Markup('<text class="small" x="{}" y="{}" text-anchor="middle">{}</text>').format(short(middle), HEIGHT + 34, point.told)


def differences_chart(points: Sequence[Point], title: str) -> Markup:
    """Return a row a difference: its name, a dot in its interval, zero as a line; `told` behind it."""
    sure = [point for point in points if point.interval.high - point.interval.low < WIDE]
    values = [0.0, *(point.value for point in points)]
    low, high = min([*values, *(point.interval.low for point in sure)]), max([*values, *(point.interval.high for point in sure)])
    room = WIDTH - NAMES - FIGURES
    place = room / ((high - low) or 1)
    zero = NAMES - low * place
    rows = Markup().join(_row(point, number, zero, place, (low, high)) for number, point in enumerate(points))
    line = Markup('<line class="zero" x1="{0}" x2="{0}" y1="0" y2="{1}"/>').format(short(zero), len(points) * ROW)
    scale = Markup().join(
        Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(short(zero + at * place), len(points) * ROW + 18, in_points(at))
        for at in sorted({low, 0.0, high})
    )
    return drawn(WIDTH, len(points) * ROW + 24, title, line + rows + scale)


def _row(point: Point, number: int, zero: float, place: float, picture: tuple[float, float]) -> Markup:
    y = number * ROW + ROW / 2
    name = Markup('<text class="value" x="0" y="{}">{}</text>').format(short(y + 4), _cut(point.name))
    ends = max(point.interval.low, picture[0]), min(point.interval.high, picture[1])
    start, end, dot = (short(zero + share * place) for share in (*ends, point.value))
    kind = point.kind if ends == tuple(point.interval) else f"{point.kind} open"
    span = Markup('<line class="span {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(kind, start, end, short(y), short(y))
    mark = Markup('<circle class="{}" cx="{}" cy="{}" r="4.5"/>').format(point.kind, dot, short(y))
    return name + span + mark + Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(WIDTH, short(y + 4), point.told)


def _cut(name: str) -> str:
    longest = 46
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _round_up(share: float) -> float:
    """Return a round share that is no less, so that the scale has plain figures."""
    step = next(step for step in (0.02, 0.04, 0.08, 0.2, 0.4, 1.0) if share <= step * 5 or step == 1.0)
    return min(ceil(share / step) * step, 1.0)


def per_cent(share: float) -> str:
    """Return a share as people read it: 0.1234 → 12.3 %."""
    return f"{share * 100:.1f} %"


def in_points(difference: float) -> str:
    """Return a difference of shares in percentage points, signed: 0.031 → +3.1."""
    return "0" if difference == 0 else f"{difference * 100:+.1f}".replace("-", "−")
