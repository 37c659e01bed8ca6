"""`ripeline plan`: what the working files would do to people in flight."""

from pathlib import Path

from commands import Run
from people import NOW


def test_nobody_notices_where_nothing_was_edited(seen: Run) -> None:
    assert "nobody in flight would notice" in seen("plan", "--now", NOW.isoformat()).out


def test_programs_read_counts_and_whose(seen: Run, spoil, own_home: Path) -> None:
    spoil("playbook/limits.toml", 'from   = "09:00"', 'from   = "13:00"')

    told = seen("plan", "--now", NOW.isoformat(), "--json", home=own_home).told

    assert list(told) == ["counts", "messages", "leaves"]
    assert told["counts"]["moves"] == len(told["messages"]) > 0
    assert {"change", "lead_id", "track", "touch", "old_at", "new_at", "zone"} == set(told["messages"][0])


def test_apply_moves_people_by_that_plan_unless_they_are_to_stay(worked: Run, spoil, own_home: Path) -> None:
    spoil("playbook/limits.toml", 'from   = "09:00"', 'from   = "13:00"')
    now = ("--now", NOW.isoformat())
    moves = [(each["touch"], each["old_at"], each["new_at"]) for each in worked("plan", *now, "--json", home=own_home).told["messages"]]

    stays = worked("apply", "--stay", home=own_home)
    first = {each["due"] for each in worked("messages", "--json").told["messages"] if each["kind"] == "touch"}
    answer = worked("apply", home=own_home)
    then = {each["due"] for each in worked("messages", "--json").told["messages"] if each["kind"] == "touch"}

    assert "moved in flight" not in stays.out
    assert "moved in flight: 2 (" in answer.out
    assert {old for _, old, _ in moves} >= first
    assert not first & then
