"""Conditions: what people may write, what it means, and what they are told when it is wrong."""

import sqlite3
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import tried

from ripeline.decide.condition import BadCondition, parse_condition, with_features
from ripeline.decide.facts import CHANGE_SCHEMA, INSTANT, Facts, column_type
from ripeline.decide.fields import STANDING, Field, FieldType

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)

NAMES = {
    each.name: each
    for each in (
        Field("country", FieldType.TEXT),
        Field("email_domain", FieldType.TEXT),
        Field("title", FieldType.TEXT),
        Field("seniority", FieldType.CHOICE, choices=("c_level", "vp", "director")),
        Field("employees", FieldType.NUMBER),
        Field("revenue", FieldType.NUMBER),
        Field("is_customer", FieldType.FLAG),
        Field("renews_on", FieldType.DATE),
        Field("created_at", FieldType.INSTANT),
        *STANDING.values(),
    )
}
EVENTS = {
    "page_viewed": {"path": Field("path", FieldType.TEXT), "seconds": Field("seconds", FieldType.NUMBER)},
    "mail_clicked": {"touch": Field("touch", FieldType.TEXT)},
    "mail_opened": {"touch": Field("touch", FieldType.TEXT)},
    "demo_requested": {},
}
LISTS = {"competitors": frozenset({"Rival.example", "other.example"})}


def parse(text):
    return parse_condition(text, NAMES, EVENTS, LISTS)


def ago(days):
    return NOW - timedelta(days=days)


def asked(text, *, now=NOW, events=(), changes=(), **attributes):
    """Return whether `text` holds for one lead with these attributes, events (kind, at, properties) and changes (attribute, at)."""
    condition = parse(text)
    leads = pl.DataFrame({"id": [1], **attributes}, schema={"id": pl.Int64, **{name: column_type(NAMES[name]) for name in attributes}})
    rows = [{"lead_id": 1, "id": i, "at": at, "kind": kind, "path": None, "touch": None} | more for i, (kind, at, more) in enumerate(events)]
    schema = {"lead_id": pl.Int64, "id": pl.Int64, "at": INSTANT, "kind": pl.String, "path": pl.String, "touch": pl.String}
    changed = [{"lead_id": 1, "attribute": attribute, "old": "a", "new": "b", "at": at} for attribute, at in changes]
    facts = Facts(leads, pl.DataFrame(rows, schema=schema), pl.DataFrame(changed, schema=CHANGE_SCHEMA))
    return with_features(leads, facts, condition.features, now).select(holds=condition.holds, until=condition.until).row(0)


