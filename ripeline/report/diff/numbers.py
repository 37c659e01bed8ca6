"""What a change of cards would change: plain values that terminal, page and programs tell alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

COMPARED = ("total", "grade", "stage", "is_on_hold", "handoff")
"""What is compared, the coarsest last. A lead whose total alone differs is counted, and not listed."""

LISTED = ("grade", "stage", "is_on_hold", "handoff")

NO_MARKET = "(no market)"


@dataclass(frozen=True)
class Side:
    """One of the two: what the person called it, its playbook's hash, and its scoring's version, equal where both score alike."""

    name: str
    playbook: str
    version: str


@dataclass(frozen=True)
class MarketLine:
    """One market by the new card (None: none): its leads, and how many change what is COMPARED, by that word."""

    market: str | None
    leads: int
    changed: Mapping[str, int]


@dataclass(frozen=True)
class Move:
    """How many leads go from one grade, stage, hold or hand-off to another."""

    old: str
    new: str
    leads: int


@dataclass(frozen=True)
class Difference:
    """Everything that differs at `at` (aware, UTC). who: a row a lead of which something LISTED changes, those nearest to sales first.

    Columns of `who`: `lead_id`, `old market`, `new market`, and `old …`, `new …` of all that is COMPARED; points are hundredths.
    """

    old: Side
    new: Side
    at: datetime
    leads: int
    changed: Mapping[str, int]
    moves: Mapping[str, tuple[Move, ...]]
    markets: tuple[MarketLine, ...]
    who: pl.DataFrame


def difference(old: Side, new: Side, at: datetime, outlooks: Iterable[tuple[pl.DataFrame, pl.DataFrame]]) -> Difference:
    """Return what differs, from pairs of outlooks on the same leads, slice by slice; only who changes is kept in memory."""
    lines, who = [_LINE], [_WHO]
    for before, after in outlooks:
        pair = _paired(before, after)
        lines.append(pair.group_by(market="new market").agg(leads=pl.len(), **{word: _differs(word).sum() for word in COMPARED}).cast(_LINE.schema))
        who.append(pair.filter(pl.any_horizontal(_differs(word) for word in LISTED)).select(_WHO.columns))
    markets, changed_leads = pl.concat(lines).group_by("market").sum().sort("market", nulls_last=True), pl.concat(who)
    return Difference(
        old, new, at,
        leads=int(markets["leads"].sum()),
        changed={word: int(markets[word].sum()) for word in COMPARED},
        moves={word: _moves(changed_leads, word) for word in LISTED},
        markets=tuple(MarketLine(row["market"], row["leads"], {word: row[word] for word in COMPARED}) for row in markets.iter_rows(named=True)),
        who=_nearest_to_sales_first(changed_leads),
    )  # fmt: skip


_LINE = pl.DataFrame(schema={"market": pl.String(), "leads": pl.Int64(), **dict.fromkeys(COMPARED, pl.Int64())})
_TYPES = {"market": pl.String(), "total": pl.Int64(), "grade": pl.String(), "stage": pl.String(), "is_on_hold": pl.Boolean(), "handoff": pl.String()}
_WHO = pl.DataFrame(schema={"lead_id": pl.Int64(), **{f"{side} {name}": kind for name, kind in _TYPES.items() for side in ("old", "new")}})


def _paired(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return one row a lead with the columns of both, `old …` and `new …`."""
    old, new = (frame.rename({name: f"{side} {name}" for name in frame.columns if name != "lead_id"}) for side, frame in (("old", before), ("new", after)))
    return old.join(new, on="lead_id", how="inner")


def _differs(word: str) -> pl.Expr:
    return pl.col(f"old {word}") != pl.col(f"new {word}")


def _moves(who: pl.DataFrame, word: str) -> tuple[Move, ...]:
    """Return every way from one word to another with its leads, the most walked first."""
    ways = who.filter(_differs(word)).select(old=_as_word(f"old {word}"), new=_as_word(f"new {word}"))
    counted = ways.group_by("old", "new").len().sort(["len", "old", "new"], descending=[True, False, False])
    return tuple(Move(*row) for row in counted.iter_rows())


def _as_word(column: str) -> pl.Expr:
    if not column.endswith("is_on_hold"):
        return pl.col(column)
    return pl.when(pl.col(column)).then(pl.lit("on hold")).otherwise(pl.lit("free"))


def _nearest_to_sales_first(who: pl.DataFrame) -> pl.DataFrame:
    apart = (pl.col("new total") - pl.col("old total")).abs()
    order = [*(_differs(word) for word in ("handoff", "stage")), apart]
    return who.sort([*order, pl.col("lead_id")], descending=[True] * len(order) + [False])
