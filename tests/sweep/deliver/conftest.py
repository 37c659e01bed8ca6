"""What the tests of delivery ask for."""

from collections.abc import Callable
from typing import Any

import pytest
from mailing import everybody
from people import NOW
from shipped import shipped
from sqlmodel import Session

from models import PlaybookVersion
from ripeline.connect.channels import Channel
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.deliver import deliver
from ripeline.values import Tally

Deliver = Callable[..., Tally]


@pytest.fixture
def pinned(session: Session) -> Playbook:
    """Give the shipped playbook, stored as a version that enrolments and handoffs can name."""
    session.add(PlaybookVersion(hash=shipped().hash, files=dict(shipped().files), created_at=NOW, created_by="test"))
    session.commit()
    return shipped()


@pytest.fixture
def send(session: Session, settings: Settings) -> Deliver:
    """Give a function that delivers what is due at NOW through a channel, with other settings by name."""

    def sent(channel: Channel, **given: Any) -> Tally:
        chosen = settings.model_copy(update=given.pop("settings", {}))
        return deliver(session, given.pop("ids", everybody()), shipped(), now=given.pop("now", NOW), channel=channel, settings=chosen, **given)

    return sent
