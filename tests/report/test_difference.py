"""What a change of cards would change: counted once, told alike on terminal, page, CSV and to programs."""

import re
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from ripeline.report.diff.numbers import Difference, Side, difference
from ripeline.report.diff.page import difference_page
from ripeline.report.diff.words import as_csv, as_json, grids, headline

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
OLD, NEW = Side("live", "aaaa" * 16, "one"), Side("card.toml", "bbbb" * 16, "two")


def stands(lead_id: int, total: int, **changes: Any) -> dict[str, Any]:
    """Return where a lead stands, as `outlook` says it."""
    return {"lead_id": lead_id, "market": None, "total": total, "grade": "C3", "stage": "lead", "is_on_hold": False, "handoff": "no"} | changes


def outlook(*leads: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(leads, schema_overrides={"market": pl.String})


@pytest.fixture
def found() -> Difference:
    """Give a base of four in two slices: one keeps everything, one gets points, one another grade, one goes to sales."""
    first = outlook(stands(1, 1000), stands(2, 2000, market="jp")), outlook(stands(1, 1000), stands(2, 2500, market="jp"))
    second = (
        outlook(stands(3, 2000, market="jp", is_on_hold=True), stands(4, 4000)),
        outlook(stands(3, 2400, market="jp", grade="C2"), stands(4, 8000, grade="A1", stage="marketing_qualified", handoff="invite")),
    )
    return difference(OLD, NEW, AT, iter([first, second]))


def test_each_kind_of_change_is_counted_over_all_slices(found: Difference) -> None:
    assert (found.leads, dict(found.changed)) == (4, {"total": 3, "grade": 2, "stage": 1, "is_on_hold": 1, "handoff": 1})
    assert [(move.old, move.new, move.leads) for move in found.moves["grade"]] == [("C3", "A1", 1), ("C3", "C2", 1)]


def test_markets_have_their_own_counts_and_leads_without_one_come_last(found: Difference) -> None:
    assert [(line.market, line.leads, line.changed["grade"]) for line in found.markets] == [("jp", 2, 1), (None, 2, 1)]


def test_who_changes_is_named_nearest_to_sales_first_and_points_alone_name_nobody(found: Difference) -> None:
    assert found.who["lead_id"].to_list() == [4, 3]


def test_terminal_page_csv_and_programs_tell_the_same(found: Difference) -> None:
    page = re.sub(r"<[^>]+>", " ", difference_page(found, 10))
    listed = next(grid for grid in grids(found, 1) if grid.title.startswith("Who they are"))

    assert headline(found) == "2 of 4 leads would stand elsewhere"
    assert headline(found) in page
    assert (listed.title, listed.rows[0][:6]) == ("Who they are, the first 1", ("4", "", "40", "→ 80", "C3", "→ A1"))
    assert as_csv(found).splitlines()[1] == "4,,,40.0,80.0,C3,A1,lead,marketing_qualified,false,false,no,invite"
    told: Any = as_json(found, None)
    assert (told["who"][1]["lead_id"], told["who"][1]["new_is_on_hold"], told["who_count"]) == (3, False, 2)


def test_two_cards_that_score_alike_are_said_to() -> None:
    same = outlook(stands(1, 1000))

    found = difference(OLD, Side("copy", "cccc" * 16, "one"), AT, iter([(same, same)]))

    assert headline(found) == "Both score alike"
    assert found.who.is_empty()


def test_an_empty_base_has_no_difference() -> None:
    found = difference(OLD, NEW, AT, iter([]))

    assert (found.leads, found.markets) == (0, ())
    assert "0 of 0 leads" in difference_page(found, 10)
