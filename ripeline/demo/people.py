"""Made-up people: the same two thousand for the same seed, in their own scripts, with the gaps that real lists have."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from random import Random

from faker import Faker

from ripeline.demo.places import ORIGINS, Origin, Place
from ripeline.demo.titles import SENIORITIES, title_of

DOMAINS = ("example.com", "example.org", "example.net")
INDUSTRIES = ("Technology", "Manufacturing", "Logistics", "Retail", "Health", "Finance", "Education", "Public")
INDUSTRY_WEIGHTS = (12, 9, 8, 10, 24, 7, 17, 13)
SENIORITY_WEIGHTS = (4, 4, 8, 22, 52, 10)


class Interest(Enum):
    """How keen a person is. The value is how many visits they make in a month, on average."""

    COLD = 0.4
    CURIOUS = 1.1
    WARM = 1.6
    KEEN = 2.8


INTEREST_WEIGHTS = (62, 26, 10, 2)


@dataclass(frozen=True)
class Person:
    """One made-up person. None is a gap; `known_at`: since when we know of them; `consented_at` None: nobody may write to them."""

    number: int
    address: str
    first_name: str | None
    last_name: str | None
    company: str
    title: str
    seniority: str
    industry: str | None
    employees: int | None
    country: str | None
    region: str | None
    city: str | None
    locale: str | None
    zone: str | None
    interest: Interest
    known_at: datetime
    consented_at: datetime | None
    consent_words: str
    is_suppressed: bool


def people(count: int, seed: int, start: datetime) -> Iterator[Person]:
    """Yield `count` people, the same for the same seed; what they agreed to, they agreed to before `start` (aware, UTC)."""
    for number in range(1, count + 1):
        chance = Random(f"{seed}:{number}")
        yield _person(number, chance, chance.choices(ORIGINS, [origin.share for origin in ORIGINS])[0], start)


def _person(number: int, chance: Random, origin: Origin, start: datetime) -> Person:
    fake = _faker(origin.names)
    fake.seed_instance(chance.getrandbits(32))
    first, last = _name(fake, chance)
    place = chance.choice(origin.places)
    seniority = chance.choices(SENIORITIES, SENIORITY_WEIGHTS)[0]
    known_at = start - timedelta(days=chance.uniform(76, 400))
    return Person(
        number=number,
        address=f"{fake.user_name()}{number}@{chance.choice(DOMAINS)}",
        first_name=None if chance.random() < 0.03 else first,
        last_name=None if chance.random() < 0.02 else last,
        company=fake.company(),
        title=title_of(origin.locale, seniority),
        seniority=seniority,
        industry=None if chance.random() < 0.08 else chance.choices(INDUSTRIES, INDUSTRY_WEIGHTS)[0],
        employees=None if chance.random() < 0.12 else round(10 ** chance.uniform(0.7, 3.7)),
        **_whereabouts(chance, origin, place),
        interest=chance.choices(list(Interest), INTEREST_WEIGHTS)[0],
        known_at=known_at,
        consented_at=known_at if chance.random() < 0.25 else None,
        consent_words="Yes, write to me about workflow software. I can stop this at any time.",
        is_suppressed=chance.random() < 0.02,
    )


def _name(fake: Faker, chance: Random) -> tuple[str, str]:
    kind = chance.choice(("female", "male"))  # in many languages the family name agrees with it
    first = getattr(fake, f"first_name_{kind}", fake.first_name)()
    return first, getattr(fake, f"last_name_{kind}", fake.last_name)()


def _whereabouts(chance: Random, origin: Origin, place: Place) -> dict[str, str | None]:
    """Return what a list knows of the place: two in five have no zone, some have no city, a few have nothing at all, one in a hundred a wrong zone."""
    if chance.random() < 0.02:
        return {"country": None, "region": None, "city": None, "zone": None, "locale": origin.locale}
    zone = None if chance.random() < 0.4 else place.zone
    return {
        "country": place.country,
        "region": place.region,
        "city": None if chance.random() < 0.1 else place.city,
        "zone": "Mars/Olympus_Mons" if chance.random() < 0.01 else zone,
        "locale": None if chance.random() < 0.08 else origin.locale,
    }


@lru_cache(maxsize=64)
def _faker(names: str) -> Faker:
    return Faker(names)
