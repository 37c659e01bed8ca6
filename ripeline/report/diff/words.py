"""A difference in words and tables, for terminal and page."""

import polars as pl

from ripeline.report.diff.numbers import LISTED, NO_MARKET, Difference, Move
from ripeline.report.grid import Grid
from ripeline.report.words import plain, points

NAMES = {"total": "total", "grade": "grade", "stage": "stage", "is_on_hold": "hold", "handoff": "hand-off"}
ABOUT = {
    "grade": "The grade is fit band and engagement band. Every way from one to another, the most walked first.",
    "stage": "The stage the next segment run would set, shortest stays and hysteresis included, starting from where leads stand today.",
    "is_on_hold": "Whether nothing is sent to a lead for now.",
    "handoff": "What the next handoff run would do: hand over with a card or with an invite, keep what is open, or withdraw it.",
}


def headline(of: Difference) -> str:
    """Return the one sentence to remember."""
    if of.old.version == of.new.version and not any(of.changed.values()):
        return "Both score alike"
    return f"{of.who.height:,} of {of.leads:,} leads would stand elsewhere"


def said(of: Difference) -> str:
    """Return what was compared, and when."""
    return f"{_side(of.old.name, of.old.playbook)} against {_side(of.new.name, of.new.playbook)}, both at {of.at:%Y-%m-%d %H:%M}Z on the same facts"


def _side(name: str, playbook: str) -> str:
    return name if playbook.startswith(name) else f"{name} ({playbook[:12]})"


def figures(of: Difference) -> list[tuple[str, str]]:
    """Return the key figures as label and value."""
    changed = of.changed
    return [
        ("leads", f"{of.leads:,}"), ("with other points", f"{changed['total']:,}"), ("with another grade", f"{changed['grade']:,}"),
        ("in another stage", f"{changed['stage']:,}"), ("put on hold, or freed", f"{changed['is_on_hold']:,}"),
        ("with another hand-off", f"{changed['handoff']:,}"),
    ]  # fmt: skip


def grids(of: Difference, most: int) -> list[Grid]:
    """Return every table; of the leads themselves at most so many."""
    return [_markets(of), *(_moves(of, word) for word in LISTED), _who(of, most)]


def _markets(of: Difference) -> Grid:
    names = [*NAMES]
    rows = [(line.market or NO_MARKET, f"{line.leads:,}", *(f"{line.changed[name]:,}" for name in names)) for line in of.markets]
    about = "How many leads of each market, by the new card, would have another …"
    return Grid("By market", about, ("market", "#leads", *(f"#{NAMES[name]}" for name in names)), rows, "no lead may be scored")


def _moves(of: Difference, word: str) -> Grid:
    rows = [_way(move) for move in of.moves[word]]
    return Grid(f"Another {NAMES[word]}", ABOUT[word], ("from", "to", "#leads"), rows, "nobody")


def _way(move: Move) -> tuple[str, str, str]:
    return plain(move.old), plain(move.new), f"{move.leads:,}"


def _who(of: Difference, most: int) -> Grid:
    rows = [_lead(row) for row in of.who.head(most).iter_rows(named=True)]
    left = of.who.height - len(rows)
    about = "By id; `ripeline lead ID` tells more of each. " + (f"{left:,} more are in --csv and --json." if left else "These are all.")
    title = "Who they are" + (f", the first {most:,}" if left else "")
    return Grid(title, about, ("#lead", "market", "#total", "", "grade", "", "stage", "", "hold", "", "hand-off", ""), rows, "nobody")


def _lead(row: dict[str, object]) -> tuple[str, ...]:
    told: list[str] = []
    for word, show in (("total", _points), ("grade", str), ("stage", _plain), ("is_on_hold", _hold), ("handoff", _plain)):
        old, new = row[f"old {word}"], row[f"new {word}"]
        told += [show(old), f"→ {show(new)}" if old != new else ""]
    return f"{row['lead_id']}", str(row["new market"] or ""), *told


def _points(hundredths: object) -> str:
    return points(int(str(hundredths)))


def _plain(word: object) -> str:
    return plain(str(word))


def _hold(is_on_hold: object) -> str:
    return "on hold" if is_on_hold else ""


def as_csv(of: Difference) -> str:
    """Return every lead in `who` as CSV: points with hundredths, columns such as old_total."""
    totals = [(pl.col(name) / 100).round(2).alias(name) for name in ("old total", "new total")]
    frame = of.who.with_columns(totals)
    return frame.rename({name: name.replace(" ", "_") for name in frame.columns}).write_csv()


def as_json(of: Difference, most: int | None) -> dict[str, object]:
    """Return the difference for a program; `most` None: every lead."""
    who = of.who if most is None else of.who.head(most)
    rows = [{name.replace(" ", "_"): (value / 100 if name.endswith("total") else value) for name, value in row.items()} for row in who.iter_rows(named=True)]
    sides = {side: {"name": told.name, "playbook": told.playbook, "version": told.version} for side, told in (("old", of.old), ("new", of.new))}
    return {
        **sides, "as_of": of.at, "leads": of.leads, "changed": dict(of.changed),
        "moves": {word: [{"from": move.old, "to": move.new, "leads": move.leads} for move in moves] for word, moves in of.moves.items()},
        "markets": [{"market": line.market, "leads": line.leads, "changed": dict(line.changed)} for line in of.markets],
        "who_count": of.who.height, "who": rows,
    }  # fmt: skip
