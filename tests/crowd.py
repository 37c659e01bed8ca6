"""A dozen people in six zones who agreed to be written to and looked around, and the playbook that is live for them."""

from datetime import timedelta

from mailing import a_consent
from people import JOINED, NOW, a_lead, ada, an_event, kenji, maya

from models import Event, Lead, PlaybookApplication, PlaybookVersion
from ripeline.database import open_session
from ripeline.playbook.playbook import Playbook

PLACES = (("DE", "Europe/Berlin"), ("JP", "Asia/Tokyo"), ("US", "America/Chicago"), ("BR", "America/Sao_Paulo"), ("IN", "Asia/Kolkata"))


def populate(url: str, playbook: Playbook | None) -> None:
    """Store the people, each with a consent and some deeds; with a playbook, make it live."""
    with open_session(url) as session:
        if playbook is not None:
            session.add(PlaybookVersion(hash=playbook.hash, files=dict(playbook.files), created_at=JOINED, created_by="test"))
            session.flush()
            session.add(PlaybookApplication(hash=playbook.hash, applied_at=JOINED, applied_by="test"))
        people = [ada(), kenji(), maya(), *(a_lead(country=country, zone=zone, seniority="manager") for country, zone in PLACES * 2)]
        session.add_all(people)
        session.flush()
        session.add_all([a_consent(lead) for lead in people])
        session.add_all([each for lead in people for each in _deeds(lead)])
        session.commit()


def _deeds(lead: Lead) -> list[Event]:
    assert lead.id is not None, "just stored"
    days = range(1, 2 + lead.id % 4)
    return [an_event(lead, "page_viewed", NOW - timedelta(days=day, hours=1), path="/pricing") for day in days]
