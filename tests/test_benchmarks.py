"""The benchmarks, tiny: they run, and wherever two sides compute the same thing they agree."""

import pytest

from benchmarks import forty, rescore, schedule, segment
from benchmarks.row import Row

pytestmark = pytest.mark.slow


def _told(rows: list[Row]) -> list[str]:
    return [row.what.rsplit(", ", 1)[1] for row in rows]


def test_the_textbook_card_agrees_with_the_sql_on_both_databases(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPELINE_TEST_POSTGRES_URL", postgresql_url)
    assert _told(rescore.run(small=True)) == ["SQLite", "PostgreSQL"]


def test_forty_rules_agree_with_the_sql_and_with_plain_python(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIPELINE_TEST_POSTGRES_URL", postgresql_url)
    rows = forty.run(small=True)
    assert len([row for row in rows if "SQL, totals alone" in row.referee]) == 2
    assert len([row for row in rows if "plain Python" in row.referee]) == 1


def test_after_news_of_some_few_are_segmented() -> None:
    rows = segment.run(small=True)
    assert [row.ratio is not None for row in rows] == [True, True]


def test_everybody_who_agreed_is_scheduled() -> None:
    (row,) = schedule.run(small=True)
    assert f"{400 * 4 // 5} planned" in row.ours
