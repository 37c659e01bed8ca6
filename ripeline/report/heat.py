"""Counts over two axes as a table whose cells are the warmer the more there are."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup


def heat_table(
    corner: str, rows: Sequence[str], columns: Sequence[str], counts: Mapping[tuple[str, str], int], names: Mapping[str, str] | None = None
) -> Markup:
    """Return the table; `counts` are by (row, column), `names` what rows are called on the page, and each row ends with its sum."""
    top = max([*counts.values(), 1])
    titles = Markup().join(Markup("<th>{}</th>").format(column) for column in columns)
    lines = Markup().join(
        Markup("<tr><td>{}</td>{}<td>{}</td></tr>\n").format(
            (names or {}).get(row, row),
            Markup().join(_cell(counts.get((row, column), 0), top) for column in columns),
            f"{sum(counts.get((row, column), 0) for column in columns):,}",
        )
        for row in rows
    )
    return Markup('<table class="grid"><thead><tr><th>{}</th>{}<th>all</th></tr></thead>\n<tbody>{}</tbody></table>').format(corner, titles, lines)


def _cell(count: int, top: int) -> Markup:
    if not count:
        return Markup('<td class="cell empty">·</td>')
    heat = round(12 + 88 * (count / top) ** 0.5)
    return Markup('<td class="cell{}" style="--heat:{}">{}</td>').format(" strong" if heat > 55 else "", heat, f"{count:,}")