@pytest.mark.parametrize(
    ("text", "attributes", "expected"),
    [
        pytest.param("country IN ('NL', 'BE') AND employees BETWEEN 50 AND 500", {"country": "NL", "employees": 50}, True, id="SQL as analysts know it"),
        pytest.param("employees > 50.5", {"employees": 51}, True, id="whole column, broken literal"),
        pytest.param("50 <= employees", {"employees": 50}, True, id="the value may come first"),
        pytest.param("-5 > employees", {"employees": -6}, True, id="a turned comparison keeps its sense"),
        pytest.param("country = 'it''s'", {"country": "it's"}, True, id="a quote is doubled"),
        pytest.param("country <> 'US'", {"country": None}, False, id="unknown is not different"),
        pytest.param("NOT country = 'US'", {"country": None}, False, id="NOT unknown is unknown"),
        pytest.param("country IS NULL", {"country": None}, True, id="asking for the unknown"),
        pytest.param("country IS NOT NULL OR TRUE", {"country": None}, True, id="unknown OR true is true"),
        pytest.param("is_customer", {"is_customer": True}, True, id="a flag stands alone"),
        pytest.param("NOT is_customer", {"is_customer": False}, True, id="and can be negated"),
        pytest.param("is_customer IS NOT TRUE", {"is_customer": None}, True, id="IS NOT TRUE includes the unknown"),
        pytest.param("is_customer = FALSE", {"is_customer": False}, True, id="or be compared"),
        pytest.param("lower(title) LIKE '%sales%'", {"title": "Head of SALES, EMEA"}, True, id="LIKE in any case by lower"),
        pytest.param("title LIKE 'v_'", {"title": "vp"}, True, id="underscore is one character"),
        pytest.param("title LIKE 'v_'", {"title": "vice"}, False, id="and one only"),
        pytest.param("title LIKE 'a.c%'", {"title": "abc"}, False, id="a dot is a dot"),
        pytest.param("title LIKE 'a%b_d'", {"title": "a\nb\nd"}, True, id="LIKE crosses lines"),
        pytest.param("title NOT LIKE '%'", {"title": None}, False, id="LIKE of nothing is unknown"),
        pytest.param("in_list(email_domain, 'competitors')", {"email_domain": "rival.EXAMPLE"}, True, id="lists do not mind case"),
        pytest.param("renews_on < '2026-04-01'", {"renews_on": date(2026, 3, 31)}, True, id="dates are written as text"),
        pytest.param("created_at >= '2026-03-02T11:00+01:00'", {"created_at": NOW}, True, id="instants may carry a zone"),
        pytest.param("total >= 50 AND total < 75", {"total": 7499}, True, id="points are written whole and kept in hundredths"),
        pytest.param("total >= 74.99", {"total": 7499}, True, id="two decimals are exact"),
    ],
)
def test_a_condition_means_what_sql_would_mean(text, attributes, expected):
    assert asked(text, **attributes)[0] is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("did('page_viewed', path = '/pricing')", True, id="it happened"),
        pytest.param("did('page_viewed', path = '/jobs')", False, id="elsewhere"),
        pytest.param("did('page_viewed', path = '/pricing', within = '3 days')", False, id="exactly three days ago is no longer within"),
        pytest.param("did('page_viewed', within = '4 days')", True, id="within reach"),
        pytest.param("times('page_viewed') >= 2 AND times('any') = 3", True, id="counted"),
        pytest.param("days_since('page_viewed') = 3", True, id="whole days since the newest"),
        pytest.param("days_since('demo_requested') > 3", False, id="never is not long ago"),
        pytest.param("days_since('demo_requested') IS NULL", True, id="never can be asked for"),
        pytest.param("clicked('case') AND NOT opened('case')", True, id="answers to a touch"),
        pytest.param("days_since(created_at) BETWEEN 9 AND 10", True, id="days since an instant of the lead"),
        pytest.param("changed('title', within = '30 days') AND NOT changed('country')", True, id="what changed"),
    ],
)
def test_functions_look_at_what_the_lead_did(text, expected):
    events = [
        ("page_viewed", ago(3), {"path": "/pricing"}),
        ("page_viewed", ago(7), {"path": "/docs"}),
        ("mail_clicked", ago(5), {"touch": "case"}),
    ]
    assert asked(text, events=events, changes=[("title", ago(2))], created_at=ago(10))[0] is expected


