"""Conditions asked of one lead, for its letter."""

from datetime import UTC, datetime

import polars as pl
import pytest
from tracks import with_touches

from ripeline.decide.answers import answers, facts_of
from ripeline.decide.condition import parse_condition
from ripeline.decide.facts import Facts, event_schema
from ripeline.decide.fields import STANDING, Field, Fields, FieldType

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
FIELDS = Fields(
    {
        "country": Field("country", FieldType.TEXT), "employees": Field("employees", FieldType.NUMBER), "founded_on": Field("founded_on", FieldType.DATE),
        "is_partner": Field("is_partner", FieldType.FLAG),
    },
    {"page_viewed": {"path": Field("path", FieldType.TEXT)}},
)  # fmt: skip
ADA = {"country": "DE", "employees": 200}
STANDS = {"total": 6250, "stage": "lead"}


def _ask(text: str, facts: Facts) -> bool:
    (answer,) = answers([parse_condition(text, {**FIELDS.lead, **STANDING}, FIELDS.event)], facts, STANDS, NOW)
    return answer


@pytest.mark.parametrize(("text", "expected"), [
    ("country = 'DE' AND employees >= 50", True),
    ("country = 'NL'", False),
    ("total >= 62.5 AND stage = 'lead'", True),
    ("is_partner", False),
    ("founded_on < '2020-01-01' OR founded_on IS NULL", True),
    ("market = 'de'", False),
    ("did('page_viewed')", False),
])  # fmt: skip
def test_a_condition_is_asked_of_attributes_and_standing(text: str, expected: bool) -> None:
    assert _ask(text, facts_of(ADA, FIELDS)) is expected


def test_a_condition_is_asked_of_events() -> None:
    row = {"lead_id": 1, "id": 1, "at": NOW, "kind": "page_viewed", "path": "/pricing"}
    events = pl.DataFrame([row], schema=event_schema(FIELDS, frozenset({"path"})))

    assert _ask("did('page_viewed', path = '/pricing')", Facts(facts_of(ADA, FIELDS).leads, events))


def test_what_does_not_fit_its_field_counts_as_unknown() -> None:
    assert _ask("employees IS NULL", facts_of({"employees": "many"}, FIELDS))


CLICKS = Fields({}, {"mail_clicked": {"touch": Field("touch", FieldType.TEXT)}})


@pytest.mark.parametrize(
    ("text", "clicked", "expected"),
    [
        pytest.param("clicked('proof')", "proof", True, id="by its name"),
        pytest.param("clicked('proof')", "case", True, id="by the name it had before"),
        pytest.param("NOT clicked('proof')", "case", False, id="asked the other way round"),
        pytest.param("clicked('proof') AND clicked('guide')", "case", False, id="another touch is another one"),
        pytest.param("clicked('case')", "proof", False, id="the old name asks for what went out under it"),
    ],
)
def test_whoever_clicked_a_touch_under_a_former_name_clicked_it(text: str, clicked: str, expected: bool) -> None:
    row = {"lead_id": 1, "id": 1, "at": NOW, "kind": "mail_clicked", "touch": clicked}
    facts = Facts(facts_of({}, CLICKS).leads, pl.DataFrame([row], schema=event_schema(CLICKS, frozenset({"touch"}))))

    assert answers([parse_condition(text, {}, CLICKS.event, former={"proof": ("case", "study")})], facts, STANDS, NOW) == [expected]


def test_a_playbook_knows_what_its_touches_were_called() -> None:
    book = with_touches({"name": "proof", "was": ["case", "study"], "wait": "1 day", "template": "case-study"})

    asked = {value for feature in book.condition("clicked('proof')").features for _, value in feature.where}

    assert asked == {"proof", "case", "study"}
    assert book.tracks["proof"].renamed == {"case": "proof", "study": "proof"}
