"""Conditions: SQL boolean expressions that people write, as checked Polars expressions. One language for rules, stages, tracks and routing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ripeline.decide.calls import ANSWERED
from ripeline.decide.facts import Needs, moment
from ripeline.decide.feature import Feature, with_features
from ripeline.decide.fields import Field
from ripeline.decide.literal import NO_REGEX, BadCondition
from ripeline.decide.predicate import Translation

__all__ = ["BadCondition", "Condition", "Feature", "parse_condition", "with_features"]

LONGEST = 5_000
MOST_NODES = 100
DEEPEST = 20
MOST_IN_A_LIST = 500

_ARGUMENTS: Mapping[type[exp.Expression], frozenset[str]] = {
    exp.Like: frozenset({"this", "expression", "negate"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "query", "unnest", "field"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Column: frozenset({"this", "table", "db", "catalog"}),
}
_TWO_SIDES = frozenset({"this", "expression"})


@dataclass(frozen=True)
class Condition:
    """A condition ready to be asked of a frame that has the columns `names` and, by `with_features`, those of `features`.

    `boundaries` are (points field, hundredths B) where the truth of `field >= B` decides. `cautions` are sentences for
    `check` about people of whom a field is unknown. `plain` says the same, or a little more, in SQL that any database understands over
    columns of those names; None where it cannot be said so.
    """

    text: str
    names: frozenset[str]
    features: tuple[Feature, ...]
    boundaries: frozenset[tuple[str, int]]
    cautions: tuple[str, ...]
    expr: pl.Expr
    plain: str | None = None

    @property
    def holds(self) -> pl.Expr:
        """Return a Boolean that is never null: true only where the whole is TRUE, as in SQL's WHERE."""
        return self.expr.fill_null(False)

    @property
    def until(self) -> pl.Expr:
        """Return when time alone may change the answer (Datetime, null: never); may be early, never late."""
        columns = [pl.col(each.until) for each in self.features]
        return pl.min_horizontal(columns) if columns else moment(None)

    @property
    def needs(self) -> Needs:
        """Return what it asks of a lead's facts. Names of standing (total, stage, …) are among the attributes."""
        return reduce(lambda left, right: left | right, (each.needs for each in self.features), Needs(attributes=self.names))


def parse_condition(
    text: str,
    names: Mapping[str, Field],
    events: Mapping[str, Mapping[str, Field]] | None = None,
    lists: Mapping[str, frozenset[str]] | None = None,
    former: Mapping[str, tuple[str, ...]] | None = None,
) -> Condition:
    """Return the condition that `text` says; raises BadCondition with what is wrong and what to write instead.

    `names` are the fields it may use, `events` the kinds and properties its functions may ask for (none: no such function),
    `lists` what in_list may name, `former` what touches were called before: who clicked one under an old name clicked it.
    """
    tree = tree_of(text)
    translation = Translation(names, events or {}, lists or {}, guarded=_guarded(tree))
    expr = translation.predicate(_by_every_name(tree, former) if former else tree)
    features = tuple(translation.features[name] for name in sorted(translation.features))
    on_one_line = " ".join(text.split())
    return Condition(on_one_line, frozenset(translation.columns), features, frozenset(translation.boundaries), tuple(translation.cautions), expr, _plain(tree))


def _by_every_name(tree: exp.Expression, former: Mapping[str, tuple[str, ...]]) -> exp.Expression:
    """Return `tree` with each question after an answer to a touch asked by every name that the touch had."""

    def asked(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Anonymous) or node.name.lower() not in ANSWERED or not node.expressions:
            return node
        first, *rest = node.expressions
        calls = [exp.Anonymous(this=node.this, expressions=[exp.Literal.string(name), *rest]) for name in former.get(first.name, ())]
        return exp.paren(exp.or_(node, *calls, copy=True)) if calls else node

    return tree.transform(asked)


def parse_number(text: str, names: Mapping[str, Field], events: Mapping[str, Mapping[str, Field]] | None = None, turns: Sequence[float] = ()) -> Condition:
    """Return the number that `text` says, a field or a function such as times('page_viewed'), as the `expr` of a condition.

    `turns` are the values that matter to the caller: `until` looks out for them. Raises BadCondition.
    """
    tree = tree_of(text)
    translation = Translation(names, events or {}, {})
    expr = translation.number(tree, turns)
    features = tuple(translation.features[name] for name in sorted(translation.features))
    return Condition(text, frozenset(translation.columns), features, frozenset(), (), expr)


def plain_sql(plain: str, dialect: str) -> tuple[frozenset[str], str]:
    """Return the columns that a `Condition.plain` asks for, and its text for `sqlite` or `postgresql`."""
    tree = sqlglot.parse_one(plain)
    columns = frozenset(column.name for column in tree.find_all(exp.Column))
    return columns, tree.sql(dialect={"sqlite": "sqlite", "postgresql": "postgres"}[dialect], identify=True)


