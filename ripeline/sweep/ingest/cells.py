"""Cells: cleaned, and picked for what a map wants, all as text still."""

import re
from collections.abc import Collection, Mapping, Sequence

import polars as pl

from ripeline.connect.sources import LINE
from ripeline.playbook.mapping import Choice, Constant, folded, template_parts

LONGEST = 10_000
"""Characters a cell may hold."""

REASON = "#reason"

NOES = ("no", "n", "false", "0", "off")
"""What a filled cell says when it says no."""


def cleaned(rows: pl.DataFrame, missing: Collection[str]) -> pl.DataFrame:
    """Return rows without outer blanks; blank cells, and those that mean "not known", are null.

    What means that is compared to the letter: somebody may be called Null.
    """
    cell = pl.all().exclude(LINE).str.strip_chars()
    return rows.with_columns(pl.when(~cell.is_in(["", *missing])).then(cell))


def fault(rows: pl.DataFrame) -> pl.Series:
    """Return for each row why a cell of it cannot be kept, or null: it is too long, or holds a NUL, which no database takes."""
    reasons = [_fault_of(rows[name]) for name in rows.columns if name != LINE]
    return first_of([reason for reason in reasons if reason is not None], rows.height)


def _fault_of(column: pl.Series) -> pl.Series | None:
    lengths = column.str.len_bytes()
    nul = column.str.contains("\x00", literal=True)
    if not nul.any() and (lengths.max() or 0) <= LONGEST:  # type: ignore[operator]
        return None
    frame = pl.DataFrame({"cell": column, "nul": nul, "length": column.str.len_chars()})
    too_long = pl.format(f"column '{column.name}' holds {{}} characters, at most {LONGEST:,} are taken", "length")
    return frame.select(
        pl.when(pl.col("length") > LONGEST).then(too_long).when("nul").then(pl.lit(f"column '{column.name}' holds a NUL character"))
    ).to_series()


def first_of(reasons: Sequence[pl.Series], height: int) -> pl.Series:
    """Return the first reason of each row, null where there is none."""
    frame = pl.DataFrame([series.alias(str(number)) for number, series in enumerate(reasons)])
    return frame.select(pl.coalesce(pl.all()).alias(REASON)).to_series() if reasons else pl.Series(REASON, [None] * height, pl.String)


def picked(cell: str | tuple[str, ...] | Constant, columns: Collection[str]) -> pl.Expr | None:
    """Return the text that a map's value makes of a row; None where a list names no column that is there."""
    if isinstance(cell, Constant):
        return pl.lit(str(cell.constant).lower() if isinstance(cell.constant, bool) else str(cell.constant))
    if isinstance(cell, tuple):
        there = among(cell, columns)
        return pl.coalesce(there) if there else None
    if "{" not in cell:
        return pl.col(cell)
    parts = template_parts(cell)
    return pl.concat_str([pl.col(part) if index % 2 else pl.lit(part) for index, part in enumerate(parts)])


def column_of(rows: pl.DataFrame, made: pl.Expr | None, name: str) -> pl.Series:
    """Return what an expression makes of each row, a constant as often as there are rows; nulls where there is no expression."""
    return rows.select(LINE, (pl.lit(None, pl.String) if made is None else made).alias(name))[name]


def among(names: Collection[str], columns: Collection[str]) -> list[str]:
    """Return the columns that go by one of these names, in the order of the names; case and punctuation do not matter."""
    called: dict[str, list[str]] = {}
    for column in columns:
        called.setdefault(field_name(column), []).append(column)
    return list(dict.fromkeys(column for name in names for column in called.get(field_name(name), [])))


def meant(text: pl.Expr, table: Mapping[str, str]) -> pl.Expr:
    """Return what a table says that a text means; nothing for what it leaves blank, the text itself where it says nothing."""
    if not table:
        return text
    words = {folded(word): meaning or None for word, meaning in table.items()}
    return pl.when(_folded(text).is_in(list(words))).then(_folded(text).replace_strict(words, default=None, return_dtype=pl.String)).otherwise(text)


def chosen(choice: Choice) -> pl.Expr:
    """Return whether a row is one that a map means."""
    if choice.column is None:
        return pl.lit(True)
    cell = _folded(pl.col(choice.column))
    return (cell.is_in(choice.wanted) if choice.wanted else ~cell.is_in([*NOES, *choice.unwanted])).fill_null(False)


def one_line(text: pl.Expr) -> pl.Expr:
    """Return a text in NFC, its blanks and control characters of any length as one space."""
    return text.str.normalize("NFC").str.replace_all(r"[\s\p{Cc}]+", " ").str.strip_chars()


def field_name(column: str) -> str:
    """Return the name of the field a column is about: `First Name` is first_name."""
    return re.sub(r"\W+", "_", column.strip().lower()).strip("_")


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_lowercase()
