"""`ripeline plan`: what the working files would do to people in flight."""

from pathlib import Path

from commands import Run
from people import NOW


def test_nobody_notices_where_nothing_was_edited(seen: Run) -> None:
    assert "nobody in flight would notice" in seen("plan", "--now", NOW.isoformat()).out


def test_programs_read_counts_and_whose(seen: Run, spoil, own_home: Path) -> None:
    spoil("playbook/limits.toml", 'from   = "09:00"', 'from   = "13:00"')

    told = seen("plan", "--now", NOW.isoformat(), "--json", home=own_home).told

    assert list(told) == ["counts", "renamed", "messages", "leaves"]
    assert told["counts"]["moves"] == len(told["messages"]) > 0
    assert {"change", "lead_id", "track", "touch", "old_at", "new_at", "zone"} == set(told["messages"][0])


def test_apply_moves_people_in_flight_unless_they_are_to_stay(worked: Run, spoil, own_home: Path) -> None:
    spoil("playbook/limits.toml", 'from   = "09:00"', 'from   = "13:00"')

    stay, move, again = worked("apply", "--stay", home=own_home), worked("apply", home=own_home), worked("apply", home=own_home)

    assert "moved in flight" not in stay.out
    assert "moved in flight: 5" in move.out
    assert "moved in flight" not in again.out
