"""`ripeline apply`: a folder goes live as one version, or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Run
from people import NOW

Spoil = Callable[[str, str, str], None]

CARD = "playbook/scoring/default.toml"
TRACK = "playbook/tracks/decision.toml"


def versions(run: Run) -> list[str]:
    """Return what `apply --list` shows, without its header."""
    return run("apply", "--list").out.splitlines()[1:]


def test_the_first_version_goes_live(ask: Run, files: dict[str, str]) -> None:
    answer = ask("apply")

    assert answer.exit_code == 0
    assert f"first version: {len(files)} files" in answer.out
    assert "is live" in answer.out
    assert len(versions(ask)) == 1


def test_applying_what_is_live_changes_nothing(live: Run) -> None:
    answer = live("apply")

    assert "nothing differs from what is live" in answer.out
    assert len(versions(live)) == 1


def test_a_change_is_named_and_becomes_a_version(live: Run, own_home: Path, spoil: Spoil) -> None:
    spoil(TRACK, "priority = 30", "priority = 31")
    (own_home / "playbook/lists/partners.txt").write_text("example.org\n")
    next((own_home / "playbook/markets").glob("*.toml")).unlink()

    answer = live("apply", home=own_home)

    assert [line.split()[0] for line in answer.out.splitlines()[:-1]] == ["new", "gone", "changed"]
    assert f"changed {TRACK}" in answer.said
    assert [line.split()[-1] for line in versions(live)] == ["live", "test"]


def test_a_dry_run_compares_and_keeps_nothing(live: Run, own_home: Path, spoil: Spoil) -> None:
    spoil(TRACK, "priority = 30", "priority = 31")

    answer = live("apply", "--dry-run", home=own_home)

    assert (answer.exit_code, answer.out.split()[:2]) == (0, ["changed", TRACK])
    assert "in flight: nobody in flight would notice" in answer.out
    assert len(versions(live)) == 1


def test_one_can_go_back(live: Run, own_home: Path, spoil: Spoil) -> None:
    spoil(TRACK, "priority = 30", "priority = 31")
    live("apply", home=own_home)
    newest, oldest = (line.split()[0] for line in versions(live))

    compared, back = live("apply", "--version", oldest[:8], "--dry-run"), live("apply", "--version", oldest[:8])

    assert compared.out.split()[:2] == ["changed", TRACK]
    assert f"version {oldest} is live" in back.out
    assert [line.split()[0] for line in versions(live)] == [oldest, newest, oldest]


@pytest.mark.parametrize("words", [pytest.param([], id="applying"), pytest.param(["--dry-run"], id="comparing")])
def test_what_is_live_stays_live_over_a_mistake(live: Run, own_home: Path, spoil: Spoil, words: list[str]) -> None:
    spoil(TRACK, "total >= 50", "totla >= 50")
    before = versions(live)

    answer = live("apply", *words, home=own_home)

    assert answer.exit_code == 2
    assert "what is live stays live" in answer.err
    assert "Did you mean 'total'?" in answer.err
    assert versions(live) == before


def test_a_template_with_a_mistake_is_not_applied(live: Run, own_home: Path, spoil: Spoil) -> None:
    spoil("templates/email/case-study/subject.txt", "{% trans", "{% trnas")
    before = versions(live)

    answer = live("apply", home=own_home)

    assert answer.exit_code == 2
    assert "templates/email/case-study/subject.txt:1" in answer.err
    assert versions(live) == before


def test_an_unknown_version_is_said_to_be_so(live: Run) -> None:
    answer = live("apply", "--version", "ffff")

    assert answer.exit_code == 2
    assert "no stored playbook versions start with 'ffff': see `ripeline apply --list`" in answer.err


def test_a_user_without_a_name_may_apply(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)

    assert ask("apply").exit_code == 0
    assert "user " in versions(ask)[0]


def test_going_back_is_one_command_and_brings_every_total_back(peopled: Run, own_home: Path, spoil: Spoil) -> None:
    first = versions(peopled)[0].split()[0]
    spoil(CARD, "cap   = 125", "cap   = 60")
    before = _totals(peopled)

    assert peopled("apply", home=own_home).exit_code == 0
    meanwhile = _totals(peopled)
    assert peopled("apply", "--version", first[:10]).exit_code == 0

    assert _totals(peopled) == before != meanwhile


def _totals(run: Run) -> dict[int, tuple[float, str]]:
    """Return every lead's total and grade after a rescore by what is live."""
    run("run", "rescore", "--now", NOW.isoformat())
    return {each["id"]: (each["total"], each["grade"]) for each in run("leads", "--json").told}