@pytest.mark.parametrize(
    ("text", "days"),
    [
        pytest.param("did('page_viewed', within = '4 days')", 1, id="the event leaves its window"),
        pytest.param("days_since('page_viewed') >= 30", 27, id="the silence reaches its length"),
        pytest.param("days_since('page_viewed') <= 30", 28, id="at most 30 whole days ends with the 31st"),
        pytest.param("days_since('page_viewed') >= 2", None, id="already long ago"),
        pytest.param("did('page_viewed')", None, id="what happened stays"),
    ],
)
def test_a_condition_says_when_time_alone_may_change_it(text, days):
    until = asked(text, events=[("page_viewed", ago(3), {})])[1]
    assert until == (None if days is None else NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("senority = 'vp'", "Did you mean 'seniority'?", id="a typo in a field"),
        pytest.param("seniority = 'vpp'", "Did you mean 'vp'?", id="a typo in a choice"),
        pytest.param("country = NL", "single quotes", id="text without quotes"),
        pytest.param('country = "NL"', "single quotes: 'NL'", id="text in double quotes"),
        pytest.param("employees = '50'", "without quotes", id="a number in quotes"),
        pytest.param("employees = 'many'", "is a number", id="text for a number"),
        pytest.param("country > 'A'", "has no order", id="text has no order"),
        pytest.param("country", "not a yes or no", id="a text alone"),
        pytest.param("employees = NULL", "IS NULL", id="nothing equals NULL"),
        pytest.param("country = 1", "single quotes", id="a number for text"),
        pytest.param("total BETWEEN 50 AND 74", "total >= 50 AND total < 75", id="BETWEEN leaves hundredths out"),
        pytest.param("total >= employees", "not for points", id="points against a field"),
        pytest.param("total >= 49.999", "at most two decimals", id="finer than points are"),
        pytest.param("total IN (1, 2)", "not for points", id="points in a list"),
        pytest.param("did('page_viewd')", "Did you mean 'page_viewed'?", id="a typo in an event"),
        pytest.param("did('page_viewed', pth = '/x')", "Did you mean 'path'?", id="a typo in a property"),
        pytest.param("did('page_viewed', within = '30')", "a number and a unit", id="a duration without a unit"),
        pytest.param("did('page_viewed', within = '3 business days')", "needs a calendar", id="a duration that needs a calendar"),
        pytest.param("did(page_viewed)", "single quotes", id="an event without quotes"),
        pytest.param("did('page_viewed', '/pricing')", "name = value", id="a property without a name"),
        pytest.param("times('page_viewed')", "not a yes or no", id="a count alone"),
        pytest.param("days_since(country) > 3", "only a date, an instant or an event", id="days since a text"),
        pytest.param("days_since('page_viewed') > times('page_viewed')", "with a number", id="days against another field"),
        pytest.param("dit('page_viewed')", "Did you mean 'did'?", id="a typo in a function"),
        pytest.param("substr(country, 1) = 'N'", "not part of the language", id="a function of SQL, not ours"),
        pytest.param("in_list(email_domain, 'competitor')", "Did you mean 'competitors'?", id="a typo in a list"),
        pytest.param("country ILIKE 'n%'", "lower(country)", id="ILIKE"),
        pytest.param("country LIKE 'a' ESCAPE 'b'", "not part of the language", id="ESCAPE"),
        pytest.param("country IN (SELECT 'NL')", "cannot ask another table", id="a sub-select"),
        pytest.param("EXISTS (SELECT 1)", "cannot ask another table", id="EXISTS"),
        pytest.param("country = 'NL'; DROP TABLE lead", "more than one condition", id="a statement after a semicolon"),
        pytest.param("1) FROM lead WHERE (1 = 1", "more than one condition", id="out of our parentheses"),
        pytest.param("1) UNION SELECT (2", "more than one condition", id="a union"),
        pytest.param("country = 'NL' AS x", "", id="an alias"),
        pytest.param("lead.country = 'NL'", "Write country", id="a table before the field"),
        pytest.param("country = 'NL' AND", "cannot be read", id="half a condition"),
        pytest.param("  ", "empty", id="nothing"),
        pytest.param("1 = 1", "two written values", id="no field at all"),
        pytest.param("employees > 1e30", "sane bound", id="an absurd number"),
        pytest.param("CASE WHEN is_customer THEN TRUE END", "not part of the language", id="CASE"),
        pytest.param("employees + 1 > 2", "not part of the language", id="arithmetic"),
        pytest.param("country ~ 'N.*'", "holds a regular expression", id="a regular expression"),
        pytest.param("country = ?", "", id="a placeholder"),
    ],
)
def test_a_wrong_condition_is_refused_with_the_remedy(text, says):
    with pytest.raises(BadCondition) as caught:
        parse(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("country = 'NL'" + " AND country = 'NL'" * 10_000, id="ten thousand ANDs"),
        pytest.param("(" * 2_000 + "is_customer" + ")" * 2_000, id="two thousand parentheses"),
        pytest.param("NOT " * 1_200 + "is_customer", id="a thousand NOTs"),
        pytest.param("is_customer AND (is_customer OR (" * 15 + "is_customer" + "))" * 15, id="thirty levels"),
        pytest.param(" AND ".join(["is_customer"] * 60), id="sixty parts in a row"),
        pytest.param(f"employees IN ({','.join('1' * 600)})", id="a long list of values"),
    ],
)
def test_a_monstrous_condition_is_refused_and_never_tried(text):
    with pytest.raises(BadCondition):
        parse(text)


