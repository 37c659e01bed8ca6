"""What the tests of several sweeps ask for."""

import pytest
from shipped import in_english, make_live
from sqlmodel import Session

from ripeline.playbook.playbook import Playbook


@pytest.fixture
def playbook(session: Session) -> Playbook:
    """Give the shipped playbook, stored and live."""
    return make_live(session, in_english())
