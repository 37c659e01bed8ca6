"""A flow diagram (Sankey) as inline SVG: how many go from where to where, from one checkpoint to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ripeline.report.charts import drawn, short

WIDTH, HEIGHT = 860, 360
BAR = 12
SPACE = 14
HEAD = 24
COLOURS = 8
"""The style sheet has this many classes `flow0`, `flow1` …"""


@dataclass(frozen=True)
class Stream:
    """So many go from `source`, in the column of this number, to `target` in the next."""

    column: int
    source: str
    target: str
    count: int


@dataclass
class _Node:
    """A place in a column: its top, its height, and how much of either side is taken by streams drawn already."""

    y: float
    height: float
    count: int
    taken_left: float = 0
    taken_right: float = 0


def sankey(streams: Sequence[Stream], columns: Sequence[str], title: str) -> Markup:
    """Return the diagram. `columns` are the names of the checkpoints; places keep their order and colour in every column, the largest first."""
    names = _by_size(streams)
    if not names:
        return drawn(WIDTH, HEAD, title, Markup('<text x="0" y="14">nobody moves</text>'))
    total = max(_total(streams, number) for number in range(len(columns) - 1))
    scale = (HEIGHT - SPACE * (len(names) - 1)) / total
    nodes = [_column(streams, number, names, scale) for number in range(len(columns))]
    x = [number * (WIDTH - BAR) / (len(columns) - 1) for number in range(len(columns))]
    heads = Markup().join(_head(x[number], name, number, len(columns)) for number, name in enumerate(columns))
    flows = Markup().join(
        _stream(each, nodes, x, names, scale) for each in sorted(streams, key=lambda each: (names.index(each.source), names.index(each.target)))
    )
    bars = Markup().join(_node(x[number], name, node, names, number == len(nodes) - 1) for number, column in enumerate(nodes) for name, node in column.items())
    return drawn(WIDTH, HEAD + HEIGHT, title, heads + flows + bars)


def _by_size(streams: Sequence[Stream]) -> list[str]:
    sizes: dict[str, int] = {}
    for each in streams:
        for name in (each.source, each.target):
            sizes[name] = sizes.get(name, 0) + each.count
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def _total(streams: Sequence[Stream], column: int) -> int:
    return sum(each.count for each in streams if each.column == column)


def _column(streams: Sequence[Stream], number: int, names: Sequence[str], scale: float) -> dict[str, _Node]:
    """Return the places of a column, one below the other. The last one is told by what comes in, all others by what goes out."""
    nodes, y = {}, float(HEAD)
    for name in names:
        out = sum(each.count for each in streams if each.column == number and each.source == name)
        into = sum(each.count for each in streams if each.column == number - 1 and each.target == name)
        if count := max(out, into):
            nodes[name] = _Node(y, count * scale, count)
            y += count * scale + SPACE
    return nodes


def _stream(each: Stream, nodes: Sequence[Mapping[str, _Node]], x: Sequence[float], names: Sequence[str], scale: float) -> Markup:
    source, target, thick = nodes[each.column][each.source], nodes[each.column + 1][each.target], each.count * scale
    begin, end = source.y + source.taken_right, target.y + target.taken_left
    source.taken_right += thick
    target.taken_left += thick
    left, right = x[each.column] + BAR, x[each.column + 1]
    middle = (left + right) / 2
    path = f"M{short(left)} {short(begin)}C{short(middle)} {short(begin)} {short(middle)} {short(end)} {short(right)} {short(end)}V{short(end + thick)}"
    path += f"C{short(middle)} {short(end + thick)} {short(middle)} {short(begin + thick)} {short(left)} {short(begin + thick)}Z"
    said = f"{each.source} → {each.target}: {each.count:,}"
    return Markup('<path class="{} stream" d="{}"><title>{}</title></path>').format(_colour(each.source, names), path, said)


def _node(x: float, name: str, node: _Node, names: Sequence[str], is_last: bool) -> Markup:
    box = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        _colour(name, names), short(x), short(node.y), BAR, short(max(node.height, 1.5))
    )
    place, anchor = (x - 5, "end") if is_last else (x + BAR + 5, "start")
    middle = short(node.y + max(node.height, 1.5) / 2 + 4)
    return box + Markup('<text class="value halo" x="{}" y="{}" text-anchor="{}">{} {}</text>').format(short(place), middle, anchor, name, f"{node.count:,}")


def _head(x: float, name: str, number: int, count: int) -> Markup:
    anchor = "start" if number == 0 else "end" if number == count - 1 else "middle"
    place = x if number == 0 else x + BAR if number == count - 1 else x + BAR / 2
    return Markup('<text x="{}" y="12" text-anchor="{}">{}</text>').format(short(place), anchor, name)


def _colour(name: str, names: Sequence[str]) -> str:
    return f"flow{names.index(name) % COLOURS}"
