"""The people of the demonstration are always the same, come from everywhere, and have the gaps of a real list."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from ripeline.demo.people import Person, people
from ripeline.demo.visits import history, news
from ripeline.zones import known_zone

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def crowd() -> list[Person]:
    return list(people(600, 2026, START))


def test_the_same_seed_makes_the_same_people(crowd: list[Person]) -> None:
    assert list(people(600, 2026, START)) == crowd


def test_another_seed_makes_others(crowd: list[Person]) -> None:
    assert next(people(1, 1, START)) != crowd[0]


def test_fewer_people_are_the_first_of_many(crowd: list[Person]) -> None:
    assert list(people(5, 2026, START)) == crowd[:5]


def test_nobody_can_be_reached_by_mail(crowd: list[Person]) -> None:
    assert {person.address.rsplit("@", 1)[1] for person in crowd} <= {"example.com", "example.org", "example.net"}  # RFC 2606


def test_no_two_share_an_address(crowd: list[Person]) -> None:
    assert len({person.address.casefold() for person in crowd}) == len(crowd)


def test_they_read_at_least_fourteen_languages(crowd: list[Person]) -> None:
    languages = {person.locale for person in crowd}

    assert languages >= {"ja", "zh_CN", "ko", "ar", "he", "el", "ru", "hi", "tr", "pt_BR", "de", "nl", "nb", "fr"}


def test_they_live_in_half_hour_and_southern_zones(crowd: list[Person]) -> None:
    zones = {person.zone for person in crowd}

    assert zones >= {"Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Australia/Adelaide", "Australia/Sydney", "America/Sao_Paulo", "Africa/Johannesburg"}


@pytest.mark.parametrize(
    ("script", "letter"),
    [("ja", "一鿿"), ("ko", "가힣"), ("ar", "ءي"), ("he", "את"), ("el", "Αω"), ("ru", "Ая"), ("hi", "ऄह")],
    ids=["Japanese", "Korean", "Arabic", "Hebrew", "Greek", "Russian", "Hindi"],
)
def test_names_are_in_their_own_script(crowd: list[Person], script: str, letter: str) -> None:
    names = "".join(person.last_name or "" for person in crowd if person.locale == script)

    assert names
    assert any(letter[0] <= each <= letter[-1] for each in names)


def test_the_list_has_gaps(crowd: list[Person]) -> None:
    gaps = Counter(name for person in crowd for name in ("first_name", "country", "zone", "locale", "industry", "employees") if getattr(person, name) is None)

    assert all(gaps[name] for name in ("first_name", "country", "zone", "locale", "industry", "employees"))


def test_some_zones_are_wrong_as_in_real_lists(crowd: list[Person]) -> None:
    assert any(person.zone and not known_zone(person.zone) for person in crowd)


def test_most_but_not_all_agreed_to_mail(crowd: list[Person]) -> None:
    agreed = sum(person.consented_at is not None for person in crowd)

    assert 0.15 < agreed / len(crowd) < 0.35
    assert any(person.is_suppressed for person in crowd)


def test_histories_lie_before_the_story_and_news_within_its_day(crowd: list[Person]) -> None:
    before = [row["at"] for person in crowd for row in history(person, 2026, START)]
    during = [row["at"] for person in crowd for row in news(person, 2026, START)]

    assert max(before) < START.isoformat()
    assert during
    assert all("2026-03-02T" <= at < "2026-03-03" for at in during)


def test_every_event_has_an_id_of_its_own(crowd: list[Person]) -> None:
    ids = [row["id"] for person in crowd for rows in (history(person, 2026, START), news(person, 2026, START)) for row in rows]

    assert len(set(ids)) == len(ids)
