"""A small base whose days may pass: a dozen people in six zones, the shipped playbook live, in a SQLite file made once."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from crowd import populate
from people import NOW
from shipped import IN_ENGLISH
from sqlmodel import SQLModel

from ripeline.database import engine_for
from ripeline.playbook.playbook import Playbook, parse_playbook
from ripeline.settings import CLONE, Settings
from ripeline.simulate.machine import Journey
from ripeline.simulate.run import LIVE, Candidate, Outcome, Wish, simulate

DAYS = 2
READER, TRACK = 6, "consideration"
"""A lead who gets mail, and the track it is in."""

Passed = Callable[..., Outcome]


@pytest.fixture(scope="session")
def shipped() -> Playbook:
    """Give the shipped playbook, in English alone: other catalogues cost time that no simulation needs."""
    files = IN_ENGLISH
    return parse_playbook(files)


@pytest.fixture(scope="session")
def base_url(shipped: Playbook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of that base. Only read it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('base') / 'base.db'}"
    SQLModel.metadata.create_all(engine_for(url))
    populate(url, shipped)
    yield url
    engine_for(url).dispose()


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give settings for a simulation."""
    return Settings(_env_file=None, home=CLONE, var=tmp_path_factory.mktemp("var"), secret_key="0123456789abcdef0123456789abcdef")


@pytest.fixture(scope="session")
def passed(base_url: str, rehearsal: Settings) -> Passed:
    """Give a function that lets days pass over the base."""

    def let_pass(days: int = DAYS, **wish: object) -> Outcome:
        return simulate(base_url, rehearsal, Wish(Journey(NOW, days, timedelta(days=1)), **{"candidates": [LIVE]} | wish))  # type: ignore[arg-type]

    return let_pass


@pytest.fixture(scope="session")
def candidate(shipped: Playbook) -> Candidate:
    """Give a playbook that was never applied: mails go out within half an hour, not two."""
    limits = shipped.files["playbook/limits.toml"].replace('spread = "2 hours"', 'spread = "30 minutes"')
    return Candidate("half an hour", {**shipped.files, "playbook/limits.toml": limits})


@pytest.fixture(scope="session")
def outcome(passed: Passed) -> Outcome:
    """Give what becomes of the base in two days, the calendar of one lead included."""
    return passed(lead=READER)


@pytest.fixture(scope="session")
def both(passed: Passed, candidate: Candidate) -> Outcome:
    """Give what becomes of one track in a day by the live playbook and by the other."""
    return passed(1, candidates=[LIVE, candidate], track=TRACK)
