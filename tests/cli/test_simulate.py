"""`ripeline simulate`, typed."""

from pathlib import Path

import pytest
from commands import Run
from people import NOW

SHORT = ("simulate", "--days", "1", "--step", "1 day", "--now", NOW.isoformat())


def test_days_pass_and_a_page_is_written(seen: Run, tmp_path: Path) -> None:
    page = tmp_path / "days.html"

    answer = seen(*SHORT, "--lead", "ada@example.com", "--html", page, "--json")

    assert answer.exit_code == 0, answer.err
    assert answer.told["base"]["changed"] == {}
    assert answer.told["playbooks"][0]["calendar"]
    assert "<svg" in page.read_text(encoding="utf-8")


def test_without_a_live_playbook_a_folder_is_tried(ask: Run, home: Path) -> None:
    assert "no playbook is applied yet" in ask(*SHORT).said

    answer = ask(*SHORT, "--playbook", home / "playbook", "--json")

    assert answer.exit_code == 0, answer.err
    assert answer.told["playbooks"][0]["name"] == str(home / "playbook")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--track", "decison"), "no track 'decison'", id="no such track"),
        pytest.param(("--lead", "nobody@example.com"), "no lead 'nobody@example.com'", id="no such lead"),
        pytest.param(("--step", "2 business days"), "--step '2 business days': write a length from 1 minute to 1 day", id="a step that needs a calendar"),
        pytest.param(("--step", "soon"), "--step: 'soon' is not a duration", id="no step at all"),
        pytest.param(("--playbook", "/nowhere"), "/nowhere is no playbook: name a folder that holds playbook/", id="no playbook"),
        pytest.param(("--now", "tomorrow"), "is not an instant", id="no instant"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_a_sentence(seen: Run, words: tuple[str, ...], said: str) -> None:
    answer = seen("simulate", "--days", "1", *words)

    assert answer.exit_code == 2
    assert said in answer.said
