"""`ripeline zones`: where leads are taken to live, and how sure that is."""

from commands import Run

from ripeline.decide.certainty import Certainty, certainty_of


def test_leads_are_counted_by_where_their_zone_came_from(seen: Run) -> None:
    told = seen("zones", "--json").told

    assert {(row["source"], row["certainty"]): row["leads"] for row in told["sources"]} == {
        ("lead", "stated"): 3,
        ("city", "placed"): 1,
        ("country", "placed"): 1,
    }
    assert sum(row["leads"] for row in told["sources"]) == len(told["leads"]) == 5


def test_only_those_of_one_certainty_are_listed(seen: Run) -> None:
    assert {row["certainty"] for row in seen("zones", "--certainty", "placed", "--json").told["leads"]} == {"placed"}


def test_a_certainty_that_is_none_is_refused(seen: Run) -> None:
    answer = seen("zones", "--certainty", "sure")

    assert answer.exit_code == 2
    assert "no certainty 'sure': stated, placed, likely, assumed" in answer.said


def test_what_was_passed_over_does_not_make_a_zone_surer() -> None:
    assert certainty_of('fallback (zone "Mars/Base" unknown)') is Certainty.ASSUMED
    assert certainty_of("country") is Certainty.PLACED
