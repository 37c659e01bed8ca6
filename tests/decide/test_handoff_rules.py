"""What playbook/handoff.toml may say, and what a check says about it."""

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ripeline.decide.handoff import HandoffRules
from ripeline.decide.handoff_check import check_handoff
from ripeline.decide.hours import read_days
from ripeline.zones import zone_names

SHIPPED = Path(__file__).parents[2] / "playbook" / "handoff.toml"
ZONES = frozenset(zone_names())

ANNA: dict[str, Any] = {
    "name": "Anna", "email": "anna@example.com", "languages": ["nl", "en"], "countries": ["NL"], "zone": "Europe/Amsterdam", "fallback": True,
}  # fmt: skip


def the_rules(*reps: dict[str, Any], **changes: Any) -> HandoffRules:
    return HandoffRules.model_validate({"rep": list(reps)} | changes)


def said(rules: HandoffRules, **known: Any) -> list[str]:
    return [("warning: " if problem.is_warning else "") + problem.what for problem in check_handoff(rules, ZONES, **known)]


def test_the_shipped_file_is_sound() -> None:
    rules = HandoffRules.model_validate(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))

    assert said(rules) == []
    assert rules.invite_at == rules.threshold == 7500
    assert sum(rep.fallback for rep in rules.reps) == 2
    assert all(rep.email.endswith("@example.com") for rep in rules.reps)
    assert next(rep for rep in rules.reps if rep.away).is_away(date(2027, 1, 3))


def test_a_file_needs_to_say_little() -> None:
    rules = the_rules(ANNA)

    assert said(rules) == []
    assert (rules.reps[0].hours.opens, rules.reps[0].hours.closes, rules.reps[0].hours.days) == (time(9), time(17), frozenset(range(5)))
    assert rules.reps[0].holiday_country == "NL"


@pytest.mark.parametrize(("rules", "expected"), [
    pytest.param(the_rules(), "nobody is there to take a lead.", id="no rep"),
    pytest.param(the_rules(ANNA | {"zone": "Europe/Amstredam"}), "rep 'Anna': no time zone is called 'Europe/Amstredam'.", id="unknown zone"),
    pytest.param(the_rules(ANNA, ANNA | {"email": "a2@example.com"}), "two reps have the name 'Anna'.", id="one name twice"),
    pytest.param(the_rules(ANNA, ANNA | {"name": "Ann"}), "two reps have the address 'anna@example.com'.", id="one address twice"),
    pytest.param(the_rules(ANNA | {"countries": ["Netherlands"]}), "rep 'Anna': 'Netherlands' is not a country.", id="country in words"),
    pytest.param(the_rules(ANNA | {"countries": [], "fallback": False}), "rep 'Anna' serves no country and is no fallback.", id="a rep nobody goes to"),
    pytest.param(
        the_rules(ANNA | {"hours": {"from": "09:00", "to": "09:20"}}),
        "rep 'Anna': hours 09:00–09:20 are shorter than a meeting of 30 minutes.",
        id="short hours",
    ),
    pytest.param(
        the_rules(ANNA | {"away": [{"from": date(2026, 7, 1), "to": date(2027, 12, 31)}, {"from": date(2026, 1, 1), "to": date(2026, 6, 30)}]}),
        "rep 'Anna' is away from 2026-01-01 to 2027-12-31, more than a year.",
        id="away for more than a year",
    ),
    pytest.param(the_rules(ANNA, leave_at=80), "leave_at 80 is above 75, where a hand-off begins.", id="leaving before entering"),
    pytest.param(the_rules(ANNA, offer_at=90), "offer_at 90 is above invite_at 75.", id="card above invite"),
    pytest.param(the_rules(ANNA, cooling="3 business days"), 'cooling "3 business days" needs a calendar.', id="cooling in business days"),
    pytest.param(the_rules(ANNA | {"fallback": False}), "warning: no rep has fallback = true.", id="nobody takes the rest"),
    pytest.param(the_rules(ANNA | {"calendar": "caldav:anna"}), "warning: rep 'Anna': calendars are not read yet.", id="a calendar"),
])  # fmt: skip
def test_a_check_names_what_is_off(rules: HandoffRules, expected: str) -> None:
    assert expected in said(rules)


def test_a_markets_threshold_must_lie_above_where_leads_leave() -> None:
    assert said(the_rules(ANNA), market_invite_at={"jp": 6000}) == ["leave_at 65 is above 60, where a hand-off of market 'jp' begins."]


def test_a_home_without_known_holidays_is_told() -> None:
    assert said(the_rules(ANNA | {"home": "XK"}), countries=frozenset({"NL"})) == ["warning: rep 'Anna': no public holidays are known for 'XK'."]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"name": "Anna: sales"}, "is not a rep's name", id="a colon would break message keys"),
        pytest.param({"email": "anna"}, "is not a mail address", id="no domain"),
        pytest.param({"hours": {"from": "17:00", "to": "09:00"}}, "never are", id="hours run backwards"),
        pytest.param({"hours": {"from": "9", "to": "17:00"}}, "is not a time of day", id="an hour without minutes"),
        pytest.param({"hours": {"days": "weekdays", "from": "09:00", "to": "17:00"}}, "is not a set of weekdays", id="days in other words"),
        pytest.param({"away": [{"from": date(2026, 5, 2), "to": date(2026, 5, 1)}]}, "ends before it begins", id="away backwards"),
        pytest.param({"capacity": 0}, "greater than or equal to 1", id="no capacity"),
        pytest.param({"langauges": ["nl"]}, "langauges", id="a typo"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(changed: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        the_rules(ANNA | changed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("mon-fri", {0, 1, 2, 3, 4}, id="office week"),
        pytest.param("sun-thu", {6, 0, 1, 2, 3}, id="over the end of the week"),
        pytest.param("mon, wed-thu", {0, 2, 3}, id="a list"),
        pytest.param("Sat", {5}, id="one day, any case"),
    ],
)
def test_weekdays_read_as_people_write_them(text: str, expected: set[int]) -> None:
    assert read_days(text) == expected
