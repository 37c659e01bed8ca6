"""Results in words and tables, for terminal and page."""

from collections.abc import Sequence
from dataclasses import asdict

from models.columns import EPOCH
from ripeline.decide.touch import GO_TO, HOLD_OUT, WENT_ON
from ripeline.report.fit.words import between, chance
from ripeline.report.grid import Grid
from ripeline.report.interval_charts import in_points, per_cent
from ripeline.report.results.numbers import Contest, Ratio, Results, TouchLine, TrackLine
from ripeline.report.statistics import CONFIDENCE, FALSE_DISCOVERIES, SUSPICIOUS_RATIO, wilson

NO_MARKET = "(no market)"


def headline(results: Results) -> str:
    """Return the one sentence to remember."""
    entered, goal = (sum(getattr(line, name) for line in results.tracks) for name in ("entered", "goal"))
    return f"{goal:,} of {entered:,} who entered reached the goal" if entered else "Nobody entered a track"


def said(results: Results) -> str:
    """Return what was counted."""
    until = f"up to {results.until:%Y-%m-%d %H:%M}Z"
    when = f"from {results.since:%Y-%m-%d %H:%M}Z {until}" if results.since > EPOCH else until
    return f"Who entered a track {when}, and what became of them by now"


def warnings(results: Results) -> list[str]:
    """Return what makes a contest worth nothing, a sentence each."""
    return [
        f"{ratio.track} / {ratio.touch}: the arms are not split as the playbook says ({_split(ratio)}, p {chance(ratio.chance)}). Something treats them "
        "differently before their turn comes: believe none of its contests until that is found."
        for ratio in results.suspicious
    ]


def method() -> list[str]:
    """Return how it was counted, a sentence each."""
    sure, false = round(CONFIDENCE * 100), round(FALSE_DISCOVERIES * 100)
    return [
        "Goal and left count for the touch after which they came, before another one had its turn. The contest counts the goal at any time after the turn.",
        "A contest counts whose turn came: the letter went out, or the lot held it out, decided last of all, so that both sides were asked the same before.",
        f"Intervals hold the true value {sure} times in 100 (Wilson 1927 for a share, Newcombe 1998 for a difference). p-values (chi-square; Fisher’s "
        "exact test where counts are small) are adjusted for all contests at once by Benjamini and Hochberg (1995): of those said to differ, no more "
        f"than {false} in 100 are expected not to.",
        f"A split is suspicious where chance would stray so far less than {SUSPICIOUS_RATIO * 1000:g} time in 1,000 (chi-square goodness of fit).",
        "Markets are those that leads belong to now.",
    ]


def grids(results: Results) -> list[Grid]:
    """Return every table."""
    return [
        tracks_grid(results),
        touches_grid(results),
        contests_grid(results),
        ratios_grid(results),
        markets_grid(results),
        cells_grid(results),
        _why(results),
    ]


def tracks_grid(results: Results) -> Grid:
    """Return the tracks."""
    about = "Of those who entered: who reached the goal, who left otherwise, who is in the track yet, and whose touches are all sent."
    columns = ("track", "#entered", "#goal", "#share", "#between", "#left", "#open", "#exhausted")
    return Grid("Tracks", about, columns, [(line.track, *_line(line)) for line in results.tracks], "nobody entered a track")


def markets_grid(results: Results) -> Grid:
    """Return the tracks by market."""
    columns = ("track", "market", "#entered", "#goal", "#share", "#between", "#left", "#open", "#exhausted")
    rows = [(line.track, line.market or NO_MARKET, *_line(line)) for line in results.markets]
    return Grid("Tracks by market", "The same, by the market that leads belong to now.", columns, rows, "nobody entered a track")


def _line(line: TrackLine) -> tuple[str, ...]:
    counts = (f"{line.left:,}", f"{line.still_open:,}", f"{line.exhausted:,}")
    return (f"{line.entered:,}", f"{line.goal:,}", per_cent(line.goal / line.entered), between(wilson(line.goal, line.entered)), *counts)


_TOUCH = ("#planned", "#sent", "#held out", "#clicked", "#of sent", "#goal", "#left")


def touches_grid(results: Results) -> Grid:
    """Return the touches and their variants."""
    about = "Letters that went, and what came next: a click, the goal, or leaving the track, before another touch had its turn."
    rows = [(line.track, line.touch, variant(line.variant), *_touch(line)) for line in results.touches]
    return Grid("Touches", about, ("track", "touch", "variant", *_TOUCH), rows, "no touch is planned yet")


