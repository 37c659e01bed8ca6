"""The benchmark of the time machine, tiny: it runs, and mails go."""

import pytest

from benchmarks.simulate import run


@pytest.mark.slow
def test_the_benchmark_runs() -> None:
    rows = run(small=True)

    assert [row.what for row in rows] == ["simulate 2 days × 30 leads", "simulate 2 days × 60 leads"]
    assert all(row.peak_mib for row in rows)