def tree_of(text: str) -> exp.Expression:
    """Return what `text` says as a tree that is one expression, not too large, and says nothing we do not know; raises BadCondition."""
    if len(text) > LONGEST:
        raise BadCondition(f"a condition of {len(text):,} characters", f"Keep it below {LONGEST:,}; long lists of values belong into playbook/lists")
    if not text.strip():
        raise BadCondition("an empty condition", "Say what must hold, such as country = 'NL'")
    try:
        found = sqlglot.parse(f"SELECT ({text}\n)")
    except RecursionError:
        raise _too_deep() from None
    except SqlglotError:
        _refuse_more(text)
        raise BadCondition(f"{text[:80]!r} cannot be read: {_reason(text)}", "Write it like SQL's WHERE: country = 'NL' AND employees >= 50") from None
    tree = _only_expression(found)
    _measure(tree)
    return tree


def _refuse_more(text: str) -> None:
    """Say what is wrong with a text that cannot be read, where it is plain what its author wanted."""
    if re.search(r"~\*?\s*'", text):
        raise BadCondition(f"{text[:80]!r} holds a regular expression", NO_REGEX) from None
    if re.search(r";|\b(select|union|insert|update|delete|drop)\b", text, re.IGNORECASE):
        raise _more_than_one() from None


def _more_than_one() -> BadCondition:
    return BadCondition("this is more than one condition", "One condition only: no statements, no sub-selects, no semicolon")


def _reason(text: str) -> str:
    """Say why a text is no condition, by what authors most often forget; a parser's own words would mean nothing to them."""
    if text.count("'") % 2:
        return "a quote ' is opened and not closed"
    bare = re.sub(r"'[^']*'", "''", text)
    if bare.count("(") != bare.count(")"):
        more, fewer = ("(", ")") if bare.count("(") > bare.count(")") else (")", "(")
        return f"it has more {more} than {fewer}"
    if broken_off := re.search(r"(?:\b(?:AND|OR|NOT|IN|LIKE|BETWEEN|IS)|[=<>,])\s*$", bare, re.IGNORECASE):
        return f"it breaks off after {broken_off[0].strip()}"
    return "a word is missing, or stands where none belongs"


def _only_expression(found: Sequence[object]) -> exp.Expression:
    """One SELECT of one thing in our own parentheses: whatever else came out of the text is a statement in disguise."""
    select = found[0] if len(found) == 1 else None
    if isinstance(select, exp.Select) and len(select.expressions) == 1 and not any(value for key, value in select.args.items() if key != "expressions"):
        outer = select.expressions[0]
        if isinstance(outer, exp.Paren):
            inner: exp.Expression = outer.this
            return inner
    raise _more_than_one()


def _measure(tree: exp.Expression) -> None:
    nodes = 0
    stack: list[tuple[exp.Expression, int]] = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        nodes += _weight(node)
        _refuse_unknown_arguments(node)
        if depth > DEEPEST:
            raise _too_deep()
        stack.extend((child, depth + _descends(node, child)) for child in node.iter_expressions())
    if nodes > MOST_NODES:
        raise BadCondition(f"a condition of {nodes} parts", f"Keep it below {MOST_NODES}: split it, or put values into a list (playbook/lists)")


def _plain(tree: exp.Expression) -> str | None:
    """Databases do not agree on the case of LIKE: what is LIKE ours is LIKE theirs, but not the other way round. Functions they have not.

    Nor do they agree on whether a backslash in a pattern escapes what follows.
    """
    if any(isinstance(node, exp.Anonymous | exp.Lower) for node in tree.walk()):
        return None
    return None if any(_is_ours_alone(node) for node in tree.find_all(exp.Like)) else tree.sql()


def _is_ours_alone(like: exp.Like) -> bool:
    return bool(like.args.get("negate") or like.find_ancestor(exp.Not, exp.Is)) or "\\" in like.expression.name


def _weight(node: exp.Expression) -> int:
    if isinstance(node, exp.In) and len(node.expressions) > MOST_IN_A_LIST:
        raise BadCondition(f"IN with {len(node.expressions)} values", "Put them into playbook/lists and use in_list(field, 'name')")
    is_listed = isinstance(node, exp.Literal) and isinstance(node.parent, exp.In)
    return 0 if is_listed or isinstance(node, exp.Identifier | exp.Paren) else 1


def _refuse_unknown_arguments(node: exp.Expression) -> None:
    """A newer parser may say new things in old nodes (`negate` came that way): what we would not translate must not pass."""
    unknown = [name for name, value in node.args.items() if value and name not in _ARGUMENTS.get(type(node), _TWO_SIDES)]
    if unknown and isinstance(node, (exp.Binary, *_ARGUMENTS)):
        raise BadCondition(f"{node.sql()[:80]}: {', '.join(unknown)} is not part of the language", "Write it more plainly")


def _descends(parent: exp.Expression, child: exp.Expression) -> int:
    """A chain of ANDs is one level, however the parser nests it; parentheses that only group are none."""
    if isinstance(parent, exp.Paren):
        return 0
    return 0 if isinstance(parent, exp.And | exp.Or) and type(child) is type(parent) else 1


def _too_deep() -> BadCondition:
    return BadCondition("a condition nested too deeply", f"Keep it within {DEEPEST} levels of parentheses")


def _guarded(tree: exp.Expression) -> set[str]:
    return {each.this.name for each in tree.find_all(exp.Is) if isinstance(each.this, exp.Column)}
