"""The benchmarks, tiny: they run, and wherever two sides compute the same thing they agree. And their page: it loses no figure, and names every goal."""

from pathlib import Path

import pytest

from benchmarks import forty, plainly, rescore, schedule, segment
from benchmarks.__main__ import chosen, pieces
from benchmarks.circumstances import Circumstances, watched
from benchmarks.figures import keep, kept
from benchmarks.goals import EXPLAIN, FORTY, GOALS, IMPORT
from benchmarks.page import PAGE, page, verdict
from benchmarks.row import Row

TODAY = Circumstances("2026-03-02", "a quiet machine", 0.25, 1.5)


def _a_row(what: str, is_met: bool) -> Row:
    return Row(IMPORT, what, "60,000 events/s", "by hand: 120,000 events/s", 2.0, "at least 50,000 events/s", is_met)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_both_cards_agree_with_the_sql(dialect: str, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPELINE_TEST_POSTGRES_URL", postgresql_url)
    (row,) = rescore.STEPS[dialect](True)
    assert "SQL, totals alone" in row.referee
    assert "SQL, totals alone" in forty.STEPS[dialect](True)[0].referee


@pytest.mark.slow
def test_forty_rules_agree_with_plain_python() -> None:
    evaluated, end_to_end = plainly.run(small=True)
    assert "facts in memory" in evaluated.what
    assert "end to end" in end_to_end.what


@pytest.mark.slow
def test_after_news_of_some_few_are_segmented() -> None:
    rows = segment.run(small=True)
    assert [row.ratio is not None for row in rows] == [True, True]


@pytest.mark.slow
def test_everybody_who_agreed_is_scheduled() -> None:
    (row,) = schedule.run(small=True)
    assert f"{400 * 4 // 5} planned" in row.ours


def test_measuring_one_piece_keeps_the_figures_of_the_others(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    keep("importing", [_a_row("before", False)], TODAY, file)
    keep("million.sqlite", [Row(FORTY, "a million", "60 s", "SQL: 120 s", 0.5)], TODAY, file)
    keep("importing", [_a_row("now", True)], TODAY, file)
    assert [(each.piece, each.row.what) for each in kept(file)] == [("million.sqlite", "a million"), ("importing", "now")]


def test_the_page_names_every_goal_also_those_that_were_not_measured(tmp_path: Path) -> None:
    text = page(keep("importing", [_a_row("now", True)], TODAY, tmp_path / "figures.json"))
    assert all(goal.asked in text for goal in GOALS)
    assert f"| {EXPLAIN.name} | 3 | not measured yet |" in text
    assert "| now | 60,000 events/s | by hand: 120,000 events/s | 2.00 |  | at least 50,000 events/s | met | 2026-03-02, 25% stolen, load 1.5 |" in text


def test_one_missed_row_is_told_beside_a_goal(tmp_path: Path) -> None:
    figures = keep("importing", [_a_row("CSV", True), _a_row("JSON Lines", False)], TODAY, tmp_path / "figures.json")
    assert verdict(figures) == "missed in 1 of 2 rows"


def test_the_page_is_what_its_figures_say() -> None:
    assert PAGE.read_text() == page(kept())


def test_a_million_is_measured_only_when_it_is_named() -> None:
    assert "million.sqlite" not in chosen([])
    assert chosen(["million"]) == [piece for piece in pieces() if piece.startswith("million.")]


def test_a_benchmark_that_nobody_has_is_named_beside_those_there_are() -> None:
    with pytest.raises(SystemExit, match=r"no benchmark is called foty .*forty\.sqlite"):
        chosen(["foty"])


def test_the_share_of_stolen_time_lies_between_none_and_all() -> None:
    with watched() as watch:
        sum(range(100_000))
    assert watch.circumstances.stolen is None or 0 <= watch.circumstances.stolen <= 1
