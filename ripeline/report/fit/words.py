"""A fit in words and tables, for terminal and page."""

from collections.abc import Callable, Sequence

from ripeline.report.fit.numbers import ALWAYS_LOW, FEWEST_IN_A_SEGMENT, Band, Fit, RuleLift, Segment, Share, Verdict
from ripeline.report.grid import Grid
from ripeline.report.interval_charts import in_points, per_cent
from ripeline.report.statistics import CONFIDENCE, FALSE_DISCOVERIES, Interval
from ripeline.report.words import points


def headline(fit: Fit) -> str:
    """Return the one sentence to remember."""
    if fit.concordance is None:
        return "Nobody converted" if not fit.everybody.converted else "Everybody converted"
    return f"In {round(fit.concordance[0] * 100)} of 100 pairs, who converted had scored higher"


def said(fit: Fit) -> str:
    """Return what was judged, and on whom."""
    known = "as they happened, whenever we heard of them" if fit.hindsight else "as they were known then"
    return (
        f"Card {fit.card} ({fit.playbook[:12]}), scored as of {fit.at:%Y-%m-%d %H:%M}Z from facts {known}; "
        f"converted is for whom `{fit.goal}` came to hold after that, up to {fit.until:%Y-%m-%d %H:%M}Z"
    )


def figures(fit: Fit) -> list[tuple[str, str]]:
    """Return the key figures as label and value."""
    found = [("leads judged", f"{fit.everybody.leads:,}"), ("of them converted", f"{fit.everybody.converted:,}"), ("conversion", _rate(fit.everybody))]
    if fit.concordance is not None:
        area, interval = fit.concordance
        found.append((f"concordance (AUC; 0.5 is chance), {interval.low:.3f} to {interval.high:.3f}", f"{area:.3f}"))
    return [*found, ("rules of unproven lift", f"{len(fit.untold)}")]


def method(fit: Fit) -> list[str]:
    """Return how it was judged, a sentence each, so that nobody has to believe it."""
    sure, false = round(CONFIDENCE * 100), round(FALSE_DISCOVERIES * 100)
    return [
        "No future in the past: every score was made anew by the engine of every day at the cut-off, from events and attribute values known then; "
        "only what happened after the cut-off counts as a conversion.",
        f"{fit.had_converted:,} had converted before and are left out; {fit.excluded.leads:,} more were excluded by the card, "
        f"{fit.excluded.converted:,} of them converted.",
        f"Intervals hold the true value {sure} times in 100: Wilson (1927) for a share, Newcombe (1998) for a difference, Hanley and McNeil (1982) "
        "for the concordance, which is how often one who converted had scored higher than one who did not.",
        "A rule’s lift is the conversion where it gave points less the conversion where it did not, taken alone: rules that go together share their lift, "
        "and one that gives more for more is judged by whether it gave at all. "
        f"{len(fit.rules)} rules are asked at once, so p-values (chi-square; Fisher’s exact test where counts are small) are adjusted by Benjamini and "
        f"Hochberg (1995): of all rules said to lift or lower, no more than {false} in 100 are expected to do neither.",
        "What goes with conversion need not cause it, and a goal that the score itself brings about, such as a hand-off, will always seem well told.",
    ]


def grids(fit: Fit) -> list[Grid]:
    """Return every table: bands, grades, rules, segments."""
    return [bands_grid(fit), grades_grid(fit), rules_grid(fit), segments_grid(fit)]


def bands_grid(fit: Fit) -> Grid:
    """Return conversion by total."""
    return _bands("Conversion by score", "Totals at the cut-off in bands of ten points.", "points", fit.bands)


def grades_grid(fit: Fit) -> Grid:
    """Return conversion by grade."""
    return _bands("Conversion by grade", "A to D is fit, 1 to 4 is engagement.", "grade", fit.grades)


def _bands(title: str, about: str, what: str, bands: Sequence[Band]) -> Grid:
    rows = [(band.name, f"{band.share.leads:,}", f"{band.share.converted:,}", _rate(band.share), between(band.share.interval)) for band in bands]
    return Grid(title, about, (what, "#leads", "#converted", "#conversion", "#between"), rows)


def rules_grid(fit: Fit) -> Grid:
    """Return the lift of every rule, the strongest first, those that cannot be told from zero marked."""
    about = "Conversion where the rule gave points, and where it did not. A rule that cannot be told from zero may be worth nothing, or may have met too few."
    columns = ("rule", "part", "#points", "#leads", "#conversion", "#without", "#lift", "#between", "#p adjusted", "verdict")
    return Grid("Lift of every rule", about, columns, [_rule(rule) for rule in strongest_first(fit.rules)], "the card has no rules")


