"""A difference as one self-contained HTML page."""

from markupsafe import Markup

from ripeline.report.diff.numbers import Difference
from ripeline.report.diff.words import figures, grids, headline, said
from ripeline.report.frame import framed, head, section
from ripeline.report.grid import grid_section
from ripeline.report.heat import heat_table


def difference_page(of: Difference, most: int) -> str:
    """Return the whole page, with at most so many leads on it, by id alone."""
    markets, grades, *rest = (grid_section(grid) for grid in grids(of, most))
    parts = [head(headline(of), f"{said(of)}.", figures(of)), markets, _grades(of) if of.moves["grade"] else grades, *rest]
    return framed(headline(of), parts)


def _grades(of: Difference) -> Markup:
    ways = {(move.old, move.new): move.leads for move in of.moves["grade"]}
    old, new = (sorted({way[side] for way in ways}) for side in (0, 1))
    about = "From the grade at the left to the grade above: A to D is fit, 1 to 4 is engagement, A1 the best. Who keeps their grade is left out."
    return section("From grade to grade", about, Markup('<div class="card scroll">{}</div>').format(heat_table("from", old, new, ways)))
