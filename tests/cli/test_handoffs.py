"""`ripeline handoffs` and `handoff accept|reject` as they are typed, on a database that went the whole way."""

import pytest
from commands import Run

KEYS = [
    "id", "lead_id", "rep", "state", "total", "grade", "lead_time", "rep_time", "meeting", "accept_by", "is_late", "because", "verdict", "withheld",
    "is_corrected",
]  # fmt: skip


def test_programs_get_handoffs_as_records(seen: Run) -> None:
    (one,) = seen("handoffs", "--json").told

    assert list(one) == KEYS
    assert (one["lead_id"], one["rep"], one["state"], one["verdict"]) == (1, "Lukas Brandt", "offered", None)
    assert one["accept_by"] == "2026-03-02T14:00:00+00:00"


def test_people_see_both_clocks(seen: Run) -> None:
    shown = seen("handoffs", "--open").out

    assert "Lukas Brandt" in shown
    assert shown.count("Europe/Berlin") == 2


@pytest.mark.parametrize(("words", "state", "verdict"), [
    pytest.param(["accept", "1"], "accepted", None, id="accept"),
    pytest.param(["reject", "1", "--reason", "no budget"], "rejected", "no budget", id="reject"),
])  # fmt: skip
def test_a_reps_answer_closes_the_handoff(worked: Run, words: list[str], state: str, verdict: str | None) -> None:
    answer = worked("handoff", *words)

    (one,) = worked("handoffs", "--json").told
    assert answer.exit_code == 0
    assert (one["state"], one["verdict"]) == (state, verdict)
    assert f"hand-off 1 {state}" in worked("lead", 1).out


@pytest.mark.parametrize(("words", "said"), [
    pytest.param(["accept", "77"], "no handoff 77: `ripeline handoffs` lists them", id="one that nobody has"),
    pytest.param(["accept", "9" * 30], "Invalid value for 'ID'", id="a number beyond all ids"),
    pytest.param(["accept", "0"], "Invalid value for 'ID'", id="a number below all ids"),
    pytest.param(["accept", "first"], "Invalid value for 'ID'", id="a word"),
    pytest.param(["reject", "1"], "say --reason", id="a rejection without a reason"),
])  # fmt: skip
def test_an_answer_that_answers_nothing_changes_nothing(seen: Run, words: list[str], said: str) -> None:
    answer = seen("handoff", *words)

    assert answer.exit_code == 2
    assert said in answer.said
    assert [each["state"] for each in seen("handoffs", "--json").told] == ["offered"]
