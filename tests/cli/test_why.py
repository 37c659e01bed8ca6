"""`ripeline why`: which rule chose the instant of a lead's next mail, or what stops it."""

from commands import Run
from people import NOW


def test_people_read_the_rule_the_wall_time_and_what_is_to_come(seen: Run) -> None:
    shown = seen("why", "noor@example.net", "--now", NOW.isoformat()).out

    assert "goes: by its rule: " in shown
    assert "  when      2026-03-" in shown
    assert "  rule      " in shown
    assert "  to come   " in shown


def test_programs_read_the_first_reason_and_the_earliest_instant(seen: Run) -> None:
    told = seen("why", "kenji@example.org", "--now", NOW.isoformat(), "--json").told

    assert (told["outcome"], told["because"]) == ("stopped", "no recorded consent to marketing")
    assert told["earliest"] == told["slot"]["due_at"]
    assert list(told) == ["lead_id", "outcome", "because", "track", "version", "touch", "state", "slot", "earliest", "ahead", "kept"]


def test_a_touch_nobody_knows_is_refused_with_the_nearest(seen: Run) -> None:
    answer = seen("why", "noor@example.net", "--touch", "pricing-overviw")

    assert answer.exit_code == 2
    assert "no track has a touch 'pricing-overviw'. Did you mean 'pricing-overview'?" in answer.err