def cells_grid(results: Results) -> Grid:
    """Return the touches and their variants by market."""
    rows = [(line.track, line.touch, variant(line.variant), line.market or NO_MARKET, *_touch(line)) for line in results.cells]
    return Grid("Touches by market", "The same, by the market that leads belong to now.", ("track", "touch", "variant", "market", *_TOUCH), rows, "none")


def _touch(line: TouchLine) -> tuple[str, ...]:
    rate = per_cent(line.clicked / line.sent) if line.sent else ""
    return (f"{line.planned:,}", f"{line.sent:,}", f"{line.held_out:,}", f"{line.clicked:,}", rate, f"{line.goal:,}", f"{line.left:,}")


def variant(name: str) -> str:
    """Return a variant as people read it."""
    if name == HOLD_OUT:
        return "held out"
    way = next((prefix for prefix in (GO_TO, WENT_ON) if name.startswith(prefix)), None)
    return f"went on to {name.removeprefix(way)}" if way else name


def contests_grid(results: Results) -> Grid:
    """Return the variants against their control."""
    about = "The share that reached the goal at any time after their turn, in points above those held out, or above the first letter where nobody is."
    columns = ("track", "touch", "variant", "against", "#turns", "#goal", "#of turns", "#control", "#difference", "#between", "#p adjusted", "")
    return Grid("Variants against the held-out", about, columns, [_contest(each) for each in results.contests], "no touch has variants or held anybody out yet")


def _contest(each: Contest) -> tuple[str, ...]:
    mine = per_cent(each.goal / each.turned) if each.turned else ""
    control = per_cent(each.control_goal / each.control_turned) if each.control_turned else ""
    apart = "" if each.difference is None else in_points(each.difference)
    verdict = ("better" if (each.difference or 0) > 0 else "worse") if each.is_proven else "cannot be told from zero"
    known = between(each.interval, in_points) if each.difference is not None else ""
    named = (each.track, each.touch, variant(each.variant), variant(each.control))
    return (*named, f"{each.turned:,}", f"{each.goal:,}", mine, control, apart, known, chance(each.adjusted), verdict)


def ratios_grid(results: Results) -> Grid:
    """Return whether lots were drawn as the playbook says."""
    rows = [(ratio.track, ratio.touch, _split(ratio), chance(ratio.chance), "SUSPICIOUS" if ratio.is_suspicious else "as drawn") for ratio in results.ratios]
    about = "How many leads of each arm had their turn, and how many were to be expected by the playbook versions they are bound to."
    return Grid("Were the arms split as they should be?", about, ("track", "touch", "leads by arm (expected)", "#p", ""), rows, "no touch has arms yet")


def _split(ratio: Ratio) -> str:
    return ", ".join(f"{variant(name)} {count:,} ({ratio.expected[name]:,.1f})" for name, count in ratio.seen.items())


def _why(results: Results) -> Grid:
    rows = [(track, because, f"{count:,}") for track, reasons in results.why_left.items() for because, count in reasons.items()]
    return Grid("Why they left", "Enrolments that ended otherwise than by the goal.", ("track", "because", "#leads"), rows, "nobody left")


def as_json(results: Results) -> dict[str, object]:
    """Return the results for a program; differences are of 1."""
    return {
        "since": results.since, "until": results.until,
        "tracks": [_track_json(line) for line in results.tracks], "markets": [_track_json(line) for line in results.markets],
        "touches": _touches_json(results.touches), "cells": _touches_json(results.cells), "why_left": results.why_left,
        "contests": [asdict(each) | _contest_json(each) for each in results.contests],
        "ratios": [asdict(ratio) | {"is_suspicious": ratio.is_suspicious} for ratio in results.ratios],
    }  # fmt: skip


def _track_json(line: TrackLine) -> dict[str, object]:
    low, high = wilson(line.goal, line.entered)
    return asdict(line) | {"open": line.still_open, "low": low, "high": high}


def _touches_json(lines: Sequence[TouchLine]) -> list[dict[str, object]]:
    return [asdict(line) | {"held_out": line.held_out} for line in lines]


def _contest_json(each: Contest) -> dict[str, object]:
    low, high = each.interval
    return {"difference": each.difference, "low": low, "high": high, "is_proven": each.is_proven}
