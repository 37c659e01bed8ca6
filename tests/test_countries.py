"""Country words as codes."""

import pytest

from ripeline.countries import country_codes, country_of
from ripeline.values import Refusal

WORDS = {
    "DE": "de, DEU, 276, Germany, Deutschland, Allemagne, ドイツ, Германия, ألمانيا",
    "US": "U.S.A., united states , US",
    "NL": "The Netherlands, Holland, Niederlande",
    "GB": "UK, Great Britain",
    "CI": "Cote d'Ivoire, Côte d’Ivoire, Ivory Coast",
    "TR": "Türkiye, Turkey",
    "BA": "Bosnia & Herzegovina",
    "HK": "Hong Kong",
    "KR": "대한민국",
    "CN": "中国",
    "VN": "Viet Nam",
    "RU": "Russian Federation",
}


@pytest.mark.parametrize(("word", "code"), [(word, code) for code, words in WORDS.items() for word in words.split(",")])
def test_a_country_is_known_by_code_or_name_in_many_languages(word: str, code: str) -> None:
    assert country_of(word) == code


@pytest.mark.parametrize("word", ["unknown", "Asia/Pacific Region", "EU", "XX", "ZZ", "Congo", "Korea", "", "-"])
def test_what_is_no_country_or_two_is_refused(word: str) -> None:
    with pytest.raises(Refusal, match="is no country we know"):
        country_of(word)


def test_a_slip_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(Refusal, match="did you mean 'Germany'"):
        country_of("Germny")


def test_every_code_is_its_own_country() -> None:
    assert {country_of(code) for code in country_codes()} == country_codes()
