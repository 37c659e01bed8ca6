"""Where in a TOML file each table and key stands: neither tomllib nor tomlkit tells."""

import re
from collections.abc import Mapping, Sequence

Place = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*(.+?)\s*(\]\]?)\s*(#.*)?$")
_KEY_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")
_QUOTES = ('"""', "'''")


def positions(text: str) -> dict[Place, int]:
    """Return the line, counted from 1, of each table header and key of a well-formed TOML text.

    A place is a path of keys and, below `[[…]]`, indexes. Values that run over several lines belong to their key's line.
    """
    lines: dict[Place, int] = {}
    table: Place = ()
    counts: dict[Place, int] = {}
    open_brackets, open_quote = 0, ""
    for number, line in enumerate(text.split("\n"), start=1):
        if open_quote or open_brackets > 0:
            change, open_quote = _balance(line, open_quote)
            open_brackets += change
            continue
        header = _HEADER.match(line)
        if header and (parts := _parts(header[2])) and header[1].count("[") == header[3].count("]"):
            table = _table(parts, header[1] == "[[", counts)
            lines.setdefault(table, number)
            if header[1] == "[[":
                lines.setdefault(table[:-1], number)
        elif "=" in line and (parts := _parts(line)):
            lines.setdefault((*table, *parts), number)
            change, open_quote = _balance(_value(line), "")
            open_brackets += change
    return lines


def line_of(lines: Mapping[Place, int], place: Sequence[str | int]) -> int:
    """Return the line of the nearest place at or above `place`, 0 where none is known."""
    return next((lines[tuple(place[:length])] for length in range(len(place), -1, -1) if tuple(place[:length]) in lines), 0)


def _parts(text: str) -> tuple[str, ...]:
    parts: list[str] = []
    at = 0
    while found := _KEY_PART.match(text, at):
        parts.append(next(group for group in found.groups() if group is not None))
        at = found.end()
        if at < len(text) and text[at] == ".":
            at += 1
            continue
        return tuple(parts) if at >= len(text) or text[at] in "=]" else ()
    return ()


def _value(line: str) -> str:
    found = _KEY_PART.match(line)
    at = found.end() if found else 0
    while found and at < len(line) and line[at] == ".":
        found = _KEY_PART.match(line, at + 1)
        at = found.end() if found else at
    return line[at + 1 :]


def _table(parts: tuple[str, ...], is_array: bool, counts: dict[Place, int]) -> Place:
    place: Place = ()
    for depth, part in enumerate(parts):
        place = (*place, part)
        if is_array and depth == len(parts) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _balance(line: str, quote: str) -> tuple[int, str]:
    """Return by how much `line` opens brackets, and the multi-line quote it leaves open."""
    depth, at = 0, 0
    while at < len(line):
        triple = line[at : at + 3]
        if quote:
            at, quote = (at + 3, "") if triple == quote else (at + (2 if line[at] == "\\" and quote == '"""' else 1), quote)
        elif triple in _QUOTES:
            at, quote = at + 3, triple
        elif line[at] in "\"'":
            at = _past_string(line, at)
        elif line[at] == "#":
            break
        else:
            depth += (line[at] in "[{") - (line[at] in "]}")
            at += 1
    return depth, quote


def _past_string(line: str, at: int) -> int:
    quote = line[at]
    at += 1
    while at < len(line) and line[at] != quote:
        at += 2 if line[at] == "\\" and quote == '"' else 1
    return at + 1
