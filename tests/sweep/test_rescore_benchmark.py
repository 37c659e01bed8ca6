"""The benchmark of rescoring, tiny: it runs, and both sides compute the same."""

import pytest

from benchmarks.rescore import run


@pytest.mark.slow
def test_the_benchmark_runs_on_both_databases_and_agrees_with_the_sql(postgresql_url, monkeypatch):
    monkeypatch.setenv("RIPELINE_TEST_POSTGRES_URL", postgresql_url)
    rows = run(small=True)
    assert [row.what.rsplit(", ", 1)[1] for row in rows] == ["SQLite", "PostgreSQL"]
    assert all(row.peak_mib for row in rows)
