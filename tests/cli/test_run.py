"""`ripeline run`: a sweep here and now, dry or for real, and never a flood by accident."""

from io import StringIO
from pathlib import Path

import pytest
from commands import Run
from people import NOW

SWEEPS = ("ingest", "rescore", "segment", "handoff", "schedule", "deliver")
LATER = "2026-03-03T14:30:00+00:00"
"""A Tuesday: 08:30 in Chicago, 15:30 in Amsterdam."""


class Typed(StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def mails(tmp_path: Path) -> int:
    """Return how many mails lie in var/mail."""
    return len(list((tmp_path / "var/mail/new").glob("*.eml")))


def test_all_runs_every_sweep_in_the_order_in_which_news_travels(peopled: Run) -> None:
    answer = peopled("run", "all", "--now", NOW.isoformat(), "--json")

    assert answer.exit_code == 0
    assert tuple(answer.told) == SWEEPS
    assert answer.told["rescore"]["scored"] == 5
    assert [line.split(":")[0] for line in answer.err.splitlines()] == list(SWEEPS)


@pytest.mark.parametrize("sweep", SWEEPS)
def test_each_sweep_runs_by_itself(live: Run, sweep: str) -> None:
    answer = live("run", sweep, "--json")

    assert answer.exit_code == 0
    assert list(answer.told) == [sweep]


def test_what_is_due_is_sent_once(worked: Run, tmp_path: Path) -> None:
    handed_over = mails(tmp_path)
    first = worked("run", "deliver", "--now", LATER, "--json")
    again = worked("run", "deliver", "--now", LATER, "--json")

    assert handed_over == 3, "card and two invites"
    assert first.told["deliver"]["accepted"] == 2
    assert again.told["deliver"].get("accepted", 0) == 0
    assert mails(tmp_path) == 5


def test_a_dry_run_tells_and_keeps_nothing(peopled: Run, tmp_path: Path) -> None:
    answer = peopled("run", "rescore", "--now", NOW.isoformat(), "--dry-run", "--json")

    assert answer.told["rescore"]["scored"] == 5
    assert "rescore (dry run): 5 scored" in answer.err
    assert {row["total"] for row in peopled("leads", "--json").told} == {None}


def test_a_dry_delivery_sends_nothing(worked: Run, tmp_path: Path) -> None:
    worked("run", "deliver", "--now", LATER, "--dry-run")

    assert mails(tmp_path) == 3
    assert worked("messages", "--json").told["states"]["scheduled"] == 2


def test_small_batches_do_the_same_work(peopled: Run) -> None:
    answer = peopled("run", "rescore", "--now", NOW.isoformat(), "--batch-size", 2, "--json")

    assert answer.told["rescore"]["scored"] == 5


def test_full_scores_everybody_again(worked: Run) -> None:
    again = worked("run", "rescore", "--now", NOW.isoformat(), "--json").told["rescore"]
    full = worked("run", "rescore", "--full", "--now", LATER, "--json").told["rescore"]

    assert (again["scored"] if again else 0, full["scored"]) == (0, 5)


def test_full_is_for_rescore_alone(live: Run) -> None:
    answer = live("run", "all", "--full")

    assert (answer.exit_code, "--full is for `rescore` alone" in answer.err) == (2, True)


def test_a_wrong_name_is_told_the_right_ones(live: Run) -> None:
    answer = live("run", "rescor")

    assert answer.exit_code == 2
    assert "no sweep 'rescor'. Did you mean 'rescore'? There are: ingest, rescore, segment, handoff, schedule, deliver, or all of them: all" in answer.err


@pytest.mark.parametrize(("now", "said"), [
    pytest.param("2026-03-02T09:00", "'2026-03-02T09:00' has no zone: add Z for UTC, or an offset such as +01:00", id="without a zone"),
    pytest.param("tomorrow", "'tomorrow' is not an instant: write it as ISO 8601, such as 2026-03-02T09:00Z", id="in words"),
    pytest.param("02.03.2026 09:00", "is not an instant", id="as a country writes it"),
    pytest.param("9999-12-31T23:59Z", "lies too far away: give an instant between 1970 and 2199", id="where calendars end"),
    pytest.param("0001-01-01T00:00+14:00", "lies too far away", id="before UTC begins"),
])  # fmt: skip
def test_an_instant_that_nobody_can_place_is_refused(live: Run, now: str, said: str) -> None:
    answer = live("run", "rescore", "--now", now)

    assert answer.exit_code == 2
    assert said in answer.err


def test_no_sweep_runs_without_a_playbook(ask: Run) -> None:
    answer = ask("run", "all")

    assert answer.exit_code == 2
    assert "no playbook is applied yet: run `ripeline apply`" in answer.err


def test_many_mails_are_not_sent_by_accident(worked: Run, tmp_path: Path) -> None:
    refused = worked("run", "deliver", "--now", LATER, confirm_above=1)
    sent = worked("run", "deliver", "--now", LATER, "--yes", confirm_above=1)

    assert refused.exit_code == 2
    assert "2 messages are due, more than 1. Send them by 'maildir'? Nobody is here to ask: say --yes to go on" in refused.err
    assert (sent.exit_code, mails(tmp_path)) == (0, 5)


@pytest.mark.parametrize(("answer", "exit_code", "sent"), [pytest.param("y", 0, 2, id="yes"), pytest.param("n", 1, 0, id="no")])
def test_a_person_is_asked_once(worked: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, exit_code: int, sent: int) -> None:
    monkeypatch.setattr("sys.stdin", Typed(f"{answer}\n"))

    asked = worked("run", "deliver", "--now", LATER, confirm_above=1)

    assert (asked.exit_code, mails(tmp_path)) == (exit_code, 3 + sent)
    assert asked.said.count("Send them by 'maildir'?") == 1


def test_a_dry_run_asks_nobody(worked: Run) -> None:
    assert worked("run", "deliver", "--now", LATER, "--dry-run", confirm_above=1).exit_code == 0
