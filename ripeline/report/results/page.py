"""Results as one self-contained HTML page."""

from markupsafe import Markup

from ripeline.report.frame import figure, framed, head, section
from ripeline.report.grid import grid_section
from ripeline.report.interval_charts import Point, differences_chart, in_points, shares_chart
from ripeline.report.results.numbers import Contest, Results
from ripeline.report.results.words import (
    contests_grid,
    grids,
    headline,
    method,
    said,
    tracks_grid,
    variant,
    warnings,
)
from ripeline.report.statistics import wilson


def results_page(results: Results) -> str:
    """Return the whole page. Nobody is named on it."""
    charts = {tracks_grid(results).title: _tracks(results), contests_grid(results).title: _contests(results)}
    parts = [head(headline(results), f"{said(results)}.", _figures(results)), *([_warned(results)] if results.suspicious else [])]
    parts += [grid_section(grid, chart=charts.get(grid.title) if grid.rows else None) for grid in grids(results)]
    return framed(headline(results), [*parts, section("How this was counted", "So that nobody has to believe it.", _listed(method()))])


def _figures(results: Results) -> list[tuple[str, str]]:
    sums = {name: sum(getattr(line, name) for line in results.tracks) for name in ("entered", "goal", "left", "still_open")}
    sent, clicked = (sum(getattr(line, name) for line in results.touches) for name in ("sent", "clicked"))
    told = {"entered": sums["entered"], "letters sent": sent, "letters clicked": clicked, "goal": sums["goal"], "left": sums["left"]}
    return [(label, f"{count:,}") for label, count in told.items()] + [("in a track yet", f"{sums['still_open']:,}")]


def _warned(results: Results) -> Markup:
    return section("Suspicious splits", "What these contests say may be wrong.", _listed(warnings(results)))


def _listed(sentences: list[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup().join(Markup("<li>{}</li>").format(sentence) for sentence in sentences))


def _tracks(results: Results) -> Markup:
    lines = [line for line in results.tracks if line.entered]
    points = [Point(line.track, line.goal / line.entered, wilson(line.goal, line.entered), f"n = {line.entered:,}", "ghost") for line in lines]
    return figure(
        shares_chart(points, "Goal by track"),
        "Of those who entered, how many reached the goal; the whisker is where the true share lies, and a dashed one goes on beyond the picture.",
    )


def _contests(results: Results) -> Markup:
    points = [point for each in results.contests if (point := _point(each))]
    caption = "Difference in percentage points: green is better, red worse, pale cannot be told from zero (dashed) once all are asked together."
    return figure(differences_chart(points, "Variants against their control"), caption)


def _point(each: Contest) -> Point | None:
    if each.difference is None:
        return None
    kind = "ghost" if not each.is_proven else "good" if each.difference > 0 else "bar"
    return Point(f"{each.touch}: {variant(each.variant)}", each.difference, each.interval, f"{in_points(each.difference)}  n = {each.turned:,}", kind)
