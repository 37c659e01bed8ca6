"""Rank from a title, in whatever language it is."""

import pytest
from shipped import FILES

from ripeline.decide.seniority import ladder, rank_of
from ripeline.demo.titles import SENIORITIES, TITLES

RANKS = ("c_level", "vp", "director", "manager", "specialist", "student")


@pytest.mark.parametrize(
    ("title", "rank"),
    [
        pytest.param("CEO", "c_level", id="an abbreviation"),
        pytest.param("C.E.O. & Co-Founder", "c_level", id="with points"),
        pytest.param("Vice President, Sales", "vp", id="a longer phrase goes before the one inside it"),
        pytest.param("President", "c_level", id="which counts alone"),
        pytest.param("Managing Director", "c_level", id="nor is every director one"),
        pytest.param("Sales Director and Team Lead", "director", id="of two ranks the higher"),
        pytest.param("Assistant to the CEO", "specialist", id="an assistant of the chief is no chief"),
        pytest.param("Assistentin der Geschäftsführung", "specialist", id="in German neither"),
        pytest.param("Vertriebsleiterin", "manager", id="the end of a compound"),
        pytest.param("代表取締役社長", "c_level", id="Japanese, without blanks"),
        pytest.param("副总经理", "vp", id="Chinese, a deputy"),
        pytest.param("Genel Müdür Yardımcısı", "vp", id="Turkish, a deputy"),
        pytest.param("Генеральный директор", "c_level", id="Russian"),
        pytest.param("Working Professional", "specialist", id="as forms have it"),
        pytest.param("Headhunter", None, id="a head inside a word is none"),
        pytest.param("Unemployed", None, id="no rank at all"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="no title"),
    ],
)
def test_a_title_tells_a_rank(title: str | None, rank: str | None) -> None:
    assert rank_of(title, ladder(FILES, RANKS), RANKS) == rank


def test_most_titles_of_the_demonstration_are_understood() -> None:
    phrases = ladder(FILES, RANKS)
    told = [rank_of(title, phrases, RANKS) == rank for titles in TITLES.values() for rank, title in zip(SENIORITIES, titles, strict=True)]

    assert sum(told) / len(told) > 0.9
