"""Literals: what people write in a condition, as the value its field holds; and LIKE patterns as safe expressions."""

import difflib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import polars as pl
from sqlglot import exp

from ripeline.decide.facts import INSTANT
from ripeline.decide.fields import FieldType

HUNDREDTHS = 100
LARGEST = Decimal(10) ** 15
LONGEST_PATTERN = 200
NO_REGEX = "There are none in this language, since some never end: write LIKE, where % is any run of characters and _ exactly one"
WORDS = (FieldType.TEXT, FieldType.CHOICE)


class BadCondition(ValueError):
    """A condition that cannot be used: what is wrong, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


def did_you_mean(word: str, known: Iterable[str], see: str) -> str:
    """Return the remedy for an unknown word: the nearest known one, or else where to look."""
    by_lower = {each.lower(): each for each in sorted(known)}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"Did you mean '{by_lower[near[0]]}'? ({see})" if near else see[0].upper() + see[1:]


def is_literal(node: exp.Expression) -> bool:
    """Return whether a node is a written value, a negative number included."""
    return isinstance(node, exp.Literal | exp.Boolean) or (isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal))


def sample(of: FieldType) -> str:
    """Return how a field of this type is compared, as an example for a remedy."""
    if of in WORDS:
        return "= 'this'"
    return "= '2026-03-02'" if of in (FieldType.DATE, FieldType.INSTANT) else "IS TRUE" if of is FieldType.FLAG else ">= 50"


def value_of(node: exp.Expression, name: str, of: FieldType, choices: tuple[str, ...] = ()) -> object:
    """Return the written value as a field called `name` holds it; POINTS as whole hundredths. Raises BadCondition."""
    if isinstance(node, exp.Null):
        raise BadCondition(f"{name}: nothing equals NULL", f"Write {name} IS NULL or {name} IS NOT NULL")
    if not is_literal(node):
        raise BadCondition(f"{name} is compared with {node.sql()}", "Compare a field with a written value here")
    if of is FieldType.FLAG:
        return _flag(node, name)
    if of in (FieldType.NUMBER, FieldType.POINTS):
        number = _number(node, name)
        return _hundredths(number, name) if of is FieldType.POINTS else _plain(number)
    return _text(node, name, of, choices)


def _flag(node: exp.Expression, name: str) -> bool:
    if not isinstance(node, exp.Boolean):
        raise BadCondition(f"{name} is true or false, and {node.sql()} is neither", f"Write {name}, or NOT {name}")
    return bool(node.this)


def _number(node: exp.Expression, name: str) -> Decimal:
    sign, bare = (-1, node.this) if isinstance(node, exp.Neg) else (1, node)
    if not isinstance(bare, exp.Literal) or bare.is_string:
        raise BadCondition(f"{name} is a number, and {node.sql()} is not", "Write numbers without quotes")
    try:
        number = sign * Decimal(bare.this)
    except InvalidOperation:
        raise BadCondition(f"{name}: {node.sql()} is not a number", "Write it like 200 or 2.5") from None
    if abs(number) > LARGEST:
        raise BadCondition(f"{name}: {node.sql()} is beyond any sane bound", f"Stay below {LARGEST:f}")
    return number


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _hundredths(number: Decimal, name: str) -> int:
    hundredths = number * HUNDREDTHS
    if hundredths != hundredths.to_integral_value():
        raise BadCondition(f"{name}: {number} is finer than points are", "Points have hundredths: write at most two decimals")
    return int(hundredths)


def _text(node: exp.Expression, name: str, of: FieldType, choices: tuple[str, ...]) -> object:
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise BadCondition(f"{name} is a {of}, and {node.sql()} is not", "Put it in single quotes, like 'this'")
    if of in (FieldType.DATE, FieldType.INSTANT):
        return _moment(node.this, name, of)
    if choices and node.this not in choices:
        raise BadCondition(f"{name} is never '{node.this}'", did_you_mean(node.this, choices, f"it is one of: {', '.join(choices)}"))
    return str(node.this)


def _moment(text: str, name: str, of: FieldType) -> date | datetime:
    try:
        if of is FieldType.DATE:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        example = "'2026-03-02'" if of is FieldType.DATE else "'2026-03-02' or '2026-03-02T10:00Z'"
        raise BadCondition(f"{name}: '{text}' is not a {of}", f"Write it like {example}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_literal(value: object, of: FieldType) -> pl.Expr:
    """Return a value as an expression of its field's type. Numbers keep their own, so that Int64 columns compare exactly."""
    return pl.lit(value, dtype=INSTANT) if of is FieldType.INSTANT else pl.lit(value)


def like(column: pl.Expr, pattern: str) -> pl.Expr:
    """Return SQL's `column LIKE pattern`, case-sensitive as in PostgreSQL: % any run of characters, _ exactly one. No pattern can run long."""
    if len(pattern) > LONGEST_PATTERN:
        raise BadCondition(f"a LIKE pattern of {len(pattern)} characters", f"Keep it below {LONGEST_PATTERN}")
    core = pattern.strip("%")
    if "%" in core or "_" in core:
        return column.str.contains(_regex(pattern))
    opens, closes = pattern.startswith("%"), pattern.endswith("%")
    if not core:
        return column.str.starts_with("") if pattern else column == ""
    if opens and closes:
        return column.str.contains(core, literal=True)
    if opens:
        return column.str.ends_with(core)
    return column.str.starts_with(core) if closes else column == core


def _regex(pattern: str) -> str:
    parts = [".*" if part.startswith("%") else "." if part == "_" else re.escape(part) for part in re.findall(r"%+|_|[^%_]+", pattern)]
    return rf"(?s)\A{''.join(parts)}\z"
