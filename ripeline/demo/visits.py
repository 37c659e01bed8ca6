"""What made-up people do: visits to the site, papers, webinars, questions. A history before the story, and news on each of its days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random
from typing import Any

from ripeline.demo.people import Interest, Person

START = datetime(2026, 3, 2, tzinfo=UTC)
"""When the story begins: a Monday. American clocks go forward on the Sunday within, 8 March."""

HISTORY_DAYS = 75
PAGES = ("/", "/product", "/product/forms", "/blog/first-workflow", "/blog/month-end", "/customers", "/docs")


@dataclass(frozen=True)
class Doing:
    """One act during a visit: its kind, its properties, and how likely it is for people of each interest."""

    kind: str
    properties: dict[str, Any]
    odds: dict[Interest, float]


def _odds(cold: float, curious: float, warm: float, keen: float) -> dict[Interest, float]:
    return dict(zip(Interest, (cold, curious, warm, keen), strict=True))


DOINGS = (
    Doing("page_viewed", {"path": "/pricing"}, _odds(0.01, 0.06, 0.20, 0.35)),
    Doing("asset_downloaded", {"asset": "whitepaper"}, _odds(0.03, 0.07, 0.08, 0.08)),
    Doing("asset_downloaded", {"asset": "case-study"}, _odds(0.005, 0.04, 0.12, 0.18)),
    Doing("webinar_attended", {"asset": "automation-101"}, _odds(0.002, 0.025, 0.06, 0.10)),
    Doing("link_clicked", {"asset": "product-demo", "path": "/demo"}, _odds(0.0, 0.01, 0.05, 0.14)),
    Doing("form_sent", {"form": "contact"}, _odds(0.0, 0.004, 0.015, 0.05)),
    Doing("demo_requested", {}, _odds(0.0, 0.0, 0.006, 0.03)),
    Doing("page_viewed", {"path": "/careers"}, _odds(0.06, 0.04, 0.01, 0.0)),
    Doing("support_ticket", {"form": "login"}, _odds(0.01, 0.02, 0.01, 0.01)),
    Doing("support_ticket", {"form": "purchase"}, _odds(0.0, 0.0, 0.005, 0.03)),
)


def history(person: Person, seed: int, start: datetime) -> Iterator[dict[str, Any]]:
    """Yield what a person did in the ten weeks before `start`, as rows of an events file."""
    chance = Random(f"{seed}:{person.number}:history")
    for _ in range(_poisson(chance, person.interest.value * HISTORY_DAYS / 30)):
        yield from _visit(person, chance, start - timedelta(days=chance.uniform(0, HISTORY_DAYS), hours=1))


def news(person: Person, seed: int, day: datetime) -> Iterator[dict[str, Any]]:
    """Yield what a person did on the day that begins at `day`."""
    chance = Random(f"{seed}:{person.number}:{day:%Y-%m-%d}")
    for _ in range(_poisson(chance, person.interest.value / 30)):
        yield from _visit(person, chance, day + timedelta(hours=chance.uniform(0, 22)))


def _visit(person: Person, chance: Random, at: datetime) -> Iterator[dict[str, Any]]:
    moment = at
    pages = (("page_viewed", {"path": path}) for path in chance.sample(PAGES, chance.randint(1, 3)))
    acts = ((doing.kind, doing.properties) for doing in DOINGS if chance.random() < doing.odds[person.interest])
    for number, (kind, properties) in enumerate([*pages, *acts]):
        seconds = {"seconds": round(chance.lognormvariate(3.6, 0.9))} if kind == "page_viewed" else {}
        source_id = f"{person.number}-{at:%Y%m%dT%H%M%S}-{number}"
        yield {"lead": person.address, "kind": kind, "at": moment.isoformat(timespec="seconds"), "id": source_id, **properties, **seconds}
        moment += timedelta(seconds=chance.uniform(15, 300))


def _poisson(chance: Random, mean: float) -> int:
    """Return a Poisson number (Knuth): how often something rare happened."""
    limit, product, count = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count
