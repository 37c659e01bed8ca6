"""`ripeline leads` and `ripeline messages`: what stands in the database, for people and for programs."""

from typing import Any

import pytest
from commands import Run

LEAD = ["id", "address", "country", "locale", "stage", "on_hold", "total", "grade", "excluded", "as_of", "track"]
MESSAGE = ["lead", "kind", "to", "touch", "state", "reason", "local_time", "zone", "due", "locale"]


def ids(run: Run, *words: object) -> list[int]:
    """Return the ids that `leads` lists."""
    return [row["id"] for row in run("leads", *words, "--json").told]


def test_leads_come_with_the_highest_score_first(seen: Run) -> None:
    shown, told = seen("leads"), seen("leads", "--json").told

    assert [list(row) for row in told] == [LEAD] * 5
    totals = [row["total"] for row in told]
    assert totals == sorted(totals, reverse=True)
    assert told[0].items() >= {"address": "ada@example.com", "stage": "marketing_qualified", "on_hold": False, "as_of": "2026-03-02T10:00:00+00:00"}.items()
    assert "ada@example.com" in shown.out.splitlines()[1]
    assert "2026-03-02 10:00Z" in shown.out


def test_a_lead_without_a_score_comes_last_and_with_nothing_for_it(peopled: Run) -> None:
    told = peopled("leads", "--json").told

    assert {(row["total"], row["grade"], row["as_of"]) for row in told} == {(None, None, None)}


@pytest.mark.parametrize(("words", "expected"), [
    pytest.param(["--stage", "marketing_qualified"], [1, 3, 5], id="a stage"),
    pytest.param(["--track", "consideration"], [4, 2], id="a track"),
    pytest.param(["--at-least", "50"], [1, 3, 5], id="points"),
    pytest.param(["--at-least", "50", "--stage", "lead"], [], id="several at once"),
    pytest.param(["--on-hold"], [], id="on hold"),
    pytest.param(["--limit", "2"], [1, 3], id="a few"),
])  # fmt: skip
def test_leads_can_be_chosen(seen: Run, words: list[str], expected: list[int]) -> None:
    assert ids(seen, *words) == expected


@pytest.mark.parametrize(("words", "said"), [
    pytest.param(["leads", "--stage", "markting_qualified"], "Did you mean 'marketing_qualified'? There are: subscriber", id="a stage"),
    pytest.param(["messages", "--state", "send"], "no state 'send'.", id="a state"),
    pytest.param(["messages", "--lead", "nobody@example.com"], "no lead 'nobody@example.com': give an id or an address", id="a lead"),
    pytest.param(["leads", "--limit", "0"], "Invalid value for '--limit'", id="no rows at all"),
    pytest.param(["leads", "--limit", "1" + "0" * 30], "Invalid value for '--limit'", id="more rows than can be counted"),
    pytest.param(["leads", "--at-least", "inf"], "Invalid value for '--at-least'", id="endless points"),
    pytest.param(["leads", "--at-least", "nan"], "Invalid value for '--at-least'", id="points that are no number"),
])  # fmt: skip
def test_a_wrong_word_is_told_the_right_ones(live: Run, words: list[str], said: str) -> None:
    answer = live(*words)

    assert answer.exit_code == 2
    assert said in answer.said


def test_messages_tell_where_each_mail_is(seen: Run) -> None:
    told = seen("messages", "--json").told

    assert list(told) == ["states", "leads_without_message", "messages"]
    assert told["states"] == {"accepted": 3, "scheduled": 2}
    assert [list(row) for row in told["messages"]] == [MESSAGE] * 5
    (touch,) = (row for row in told["messages"] if row["lead"] == 2)
    assert touch.items() >= {"kind": "touch", "to": "lead", "touch": "case-study", "state": "scheduled", "zone": "Europe/Amsterdam"}.items()
    assert touch["local_time"][11:13] >= "08", "inside office hours"
    assert touch["due"].endswith("+00:00")


def test_messages_say_why_leads_get_none(seen: Run) -> None:
    shown, told = seen("messages"), seen("messages", "--json").told

    assert told["leads_without_message"] == {
        "no recorded consent to marketing": 1, "suppressed: unsubscribed": 1, "with sales: an open hand-off pauses nurture": 1,
    }  # fmt: skip
    assert "1 lead in a track gets no mail: no recorded consent to marketing" in shown.out
    assert "1 lead in a track gets no mail: suppressed: unsubscribed" in shown.out


@pytest.mark.parametrize(("words", "expected"), [
    pytest.param(["--state", "scheduled"], {2, 5}, id="a state"),
    pytest.param(["--lead", "ada@example.com"], {1}, id="an address"),
    pytest.param(["--lead", "2"], {2}, id="an id"),
    pytest.param(["--lead", "3"], set[int](), id="a lead that gets none"),
])  # fmt: skip
def test_messages_can_be_chosen(seen: Run, words: list[str], expected: set[int]) -> None:
    assert {row["lead"] for row in seen("messages", *words, "--json").told["messages"]} == expected


def test_of_one_lead_its_own_messages_are_counted(seen: Run) -> None:
    ours, nobodys = (seen("messages", "--lead", each, "--json").told for each in ("2", "3"))

    assert ours["states"] == {"scheduled": 1}
    assert ours["leads_without_message"] == {}
    assert nobodys["states"] == {}
    assert list(nobodys["leads_without_message"].values()) == [1]


@pytest.mark.parametrize(("words", "empty"), [
    pytest.param(["leads"], [], id="leads"),
    pytest.param(["messages"], {"states": {}, "leads_without_message": {}, "messages": []}, id="messages"),
    pytest.param(["handoffs"], [], id="handoffs"),
    pytest.param(["run", "rescore"], {"rescore": {}}, id="a sweep"),
])  # fmt: skip
def test_an_empty_database_is_empty_json(live: Run, words: list[str], empty: Any) -> None:
    answer = live(*words, "--json")

    assert (answer.exit_code, answer.told) == (0, empty)
