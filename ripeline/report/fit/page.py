"""A fit as one self-contained HTML page."""

from collections.abc import Sequence

from markupsafe import Markup

from ripeline.report.fit.numbers import Band, Fit, RuleLift, Verdict
from ripeline.report.fit.words import bands_grid, figures, grades_grid, headline, method, rules_grid, said, segments_grid, strongest_first
from ripeline.report.frame import figure, framed, head, section
from ripeline.report.grid import grid_section
from ripeline.report.interval_charts import Point, differences_chart, in_points, shares_chart

KINDS = {Verdict.LIFTS: "good", Verdict.LOWERS: "bar", Verdict.UNTOLD: "ghost", Verdict.UNUSED: "ghost"}

_WHISKER = "the whisker is where the true share lies, and a dashed one goes on beyond the picture: too few leads to tell"


def fit_page(fit: Fit) -> str:
    """Return the whole page. Nobody is named on it."""
    how = Markup("<ul>{}</ul>").format(Markup().join(Markup("<li>{}</li>").format(sentence) for sentence in method(fit)))
    parts = [
        head(headline(fit), f"{said(fit)}.".replace("`", "“", 1).replace("`", "”", 1), figures(fit)),
        grid_section(bands_grid(fit), chart=_chart(fit.bands, f"Conversion by total; {_WHISKER}")),
        grid_section(grades_grid(fit), chart=_chart(fit.grades, f"Conversion by grade; {_WHISKER}")),
        grid_section(rules_grid(fit), chart=_lifts(fit.rules)),
        grid_section(segments_grid(fit)),
        section("How this was judged", "So that nobody has to believe it.", how),
    ]
    return framed(headline(fit), parts)


def _chart(bands: Sequence[Band], caption: str) -> Markup:
    points = [Point(band.name, band.share.rate or 0.0, band.share.interval, f"n = {band.share.leads:,}", "ghost") for band in bands]
    return figure(shares_chart(points, caption), f"{caption}.")


def _lifts(rules: Sequence[RuleLift]) -> Markup:
    points = [
        Point(rule.name, rule.lift, rule.interval, f"{in_points(rule.lift)}  n = {rule.given.leads:,}", KINDS[rule.verdict])
        for rule in strongest_first(rules)
        if rule.lift is not None
    ]
    caption = (
        "Lift of every rule in percentage points: green lifts, red lowers, pale cannot be told from zero once all rules are asked together; "
        "dotted ones go on beyond the picture."
    )
    return figure(differences_chart(points, "Lift of every rule"), caption)