def test_a_chain_of_ands_is_not_deep():
    assert asked(" AND ".join(["is_customer"] * 40), is_customer=True)[0] is True


def test_inside_an_events_own_condition_functions_have_nothing_to_ask():
    with pytest.raises(BadCondition, match="events cannot be asked for here"):
        parse_condition("did('page_viewed')", EVENTS["page_viewed"])


def test_a_condition_names_the_boundaries_where_points_decide():
    condition = parse("total >= 50 AND total <= 74.99 OR engagement > 5")
    assert condition.boundaries == {("total", 5000), ("total", 7500), ("engagement", 501)}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("country <> 'US'", 1, id="different from"),
        pytest.param("country NOT IN ('US')", 1, id="not in"),
        pytest.param("country <> 'US' OR country IS NULL", 0, id="the unknown are thought of"),
        pytest.param("stage <> 'customer'", 0, id="a stage is never unknown"),
        pytest.param("NOT did('demo_requested')", 0, id="what did not happen is known"),
    ],
)
def test_check_is_told_where_unknown_values_fall_out(text, count):
    assert len(parse(text).cautions) == count


def test_a_condition_says_what_it_needs():
    needs = parse("country = 'NL' AND did('page_viewed', path = '/x') AND changed('title')").needs
    assert (needs.attributes, needs.properties, needs.kinds, needs.has_changes) == ({"country"}, {"path"}, {"page_viewed"}, True)


COMPARISONS = st.builds("{} {} {}".format, st.sampled_from(["employees", "revenue"]), st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.integers(-2, 2))
TEXTS = st.sampled_from(["a", "b", "ab", "a_b", "B"])
PATTERNS = st.text(alphabet="ab_%B", min_size=1, max_size=4)
LEAVES = st.one_of(
    COMPARISONS,
    st.builds("country {} '{}'".format, st.sampled_from(["=", "<>"]), TEXTS),
    st.builds("country {} ('{}', '{}')".format, st.sampled_from(["IN", "NOT IN"]), TEXTS, TEXTS),
    st.builds("title {} '{}'".format, st.sampled_from(["LIKE", "NOT LIKE"]), PATTERNS),
    st.builds("employees {} {} AND {}".format, st.sampled_from(["BETWEEN", "NOT BETWEEN"]), st.integers(-2, 2), st.integers(-2, 2)),
    st.builds("{} {}".format, st.sampled_from(["country", "employees", "is_customer"]), st.sampled_from(["IS NULL", "IS NOT NULL"])),
    st.sampled_from(["is_customer", "is_customer IS TRUE", "is_customer IS NOT FALSE", "is_customer = TRUE"]),
    st.sampled_from(["country = title", "employees < revenue", "lower(title) = 'b'"]),
)


def joined(inner):
    return st.one_of(st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner), st.builds("NOT ({})".format, inner))


CONDITIONS = st.recursive(LEAVES, joined, max_leaves=6)
MAYBE_TEXT = st.none() | TEXTS
MAYBE_NUMBERS = (st.none() | st.integers(-2, 2), st.none() | st.sampled_from([-1.5, 0.0, 2.0]))
ROWS = st.lists(st.tuples(MAYBE_TEXT, MAYBE_TEXT, *MAYBE_NUMBERS, st.none() | st.booleans()), min_size=1, max_size=8)


@tried(100)
@given(text=CONDITIONS, rows=ROWS)
def test_a_condition_agrees_with_sqlite(text, rows):
    columns = {"country": pl.String, "title": pl.String, "employees": pl.Int64, "revenue": pl.Float64, "is_customer": pl.Boolean}
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA case_sensitive_like = ON")
        connection.execute("CREATE TABLE lead (country TEXT, title TEXT, employees INTEGER, revenue REAL, is_customer INTEGER)")
        connection.executemany("INSERT INTO lead VALUES (?, ?, ?, ?, ?)", rows)
        expected = [bool(row[0]) for row in connection.execute(f"SELECT ({text}) IS TRUE FROM lead ORDER BY rowid")]
    connection.close()
    assert frame.select(parse(text).holds.alias("holds"))["holds"].to_list() == expected
