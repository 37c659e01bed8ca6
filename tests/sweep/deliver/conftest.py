"""What the tests of delivery ask for."""

from collections.abc import Callable
from typing import Any

import pytest
from mailing import everybody
from people import NOW
from sqlmodel import Session

from models import PlaybookVersion
from ripeline.connect.channels import Channel
from ripeline.playbook.files import read_folder
from ripeline.playbook.playbook import Playbook, parse_playbook
from ripeline.settings import CLONE, Settings
from ripeline.sweep.deliver import deliver
from ripeline.values import Tally

Deliver = Callable[..., Tally]


@pytest.fixture(scope="session")
def shipped() -> Playbook:
    """Give the shipped playbook."""
    return parse_playbook(read_folder(CLONE))


@pytest.fixture
def pinned(session: Session, shipped: Playbook) -> Playbook:
    """Give the shipped playbook, stored as a version that enrolments and handoffs can name."""
    session.add(PlaybookVersion(hash=shipped.hash, files=dict(shipped.files), created_at=NOW, created_by="test"))
    session.commit()
    return shipped


@pytest.fixture
def send(session: Session, settings: Settings, shipped: Playbook) -> Deliver:
    """Give a function that delivers what is due at NOW through a channel, with other settings by name."""

    def sent(channel: Channel, **given: Any) -> Tally:
        chosen = settings.model_copy(update=given.pop("settings", {}))
        return deliver(session, given.pop("ids", everybody()), shipped, now=given.pop("now", NOW), channel=channel, settings=chosen, **given)

    return sent
