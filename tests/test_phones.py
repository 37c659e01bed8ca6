"""Telephone numbers: which zone of a country with several they belong to, and how much that tells."""

import pytest

from ripeline.phones import Dialled, Line, zone_of_number


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        pytest.param("+55 92 3232-1234", "BR", Dialled("America/Manaus", Line.FIXED), id="a fixed line in Manaus"),
        pytest.param("(92) 3232-1234", "BR", Dialled("America/Manaus", Line.FIXED), id="as people in Brazil write it"),
        pytest.param("+55 11 91234-5678", "BR", Dialled("America/Sao_Paulo", Line.MOBILE), id="a Brazilian mobile carries its area"),
        pytest.param("+34 928 123 456", "ES", Dialled("Atlantic/Canary", Line.FIXED), id="the Canary Islands"),
        pytest.param("+7 423 222-12-34", "RU", Dialled("Asia/Vladivostok", Line.FIXED), id="Vladivostok"),
        pytest.param("(303) 555-0123", "US", Dialled("America/Denver", Line.MOBILE), id="a North American number may be a mobile that moved"),
        pytest.param("+1 604 555 0123", "US", None, id="Vancouver is not in the United States"),
        pytest.param("+49 30 1234567", "US", None, id="a number of another country"),
        pytest.param("+1 800 555 0199", "US", None, id="toll-free is called from everywhere"),
        pytest.param("+61 412 345 678", "AU", None, id="an Australian mobile may be anywhere"),
        pytest.param("+61 8 9321 1234", "AU", None, id="an area with two zones"),
        pytest.param("ask Eva", "US", None, id="no number"),
    ],
)
def test_a_number_tells_the_zone_of_its_area(number: str, country: str, expected: Dialled | None) -> None:
    assert zone_of_number(number, country) == expected
