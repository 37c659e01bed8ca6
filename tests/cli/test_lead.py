"""`ripeline lead` and `ripeline explain`: one lead's story, and every point of its score."""

import pytest
from commands import Run
from people import NOW


def test_the_story_is_told_in_order_of_time(seen: Run) -> None:
    told = seen("lead", "ada@example.com", "--json").told

    whats = [moment["what"] for moment in told["timeline"]]
    assert [moment["at"] for moment in told["timeline"]] == sorted(moment["at"] for moment in told["timeline"])
    assert whats == [
        "consent given", "webinar_attended", "page_viewed", "webinar_attended", "demo_requested", "page_viewed", "enters sales-ready", "score, the newest",
        "stage", "card handoff/card", "hand-off 1", "invite handoff/invite", "invite handoff/invite-rep", "meeting with Lukas Brandt",
    ]  # fmt: skip


def test_programs_get_the_same_keys_from_both_databases(seen: Run) -> None:
    told = seen("lead", 1, "--json").told

    assert list(told) == ["lead", "withheld", "timeline"]
    assert list(told["lead"])[:4] == ["id", "address", "source", "first_name"]
    assert {"facts_seq", "address_key", "segmented_revision", "segmented_version"}.isdisjoint(told["lead"])
    assert told["lead"]["created_at"] == "2026-02-01T09:00:00+00:00"
    assert {tuple(moment) for moment in told["timeline"]} == {("at", "what", "detail")}


def test_people_see_name_stage_and_story(seen: Run) -> None:
    shown = seen("lead", "kenji@example.org").out

    assert "田中" in shown
    assert "stage marketing_qualified" in shown
    assert "enters decision" in shown


def test_the_newest_moments_are_kept(seen: Run) -> None:
    told = seen("lead", "1", "--limit", 1, "--json").told

    assert [moment["what"] for moment in told["timeline"]] == ["meeting with Lukas Brandt"]


def test_every_point_is_explained(seen: Run) -> None:
    told = seen("explain", 1, "--at", NOW.isoformat(), "--json").told

    assert round(sum(part["points"] for part in told["parts"]), 2) == told["total"] == 125
    assert told["stored"]["total"] == 125
    assert {"total", "fit", "engagement", "grade", "excluded", "market", "as_of", "next_review_at", "version", "playbook", "parts", "stored"} <= set(told)
    assert {"kind", "section", "name", "points", "events"} <= set(told["parts"][0])


def test_an_explanation_reads_aloud(seen: Run) -> None:
    shown = seen("explain", "ada@example.com", "--at", NOW.isoformat()).out

    assert "Asked for a demo" in shown
    assert "total" in shown


def test_a_lead_without_a_score_is_explained_too(peopled: Run) -> None:
    answer = peopled("explain", 1, "--at", NOW.isoformat())

    assert answer.exit_code == 0
    assert "No score is stored yet: `ripeline run rescore`." in answer.out


@pytest.mark.parametrize("command", ["lead", "explain"])
@pytest.mark.parametrize(("named", "said"), [
    pytest.param("77", "no lead '77': give an id or an address, `ripeline leads` lists them", id="an id that nobody has"),
    pytest.param("9" * 30, "no lead '999", id="a number beyond all ids"),
    pytest.param("nobody@example.com", "no lead 'nobody@example.com'", id="an address that nobody has"),
    pytest.param("ada", "'ada' is neither a lead's id nor an address: `ripeline leads` lists them", id="a name"),
    pytest.param("ada@", "'ada@' is no mail address", id="an address without a domain"),
    pytest.param("\udcff@example.com", "is no mail address", id="bytes that are no text"),
])  # fmt: skip
def test_an_unknown_lead_is_said_to_be_so(live: Run, command: str, named: str, said: str) -> None:
    answer = live(command, named)

    assert answer.exit_code == 2
    assert said in answer.err
