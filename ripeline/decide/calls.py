"""Calls: the functions of the condition language, each checked and turned into a feature or a plain expression."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl
from sqlglot import exp

from ripeline.decide.duration import Duration
from ripeline.decide.feature import ANY_KIND, Feature, Measure
from ripeline.decide.fields import ENTERED_TOTAL, Field, FieldType
from ripeline.decide.literal import BadCondition, did_you_mean, value_of


@dataclass(frozen=True)
class Call:
    """One call: as people read it, its expression, and the feature column it stands on (None: it needs only `column`)."""

    text: str
    expr: pl.Expr
    is_flag: bool = True
    feature: Feature | None = None
    column: str | None = None


@dataclass(frozen=True)
class _Asked:
    """A call as written, with what may be named in it."""

    node: exp.Anonymous
    names: Mapping[str, Field]
    events: Mapping[str, Mapping[str, Field]]
    lists: Mapping[str, frozenset[str]]

    @property
    def text(self) -> str:
        return self.node.sql()

    def wrong(self, what: str) -> BadCondition:
        return BadCondition(f"{self.text}: {what}", f"Write it like {_SHAPES[self.node.name.lower()]}")

    def first(self) -> exp.Expression:
        if not self.node.expressions:
            raise self.wrong("it names nothing")
        found: exp.Expression = self.node.expressions[0]
        return found

    def first_text(self) -> str:
        first = self.first()
        if not isinstance(first, exp.Literal) or not first.is_string:
            raise self.wrong("its first word stands in single quotes")
        return str(first.this)

    def settings(self) -> dict[str, exp.Expression]:
        """Return what follows the first word, by name."""
        found: dict[str, exp.Expression] = {}
        for each in self.node.expressions[1:]:
            if not isinstance(each, exp.EQ) or not isinstance(each.this, exp.Column) or each.this.name in found:
                raise self.wrong("after the first word, everything is name = value, each once")
            found[each.this.name] = each.expression
        return found


def read_call(node: exp.Anonymous, names: Mapping[str, Field], events: Mapping[str, Mapping[str, Field]], lists: Mapping[str, frozenset[str]]) -> Call:
    """Return what a call means; BadCondition if we have no such function or it is asked wrongly."""
    name = node.name.lower()
    if name not in _READERS:
        raise BadCondition(f"unknown function {node.name}()", did_you_mean(name, [*_READERS, "lower"], f"there are: {', '.join(_READERS)}, lower"))
    return _READERS[name](_Asked(node, names, events, lists))


def _times(asked: _Asked) -> Call:
    feature = _occurrences(asked, asked.first_text(), asked.settings())
    return Call(asked.text, pl.col(feature.name), is_flag=False, feature=feature)


def _days_with(asked: _Asked) -> Call:
    counted = _occurrences(asked, asked.first_text(), asked.settings())
    feature = replace(counted, name=f"days_with {counted.name}", measure=Measure.DAYS)
    return Call(asked.text, pl.col(feature.name), is_flag=False, feature=feature)


def _sum_of(asked: _Asked) -> Call:
    kind, dot, what = asked.first_text().partition(".")
    if not dot or kind == ANY_KIND:
        raise asked.wrong("it takes an event and one of its properties, with a dot between them")
    counted = _occurrences(asked, kind, asked.settings())
    known = asked.events[kind]
    if what not in known:
        raise BadCondition(f"{asked.text}: {kind} has no '{what}'", did_you_mean(what, known, f"it has: {', '.join(known) or 'nothing'}"))
    if known[what].type is not FieldType.NUMBER:
        raise BadCondition(f"{asked.text}: {what} is a {known[what].type}, not a number", "Only numbers add up")
    feature = replace(counted, name=f"sum_of {what} {counted.name}", measure=Measure.SUM, what=what)
    return Call(asked.text, pl.col(feature.name), is_flag=False, feature=feature)


def _did(asked: _Asked) -> Call:
    feature = _occurrences(asked, asked.first_text(), asked.settings())
    return Call(asked.text, pl.col(feature.name) > 0, feature=feature)


def _answered(kind: str) -> Callable[[_Asked], Call]:
    def read(asked: _Asked) -> Call:
        if len(asked.node.expressions) != 1:
            raise asked.wrong("it takes the name of one touch")
        feature = Feature(f"{kind} of {asked.first_text()}", Measure.TIMES, kind, (("touch", asked.first_text()),))
        return Call(asked.text, pl.col(feature.name) > 0, feature=feature)

    return read


def _days_since(asked: _Asked) -> Call:
    first = asked.first()
    if isinstance(first, exp.Column):
        return _days_since_field(asked, first.name)
    settings = asked.settings()
    if "within" in settings:
        raise asked.wrong("it has no within: compare the days instead")
    counted = _occurrences(asked, asked.first_text(), settings)
    feature = replace(counted, name=f"days_since {counted.name}", measure=Measure.DAYS_SINCE)
    return Call(asked.text, pl.col(feature.name), is_flag=False, feature=feature)


def _days_since_field(asked: _Asked, name: str) -> Call:
    if name not in asked.names:
        remedy = did_you_mean(name, asked.names, "an event stands in single quotes: days_since('mail_opened')")
        raise BadCondition(f"{asked.text}: unknown field '{name}'", remedy)
    if asked.names[name].type not in (FieldType.DATE, FieldType.INSTANT) or len(asked.node.expressions) > 1:
        raise asked.wrong(f"{name} is a {asked.names[name].type}, and only a date, an instant or an event lies days back")
    feature = Feature(f"days_since {name}", Measure.DAYS_SINCE_FIELD, name)
    return Call(asked.text, pl.col(feature.name), is_flag=False, feature=feature, column=name)


def _changed(asked: _Asked) -> Call:
    attribute, settings = asked.first_text(), asked.settings()
    if attribute not in asked.names:
        raise BadCondition(f"{asked.text}: unknown field '{attribute}'", did_you_mean(attribute, asked.names, "see: ripeline fields"))
    within = _within(asked, settings)
    if settings:
        raise asked.wrong(f"it has no {', '.join(settings)}")
    feature = Feature(f"changes of {attribute} within {within}", Measure.CHANGES, attribute, (), within)
    return Call(asked.text, pl.col(feature.name) > 0, feature=feature)


def _rose(asked: _Asked) -> Call:
    settings, first = asked.settings(), asked.first()
    if ENTERED_TOTAL not in asked.names:
        raise BadCondition(f"{asked.text}: a score rises since a lead entered its track, and here is none", "Ask it in a touch; here compare total")
    if not isinstance(first, exp.Column) or first.name != "total" or settings.keys() - {"by"}:
        raise asked.wrong("it takes total, and by how much")
    by = value_of(settings["by"], "by", FieldType.POINTS) if "by" in settings else 1
    return Call(asked.text, pl.col("total") - pl.col(ENTERED_TOTAL) >= by, column=ENTERED_TOTAL)


def _in_list(asked: _Asked) -> Call:
    arguments = asked.node.expressions
    if len(arguments) != 2 or not isinstance(arguments[0], exp.Column) or not isinstance(arguments[1], exp.Literal):
        raise asked.wrong("it takes a field and the name of a list")
    name, wanted = arguments[0].name, arguments[1].this
    if name not in asked.names or asked.names[name].type not in (FieldType.TEXT, FieldType.CHOICE):
        raise BadCondition(f"{asked.text}: no text field '{name}'", did_you_mean(name, asked.names, "see: ripeline fields"))
    if wanted not in asked.lists:
        raise BadCondition(f"{asked.text}: no list '{wanted}'", did_you_mean(wanted, asked.lists, f"write playbook/lists/{wanted}.txt, one entry a line"))
    entries = sorted({entry.lower() for entry in asked.lists[wanted]})
    return Call(asked.text, pl.col(name).str.to_lowercase().is_in(pl.Series(entries, dtype=pl.String).implode()), column=name)


def _occurrences(asked: _Asked, kind: str, settings: dict[str, exp.Expression]) -> Feature:
    if not asked.events:
        raise BadCondition(f"{asked.text}: events cannot be asked for here", "Only the fields of this one event can, such as path = '/pricing'")
    if kind != ANY_KIND and kind not in asked.events:
        raise BadCondition(f"{asked.text}: unknown event '{kind}'", did_you_mean(kind, asked.events, f"there are: {', '.join(asked.events)}, {ANY_KIND}"))
    within = _within(asked, settings)
    known = asked.events.get(kind, {})
    where = tuple(sorted((name, _property(asked, kind, known, name, node)) for name, node in settings.items()))
    told = "".join(f" {name}={value!r}" for name, value in where)
    return Feature(f"{kind}{told} within {within}", Measure.TIMES, kind, where, within)


def _property(asked: _Asked, kind: str, known: Mapping[str, Field], name: str, node: exp.Expression) -> object:
    if name not in known:
        remedy = did_you_mean(name, [*known, "within"], f"it has: {', '.join(known) or 'nothing'}, and within")
        raise BadCondition(f"{asked.text}: {kind} has no '{name}'", remedy)
    return value_of(node, name, known[name].type, known[name].choices)


def _within(asked: _Asked, settings: dict[str, exp.Expression]) -> timedelta | None:
    node = settings.pop("within", None)
    if node is None:
        return None
    try:
        span = Duration.parse(str(node.this) if isinstance(node, exp.Literal) and node.is_string else node.sql()).span
    except ValueError as error:
        raise BadCondition(f"{asked.text}: within is not a duration", str(error)) from None
    if not span:
        raise asked.wrong("within 0 holds nothing")
    return span


_READERS: Mapping[str, Callable[[_Asked], Call]] = {
    "did": _did,
    "times": _times,
    "days_with": _days_with,
    "sum_of": _sum_of,
    "days_since": _days_since,
    "changed": _changed,
    "clicked": _answered("mail_clicked"),
    "opened": _answered("mail_opened"),
    "rose": _rose,
    "in_list": _in_list,
}

ANSWERED = frozenset({"clicked", "opened"})
"""Those that name a touch."""

_SHAPES: Mapping[str, str] = {
    "did": "did('page_viewed', path = '/pricing', within = '30 days')",
    "times": "times('page_viewed', within = '30 days') >= 3",
    "days_with": "days_with('page_viewed', within = '30 days') >= 3",
    "sum_of": "sum_of('page_viewed.seconds', within = '30 days') >= 600",
    "days_since": "days_since('mail_opened') >= 30",
    "changed": "changed('company', within = '90 days')",
    "clicked": "clicked('case-study')",
    "opened": "opened('case-study')",
    "rose": "rose(total, by = 10)",
    "in_list": "in_list(email_domain, 'competitors')",
}