def strongest_first(rules: Sequence[RuleLift]) -> list[RuleLift]:
    """Return the rules by lift, the highest first, those without one last."""
    return sorted(rules, key=lambda rule: (rule.lift is None, -(rule.lift or 0.0), rule.number))


def _rule(rule: RuleLift) -> tuple[str, ...]:
    lift = "" if rule.lift is None else in_points(rule.lift)
    known = between(rule.interval, in_points) if rule.lift is not None else ""
    verdict = f"{rule.verdict}{', against its points' if rule.is_contrary else ''}"
    adjusted = "" if rule.verdict is Verdict.UNUSED else chance(rule.adjusted)
    return rule.name, rule.section, points(round(rule.points)), f"{rule.given.leads:,}", _rate(rule.given), _rate(rule.others), lift, known, adjusted, verdict


def segments_grid(fit: Fit) -> Grid:
    """Return the segments that always score low, and whether they convert like others all the same."""
    about = (
        f"Groups of at least {FEWEST_IN_A_SEGMENT} leads of whom surely fewer than {round(ALWAYS_LOW * 100)} in 100 reach {points(fit.line)} points, "
        "the lowest total the playbook asks for. Where they convert like others, the card misses them; where they do not, attention is better spent elsewhere."
    )
    columns = ("attribute", "value", "#leads", f"#reach {points(fit.line)}", "#conversion", "#others", "#difference", "#between", "")
    return Grid("Segments that always score low", about, columns, [_segment(each) for each in fit.always_low], "no segment always scores low")


def _segment(each: Segment) -> tuple[str, ...]:
    apart = (each.share.rate or 0.0) - (each.others.rate or 0.0)
    missed = "converts like others: missed by the card?" if each.is_missed else "converts less, too"
    counts = (f"{each.share.leads:,}", f"{each.reached:,}", _rate(each.share), _rate(each.others))
    return (each.field, each.value, *counts, in_points(apart), between(each.interval, in_points), missed)


def _rate(share: Share) -> str:
    return "" if share.rate is None else per_cent(share.rate)


def between(interval: Interval, told: Callable[[float], str] = per_cent) -> str:
    """Return an interval as people read it."""
    return f"{told(interval.low)} to {told(interval.high)}"


def chance(value: float) -> str:
    """Return a p-value: small ones only as small."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def as_json(fit: Fit) -> dict[str, object]:
    """Return the fit for a program: shares and lifts of 1, points with hundredths."""
    area, known = fit.concordance or (None, None)
    return {
        "card": fit.card, "playbook": fit.playbook, "goal": fit.goal, "at": fit.at, "until": fit.until, "hindsight": fit.hindsight,
        **_share_json(fit.everybody), "had_converted": fit.had_converted, "excluded": _share_json(fit.excluded),
        "concordance": area, "concordance_low": known and known.low, "concordance_high": known and known.high,
        "bands": [{"points": band.name, **_share_json(band.share)} for band in fit.bands],
        "grades": [{"grade": band.name, **_share_json(band.share)} for band in fit.grades],
        "rules": [_rule_json(rule) for rule in fit.rules],
        "line": fit.line / 100,
        "segments": [_segment_json(each) for each in fit.segments],
    }  # fmt: skip


def _share_json(share: Share) -> dict[str, object]:
    low, high = share.interval
    return {"leads": share.leads, "converted": share.converted, "conversion": share.rate, "low": low, "high": high}


def _rule_json(rule: RuleLift) -> dict[str, object]:
    low, high = rule.interval
    return {
        "number": rule.number, "section": rule.section, "name": rule.name, "points": round(rule.points) / 100, "given": _share_json(rule.given),
        "others": _share_json(rule.others), "lift": rule.lift, "low": low, "high": high, "p": rule.chance, "p_adjusted": rule.adjusted,
        "verdict": rule.verdict.value, "is_contrary": rule.is_contrary,
    }  # fmt: skip


def _segment_json(each: Segment) -> dict[str, object]:
    low, high = each.interval
    return {
        "field": each.field, "value": each.value, "reached": each.reached, **_share_json(each.share), "others": _share_json(each.others),
        "difference_low": low, "difference_high": high, "is_always_low": each.is_always_low, "is_missed": each.is_always_low and each.is_missed,
    }  # fmt: skip
