"""`ripeline stage`: a funnel stage set by hand."""

from commands import Run


def test_a_stage_set_by_hand_is_an_event_for_the_next_run(peopled: Run) -> None:
    said = peopled("stage", "kenji@example.org", "customer", "--because", "signed")

    assert said.out.strip().endswith("lead → customer, with the next `ripeline run`")
    told = peopled("lead", "kenji@example.org", "--json").told
    assert [moment["detail"] for moment in told["timeline"] if moment["what"] == "stage_set"] == ["customer"]


def test_a_stage_that_is_none_is_refused_and_a_dry_run_changes_nothing(peopled: Run) -> None:
    assert peopled("stage", 1, "emperor").err.startswith("ripeline: no stage 'emperor': there are subscriber, lead,")

    assert peopled("stage", 1, "customer", "--dry-run").exit_code == 0
    assert "stage_set" not in peopled("lead", 1).out
