"""Predicates: the tree of a condition, checked node by node against the fields, as one Polars expression."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor

import polars as pl
from sqlglot import exp

from ripeline.decide.calls import Call, read_call
from ripeline.decide.comparison import COMPARISONS, mirrored, steps_of
from ripeline.decide.feature import Feature, Measure
from ripeline.decide.fields import STANDING, Field, FieldType
from ripeline.decide.literal import HUNDREDTHS, NO_REGEX, WORDS, BadCondition, as_literal, did_you_mean, is_literal, like, sample, value_of

FARTHEST_DAY = 100_000
_ORDERED = (FieldType.NUMBER, FieldType.POINTS, FieldType.DATE, FieldType.INSTANT)


@dataclass(frozen=True)
class Term:
    """One side of a comparison: its expression, its type, and the name by which people are told about it."""

    name: str
    type: FieldType
    expr: pl.Expr
    choices: tuple[str, ...] = ()
    days_of: str | None = None


@dataclass
class Translation:
    """Turns one tree into one expression, and notes on the way what it asks for. Every refusal is a BadCondition."""

    names: Mapping[str, Field]
    events: Mapping[str, Mapping[str, Field]]
    lists: Mapping[str, frozenset[str]]
    features: dict[str, Feature] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    boundaries: set[tuple[str, int]] = field(default_factory=set)
    cautions: list[str] = field(default_factory=list)
    guarded: set[str] = field(default_factory=set)

    def predicate(self, node: exp.Expression) -> pl.Expr:
        """Return a node that says yes or no, with SQL's three values (null: unknown)."""
        match node:
            case exp.Paren():
                return self.predicate(node.this)
            case exp.And():
                return self.predicate(node.this) & self.predicate(node.expression)
            case exp.Or():
                return self.predicate(node.this) | self.predicate(node.expression)
            case exp.Not():
                return self._not(node)
            case exp.Is():
                return self._is(node)
            case exp.In():
                return self._in(node)
            case exp.Between():
                return self._between(node)
            case exp.Like():
                return self._like(node)
            case exp.Boolean():
                return pl.lit(bool(node.this))
        return self._comparison(node) if type(node) in COMPARISONS else self._flag(node)

    def _flag(self, node: exp.Expression) -> pl.Expr:
        term = self.term(node)
        if term.type is not FieldType.FLAG:
            raise BadCondition(f"{term.name} is a {term.type}, not a yes or no", f"Compare it, such as {term.name} {sample(term.type)}")
        return term.expr

    def _not(self, node: exp.Not) -> pl.Expr:
        inner = node.this.unnest()
        if not isinstance(inner, exp.Is):
            self._caution(node)
        return ~self.predicate(node.this)

    def _caution(self, node: exp.Expression) -> None:
        for column in node.find_all(exp.Column):
            name = column.name
            if name in self.names and name not in STANDING and name not in self.guarded:
                self.cautions.append(f"{node.sql()} holds for nobody whose {name} is unknown: add OR {name} IS NULL if they are meant too")

    def _is(self, node: exp.Is) -> pl.Expr:
        if isinstance(node.expression, exp.Null):
            return self.term(node.this).expr.is_null()
        if isinstance(node.expression, exp.Boolean):
            return self._flag(node.this).eq_missing(pl.lit(bool(node.expression.this)))
        raise BadCondition(f"{node.sql()}: IS asks only for NULL, TRUE or FALSE", "Use = to compare")

    def _in(self, node: exp.In) -> pl.Expr:
        if node.args.get("query") or node.args.get("unnest") or node.args.get("field"):
            raise BadCondition(f"{node.sql()}: a condition cannot ask another table", "List the values, or use in_list(field, 'name')")
        term = self.term(node.this)
        self._not_points(term, "IN")
        values = [value_of(each, term.name, term.type, term.choices) for each in node.expressions]
        if not values:
            raise BadCondition(f"{term.name} IN () is never true", "Name at least one value")
        self._note_days(term, exp.EQ, values)
        return term.expr.is_in(pl.Series(values, dtype=pl.Float64).implode() if term.type is FieldType.NUMBER else values)

    def _between(self, node: exp.Between) -> pl.Expr:
        term = self.term(node.this)
        low, high = node.args["low"], node.args["high"]
        if term.type is FieldType.POINTS:
            remedy = f"Totals have hundredths: write {term.name} >= {low.sql()} AND {term.name} < {_next_whole(high)}"
            raise BadCondition(f"BETWEEN {low.sql()} AND {high.sql()} leaves out {high.sql()}.50", remedy)
        self._ordered(term, node)
        values = [value_of(each, term.name, term.type) for each in (low, high)]
        self._note_days(term, exp.GTE, values[:1])
        self._note_days(term, exp.LTE, values[1:])
        return (term.expr >= as_literal(values[0], term.type)) & (term.expr <= as_literal(values[1], term.type))

    def _like(self, node: exp.Like) -> pl.Expr:
        term = self.term(node.this)
        if term.type not in WORDS:
            raise BadCondition(f"{term.name} is a {term.type}: LIKE compares text", f"Write {term.name} {sample(term.type)}")
        found = like(term.expr, str(value_of(node.expression, term.name, FieldType.TEXT)))
        if node.args.get("negate"):
            self._caution(node)
            return ~found
        return found

    def _comparison(self, node: exp.Expression) -> pl.Expr:
        left, right, kind = node.this, node.expression, type(node)
        if is_literal(left) or isinstance(left, exp.Null):
            left, right, kind = right, left, mirrored(kind)
        if is_literal(left):
            raise BadCondition(f"{node.sql()} compares two written values", "Compare a field with a value")
        term = self.term(left)
        if kind not in (exp.EQ, exp.NEQ):
            self._ordered(term, node)
        if kind is exp.NEQ:
            self._caution(node)
        return COMPARISONS[kind](term.expr, self._other(term, right, kind))

    def _other(self, term: Term, node: exp.Expression, kind: type[exp.Expression]) -> pl.Expr:
        if is_literal(node) or isinstance(node, exp.Null):
            value = value_of(node, term.name, term.type, term.choices)
            self._note_points(term, kind, value)
            self._note_days(term, kind, [value])
            return as_literal(value, term.type)
        self._not_points(term, "comparing with another field")
        other = self.term(node)
        if other.type is not term.type and not {other.type, term.type} <= set(WORDS):
            raise BadCondition(f"{term.name} is a {term.type} and {other.name} a {other.type}", "Compare fields of one type")
        if term.days_of or other.days_of:
            raise BadCondition(f"{term.name} is compared with {other.name}", "Compare days_since with a number: how else to know when to look again")
        return other.expr

    def term(self, node: exp.Expression) -> Term:
        """Return a node that has a value: a field, a function of ours, or lower()."""
        match node:
            case exp.Paren():
                return self.term(node.this)
            case exp.Column():
                return self._column(node)
            case exp.Lower():
                return self._lower(node)
            case exp.Anonymous():
                return self._call(node)
        if is_literal(node):
            raise BadCondition(f"{node.sql()} stands alone", "Compare a field with it")
        if isinstance(node, exp.RegexpLike | exp.RegexpILike | exp.SimilarTo):
            raise BadCondition(f"{node.sql()[:80]} is a regular expression", NO_REGEX)
        if isinstance(node, exp.Query | exp.Exists):
            raise BadCondition(f"{node.sql()[:80]}: a condition cannot ask another table", "List the values, or use in_list(field, 'name')")
        if isinstance(node, exp.ILike):
            raise BadCondition(f"{node.sql()}: ILIKE is not part of this language", f"Write lower({node.this.sql()}) LIKE '…'")
        raise BadCondition(f"{node.sql()[:80]}: this is not part of the language", "There are: AND OR NOT = <> < > BETWEEN IN LIKE IS NULL and our functions")

    def number(self, node: exp.Expression, turns: Sequence[float]) -> pl.Expr:
        """Return a node that is a number; `turns` are the values at which its meaning to the caller changes."""
        term = self.term(node)
        if term.type is not FieldType.NUMBER:
            raise BadCondition(f"{term.name} is a {term.type}, not a number", "Name a number field, or times(…), days_with(…), sum_of(…) or days_since(…)")
        self._note_days(term, exp.GTE, list(turns))
        return term.expr

    def _column(self, node: exp.Column) -> Term:
        name = node.name
        if node.table:
            raise BadCondition(f"{node.sql()}: fields have no table", f"Write {name}")
        if name not in self.names:
            raise BadCondition(f"unknown field '{name}'", _mended(node, self.names))
        self.columns.add(name)
        known = self.names[name]
        return Term(name, known.type, pl.col(name), known.choices)

    def _lower(self, node: exp.Lower) -> Term:
        term = self.term(node.this)
        if term.type not in WORDS:
            raise BadCondition(f"lower({term.name}): {term.name} is a {term.type}, not text", f"Leave out lower(): {term.name} {sample(term.type)}")
        return Term(f"lower({term.name})", FieldType.TEXT, term.expr.str.to_lowercase())

    def _call(self, node: exp.Anonymous) -> Term:
        call: Call = read_call(node, self.names, self.events, self.lists)
        if call.column:
            self.columns.add(call.column)
        if call.feature is None:
            return Term(call.text, FieldType.FLAG, call.expr)
        self.features.setdefault(call.feature.name, call.feature)
        days_of = call.feature.name if call.feature.measure in (Measure.DAYS_SINCE, Measure.DAYS_SINCE_FIELD) else None
        return Term(call.text, FieldType.FLAG if call.is_flag else FieldType.NUMBER, call.expr, days_of=days_of)

    def _ordered(self, term: Term, node: exp.Expression) -> None:
        if term.type not in _ORDERED:
            raise BadCondition(f"{node.sql()}: {term.name} is a {term.type} and has no order", "Use =, <>, IN or LIKE")

    def _not_points(self, term: Term, what: str) -> None:
        if term.type is FieldType.POINTS:
            raise BadCondition(f"{term.name}: {what} is not for points", f"Compare it with a number: {term.name} >= 50 AND {term.name} < 75")

    def _note_points(self, term: Term, kind: type[exp.Expression], value: object) -> None:
        """A boundary B is noted where the truth of `points >= B` decides."""
        if term.type is FieldType.POINTS and isinstance(value, int):
            self.boundaries |= {(term.name, value + step) for step in steps_of(kind)}

    def _note_days(self, term: Term, kind: type[exp.Expression], values: Sequence[object]) -> None:
        if term.days_of is None:
            return
        have = self.features[term.days_of]
        numbers = [value for value in values if isinstance(value, int | float)]
        days = {floor(number) + 1 if step else ceil(number) for number in numbers for step in steps_of(kind)}
        sane = frozenset(day for day in days if abs(day) < FARTHEST_DAY)
        self.features[term.days_of] = replace(have, days=have.days | sane)


def _next_whole(node: exp.Expression) -> str:
    value = value_of(node, "the upper end", FieldType.POINTS)
    return str(int(str(value)) // HUNDREDTHS + 1)


def _mended(node: exp.Column, names: Mapping[str, Field]) -> str:
    if node.this.args.get("quoted"):
        return f"Text stands in single quotes: '{node.name}'"
    return did_you_mean(node.name, names, "see: ripeline fields. Text stands in single quotes: 'this'")
