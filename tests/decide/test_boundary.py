"""Boundaries: where a text asks whether points are reached, whoever asks it."""

import pytest

from ripeline.decide.boundary import boundaries_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("total >= 50 AND total < 75", {("total", 5000), ("total", 7500)}, id="between two"),
        pytest.param("total > 50 OR 40 >= fit", {("total", 5001), ("fit", 4001)}, id="more than, and the value first"),
        pytest.param("engagement = 12.5", {("engagement", 1250), ("engagement", 1251)}, id="exactly"),
        pytest.param("NOT (clicked('case') AND rose('total', 5)) AND total < 30", {("total", 3000)}, id="beside words of another room"),
        pytest.param("country = 'NL'", set(), id="no points"),
        pytest.param("A total of our pages; fit to print", set(), id="no condition at all"),
    ],
)
def test_a_text_asks_about_these_boundaries(text: str, expected: set[tuple[str, int]]) -> None:
    assert boundaries_in(text) == expected
