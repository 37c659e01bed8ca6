"""What the tests of the handoff sweep share: a lead that is ready, and the sweep over everybody."""

from datetime import datetime
from typing import Any

import pytest
from people import NOW
from sales import Ready, Sweep, a_consent, the_playbook
from sqlmodel import Session

from models import Lead, Score
from ripeline.playbook.playbook import Playbook
from ripeline.settings import Settings
from ripeline.sweep.handoff import handoff
from ripeline.sweep.scoring import scoring_of
from ripeline.values import Tally

EVERYBODY = range(1_000_000)


@pytest.fixture
def ready(session: Session) -> Ready:
    """Give a function that stores a lead who agreed to be written to, with a live score of 82.5 points unless said otherwise."""

    def store(lead: Lead, total: int = 8250, *, consent: bool = True, **score: Any) -> Lead:
        session.add(lead)
        session.flush()
        assert lead.id is not None, "just stored"
        version = scoring_of(the_playbook()).version
        known: dict[str, Any] = {"fit": 4000, "engagement": total - 4000, "grade": "A2", "version": version, "as_of": NOW, "scored_seq": 1}
        session.add(Score(lead_id=lead.id, total=total, **known | score))
        if consent:
            session.add(a_consent(lead))
        session.commit()
        return lead

    return store


@pytest.fixture
def sweep(session: Session, settings: Settings) -> Sweep:
    """Give a function that runs the sweep over everybody."""

    def run(now: datetime = NOW, playbook: Playbook | None = None, **options: Any) -> Tally:
        return handoff(session, EVERYBODY, playbook or the_playbook(), now=now, settings=settings, **options)

    return run
